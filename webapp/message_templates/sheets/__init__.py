"""Sending from a spreadsheet: each family gets what its row says."""
