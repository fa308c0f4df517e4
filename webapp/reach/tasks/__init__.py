"""What a person is to do for a family: who, and by when."""
