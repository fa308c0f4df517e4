"""The demo school: №95 with invented people, to try everything on and to train staff with."""
