"""What the person who looks after an installation does: set up, people, a look at its health."""
