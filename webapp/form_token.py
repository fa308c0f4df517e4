"""The mark that a form carries, so that the same form sent twice is one thing.

What the house makes by itself has marks, too, with a colon in them: "digest:day:2026-11-25". A form never
gets one of those, for whoever took it first would keep the house from doing its work.
"""

from __future__ import annotations

import re
import secrets

LONGEST = 32

is_form_token = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST}}}").fullmatch


def form_token(given: str | None) -> str:
    """Return the mark a form came with; a new one for a new form, or for one whose mark nobody here made."""
    return given if given and is_form_token(given) else secrets.token_urlsafe(16)
