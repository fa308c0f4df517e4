"""The overview for those who decide."""
