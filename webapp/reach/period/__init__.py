"""The report of a period (clause 3.3.2): what was told, how far it came and what it cost, by class."""
