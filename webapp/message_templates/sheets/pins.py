"""Whom the rows of a spreadsheet that goes later are about: settled when its hour was chosen.

A namesake who comes to the school meanwhile gets nobody's row; a child who left gets none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import gettext
from sqlalchemy import insert, select, update

from notifier.database import db
from webapp.message_templates.models import SheetRow
from webapp.message_templates.sheets.matching import Children, Matched
from webapp.message_templates.sheets.problems import Problem
from webapp.message_templates.sheets.rows import Line


def pin(announcement_id: int, line_of: dict[int, Line]) -> None:
    """Write down which row is about which child, in the caller's transaction."""
    rows = [
        {"announcement_id": announcement_id, "pupil_id": pupil_id, "number": line.number}
        for pupil_id, line in line_of.items()
    ]
    if rows:
        db.session.execute(insert(SheetRow), rows)


def pinned(lines: Iterable[Line], announcement_id: int, children: Children) -> Matched:
    """Find the children again whom the rows were about; those whom their author no longer sees are `gone`."""
    by_number = {line.number: line for line in lines}
    here = {child.pupil_id for family in children.by_family.values() for child in family}
    matched = Matched()
    for number, pupil_id in db.session.execute(
        select(SheetRow.number, SheetRow.pupil_id)
        .where(SheetRow.announcement_id == announcement_id)
        .order_by(SheetRow.number, SheetRow.pupil_id)
    ):
        if pupil_id in here:
            matched.line_of[pupil_id] = by_number[number]
            continue
        matched.gone.add(pupil_id)
        sentence = gettext("This child is no longer in a class you write to: the row is not sent.")
        matched.looks.append(Problem(number, None, sentence))
    return matched


def keep_to_say(announcement_id: int, texts: Mapping[int, str]) -> None:
    """Keep what families without an address are to be told, by pupil."""
    rows = [
        {"announcement_id": announcement_id, "pupil_id": pupil_id, "in_person": said}
        for pupil_id, said in texts.items()
    ]
    if rows:
        db.session.execute(update(SheetRow), rows)


def note_gone(announcement_id: int, pupil_ids: Iterable[int]) -> int:
    """Write down whose rows were not sent after all, and say how many rows that are."""
    numbers = db.session.scalars(
        update(SheetRow)
        .where(SheetRow.announcement_id == announcement_id, SheetRow.pupil_id.in_(list(pupil_ids)))
        .values(gone=True)
        .returning(SheetRow.number)
        .execution_options(synchronize_session=False)
    )
    return len(set(numbers))
