"""The search box above a list of families or children: what is typed in it, and the list cut down to that.

Every list is searched in the same way: by a child's or a parent's name in any letters, or by a part of a
number.
"""

from __future__ import annotations

from typing import Any, TypeVar

from flask import request
from flask_login import current_user
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute

from notifier.database import db
from webapp.families.search import LONGEST_TEXT, MOST_WORDS, matching_families
from webapp.families.search_key import search_key

Rows = TypeVar("Rows", bound=Select[Any])


def looked_for() -> str:
    """What was typed into the search box of the page that is asked for; "" when nothing was."""
    return " ".join(request.args.get("q", "").split())[:LONGEST_TEXT]


def found_in(query: Rows, family_id: InstrumentedAttribute[int] | ColumnElement[int], wanted: str) -> Rows:
    """Cut a list down to the families that are looked for; all of it when nobody is."""
    return query.where(family_id.in_(matching_families(current_user, wanted))) if wanted else query


def families_found(wanted: str) -> set[int]:
    """The families that are looked for, among those this person may see; for a list that is no query."""
    return set(db.session.scalars(matching_families(current_user, wanted)))


def is_called(name: str, wanted: str) -> bool:
    """Whether a name that is not in the database, such as one of a spreadsheet, is the one looked for."""
    key, words = search_key(name), search_key(wanted).split()[:MOST_WORDS]
    return bool(words) and all(word in key for word in words)
