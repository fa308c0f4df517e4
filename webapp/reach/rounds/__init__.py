"""Rounds on foot: a list on paper to take along, and its results typed back in the same order."""
