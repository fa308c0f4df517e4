"""HTML in a text: a phone would show the tags as they stand (pure)."""

from __future__ import annotations

import re

_TAGS = (
    "a abbr article b blockquote body br button center code div em font footer form h[1-6] head header hr "
    "html i iframe img input label li link meta object ol option p pre s script section select small span "
    "strong style sub sup svg table tbody td textarea th thead title tr u ul video xml o:p"
).replace(" ", "|")
_tag = re.compile(
    rf"</?(?:{_TAGS})(?:\s[^<>]{{0,300}})?/?>|<!--|<!doctype|&(?:nbsp|amp|lt|gt|quot|#\d{{1,5}});",
    re.IGNORECASE,
)


def tag_in(text: str) -> str:
    """Return the first tag in a text, to show it to its author; "" when there is none."""
    found = _tag.search(text)
    return found[0][:40] if found else ""
