"""Make a round: choose the families, put them into the order of the way, and give each a code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from notifier.database import db
from webapp.families.models import Family, SchoolClass
from webapp.families.names import fold
from webapp.reach.board.cards import children_of
from webapp.reach.board.kinds import Asked, Show
from webapp.reach.board.queries import board
from webapp.reach.models import Means
from webapp.reach.rounds.codes import codes
from webapp.reach.rounds.models import Order, Round, RoundRow
from webapp.reach.rounds.streets import place_of
from webapp.staff.models import StaffMember

# Two days' way, and no more than a phone loads when the results are typed.
MOST_ON_A_LIST = 40
SHOWS: Sequence[Show] = (
    Show.UNREACHED,
    Show.DUE,
    Show.MINE,
    Show.NO_ADDRESS,
    Show.SWITCHED_OFF,
    Show.NO_PHONE,
)


def made_before(person: StaffMember, token: str) -> Round | None:
    """Find the round this form has made."""
    return db.session.scalar(select(Round).filter_by(school_id=person.school_id, token=token))


def make_round(
    person: StaffMember,
    asked: Asked,
    school_class: SchoolClass | None,
    order: Order,
    means: Means,
    token: str,
    now: datetime,
) -> Round | None:
    """Store a list of the families asked for, in the caller's transaction; None when there is nobody.

    The longest unreached, as many as a list holds; then in the order one walks or calls.
    """
    families = [
        family for family, _ in db.session.execute(board(person, asked, now).limit(MOST_ON_A_LIST)).tuples()
    ]
    if not families:
        return None
    placed = sorted(
        ((_key(family, order), _heading(family, order), family) for family in families), key=_first
    )
    made = Round(
        school_id=person.school_id,
        staff_id=person.id,
        token=token,
        means=means,
        order=order,
        scope=school_class.name if school_class else "",
        made_at=now,
    )
    for position, ((_, heading, family), code) in enumerate(
        zip(placed, codes(len(placed), f"{person.school_id}:{token}"), strict=True), start=1
    ):
        made.rows.append(RoundRow(position=position, family_id=family.id, code=code, place=heading[:120]))
    db.session.add(made)
    db.session.flush()
    return made


def how_many(person: StaffMember, asked: Asked, now: datetime) -> int:
    """Say how many families a list of these would be made from."""
    return len(db.session.execute(board(person, asked, now).limit(MOST_ON_A_LIST + 1)).all())


def _first(placed: tuple[tuple[object, ...], str, Family]) -> tuple[object, ...]:
    return placed[0]


def _key(family: Family, order: Order) -> tuple[object, ...]:
    child = children_of(family)[0]
    if order == Order.CLASS:
        return (child.school_class.grade, fold(child.school_class.letter), fold(child.name), family.id)
    return (*place_of(family.address).sort_key, fold(child.name), family.id)


def _heading(family: Family, order: Order) -> str:
    return (
        children_of(family)[0].school_class.name if order == Order.CLASS else place_of(family.address).street
    )
