"""The drawn phones of practice mode."""
