"""Who was reached, and how far."""
