"""All that a family was told and all that was tried, with its evidence."""
