"""What families answer: that they know, that the child is in touch by the hour; and who is reminded."""
