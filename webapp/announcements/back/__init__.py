"""What becomes of what was sent: taken back, set right, used again."""
