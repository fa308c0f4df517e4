"""Where everybody begins: the one thing to do next, what else waits, what went out lately."""
