"""What does not arrive climbs: to the next number, to e-mail, then to a person; each rung once."""
