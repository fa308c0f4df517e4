"""Announcements whose text differs from phone to phone: what stands with them says what they are about.

It is a headline and never sent: whoever tells a family the same again takes the words of its own message.
"""

from __future__ import annotations

# Made of a template and a spreadsheet, row by row.
SHEET = "sheet"
# Before the number of its spreadsheet and when that came, in the token of such an announcement.
SHEET_PREFIX = "sheet:"
OWN_TEXTS = frozenset({"digest", "correction", SHEET})
