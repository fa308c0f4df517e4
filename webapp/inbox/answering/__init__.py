"""What the school answers by itself."""
