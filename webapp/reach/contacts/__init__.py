"""What takes place between people: calls, visits, talks, each written down once."""
