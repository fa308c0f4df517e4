"""Orders and regulations, and who has been made familiar with them (clause 3.3.1)."""
