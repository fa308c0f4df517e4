"""The text of a kind in each language, from what was answered to its questions. No database here."""

from __future__ import annotations

from webapp.announcements.desk import kyrgyz, russian
from webapp.announcements.desk.said import About, Said


def texts_of(kind: str, said: Said, about: About) -> dict[str, str]:
    """Write it; the teacher edits it, so every part is there as soon as it is said."""
    return {"ky": kyrgyz.write(kind, said, about), "ru": russian.write(kind, said, about)}
