"""What an announcement is, where it is not a notice for whole classes."""

from __future__ import annotations

ANSWER = "answer"  # given by itself to whoever asked by SMS
REPLY = "reply"  # a member of staff to one family
NUMBER_CHECK = "number_check"  # "is this still the family of …?"
INVITATION = "invitation"  # to lessons at school: whom clause 1.5 concerns is not for every eye

# Between the school and single families: no list of announcements shows them, no ladder climbs after them.
PERSONAL = frozenset({ANSWER, REPLY, NUMBER_CHECK, INVITATION})
