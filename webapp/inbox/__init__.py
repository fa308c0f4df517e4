"""What parents answer."""
