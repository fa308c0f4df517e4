"""The notices page of the school, for everybody: no login, no script, nobody's personal data."""
