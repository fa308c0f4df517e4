"""What may go with an announcement, and what is taken out of it first."""
