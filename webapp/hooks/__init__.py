"""What providers call: receipts and inbound messages."""
