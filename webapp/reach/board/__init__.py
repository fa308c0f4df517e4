"""The board: the families nobody has reached, the longest first."""
