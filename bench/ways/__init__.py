"""The usual ways to send many messages, each set up as well as its own documentation knows how."""
