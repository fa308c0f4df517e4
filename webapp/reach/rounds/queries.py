"""Which rounds a person may open, and what became of their rows."""

from __future__ import annotations

from collections.abc import Collection

from flask import abort
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from notifier.database import db
from webapp.families.models import Family, Guardian, Pupil
from webapp.families.queries import families_seen_by
from webapp.reach.models import ContactLog
from webapp.reach.rounds.models import Round, RoundRow
from webapp.staff.models import StaffMember


def rounds_of(person: StaffMember) -> Select[tuple[Round]]:
    """Select the rounds of the school, or those this person made, the latest first."""
    query = select(Round).where(Round.school_id == person.school_id).options(joinedload(Round.staff))
    if not person.sees_whole_school:
        query = query.where(Round.staff_id == person.id)
    return query.order_by(Round.made_at.desc(), Round.id.desc())


def round_of(person: StaffMember, number: int) -> Round:
    """Return the round if this person may open it; else 404."""
    return db.session.scalar(rounds_of(person).where(Round.id == number)) or abort(404)


def rows_of(person: StaffMember, a_round: Round) -> list[RoundRow]:
    """List the rows in the order of the paper, with all that stands on it; of families this person sees."""
    query = (
        select(RoundRow)
        .where(RoundRow.round_id == a_round.id)
        .options(
            joinedload(RoundRow.family).options(
                selectinload(Family.pupils).joinedload(Pupil.school_class),
                selectinload(Family.guardians).selectinload(Guardian.contacts),
            )
        )
        .order_by(RoundRow.position)
    )
    if not person.sees_whole_school:
        query = query.where(RoundRow.family_id.in_(families_seen_by(person)))
    return list(db.session.scalars(query))


def noted(a_round: Round, rows: Collection[RoundRow]) -> dict[str, ContactLog]:
    """Find what was typed before, by the rows' tokens."""
    logs = db.session.scalars(
        select(ContactLog)
        .where(ContactLog.school_id == a_round.school_id, ContactLog.token.in_([row.token for row in rows]))
        .options(joinedload(ContactLog.staff))
    )
    return {log.token: log for log in logs}


def sizes(rounds: Collection[Round]) -> dict[int, int]:
    """Count the families of each round."""
    return dict(
        db.session.execute(
            select(RoundRow.round_id, func.count())
            .where(RoundRow.round_id.in_([each.id for each in rounds]))
            .group_by(RoundRow.round_id)
        )
        .tuples()
        .all()
    )
