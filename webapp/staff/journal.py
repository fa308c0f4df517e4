"""The audit in words: what a person reads on its page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from webapp.staff.audit import ACTION_NAMES, DECISION_NAMES, DETAIL_NAMES
from webapp.staff.models import ROLE_NAMES, AuditEntry, Role

_numbered = re.compile(r"(announcement|document|family|message) (\d+)")


@dataclass(frozen=True, slots=True)
class Told:
    what: str
    subject: str
    details: list[str]
    message: int | None = None  # the one it is about: whose that is, the page asks those who know families


def told(entry: AuditEntry) -> Told:
    """Put an entry in words; what nobody has words for is shown as it stands there."""
    what = str(ACTION_NAMES.get(entry.action, entry.action))
    subject = ", ".join(filter(None, map(_subject, entry.subject.split(", "))))
    about = _numbered.fullmatch(entry.subject)
    message = int(about[2]) if about and about[1] == "message" else None
    return Told(what, subject, list(_details(entry.detail)), message)


def _subject(piece: str) -> str:
    numbered = _numbered.fullmatch(piece)
    if not numbered:
        # The action has said it already.
        return "" if piece == "class list" else piece
    sentence: str = {
        "announcement": gettext("Announcement %(number)s", number=numbered[2]),
        "document": gettext("Document %(number)s", number=numbered[2]),
        "family": gettext("Family %(number)s", number=numbered[2]),
        "message": gettext("Message %(number)s", number=numbered[2]),
    }[numbered[1]]
    return sentence


def _details(detail: dict[str, Any]) -> Iterator[str]:
    """Say what there is to say: a count of nothing and a "no" are left out."""
    for key, value in detail.items():
        name = str(DETAIL_NAMES.get(key, key))
        if key == "decision":
            yield f"{name}: {DECISION_NAMES.get(value, value)}"
        elif value is True:
            yield name
        elif isinstance(value, list) and value:
            yield f"{name}: {', '.join(map(_word, value))}"
        elif value not in (None, 0, "", [], {}):
            yield f"{name}: {_word(value)}"


def _word(value: Any) -> str:
    return str(ROLE_NAMES[Role(value)]) if value in set(Role) else str(value)
