"""How fast Kabarchy is, side by side with the usual ways, in one run: `make bench`."""
