"""The school itself: what its messages look like, and what they may cost."""
