"""The delivery engine: knows addresses and texts, knows no school."""
