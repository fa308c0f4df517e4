"""Who is on duty at a moment, and who is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from notifier.database import db
from webapp.clock import written
from webapp.roster.models import DutySwap, DutyTurn, Roster
from webapp.staff.models import School, StaffMember


@dataclass(frozen=True, slots=True)
class Watch:
    """A turn as it falls on one day: with whoever stands in."""

    turn: DutyTurn
    day: date
    name: str  # empty: nobody
    phone: str
    stands_in: bool
    staff_id: int | None = None  # whose account it is, where that is known

    @property
    def hours(self) -> str:
        return f"{written(self.turn.starts)}–{written(self.turn.ends)}"

    @property
    def until(self) -> str:
        return written(self.turn.ends)


def turns_of(school_id: int) -> Sequence[DutyTurn]:
    """List the turns of the week, in its order."""
    return db.session.scalars(
        select(DutyTurn)
        .where(DutyTurn.school_id == school_id)
        .order_by(DutyTurn.weekday, DutyTurn.starts, DutyTurn.name, DutyTurn.id)
        .options(joinedload(DutyTurn.staff))
    ).all()


def turn_of(school_id: int, number: int) -> DutyTurn | None:
    return db.session.scalar(select(DutyTurn).where(DutyTurn.id == number, DutyTurn.school_id == school_id))


def watches_on(school: School, day: date) -> list[Watch]:
    """List the turns of one day, those who stand in in place of those they stand in for."""
    turns = db.session.scalars(
        select(DutyTurn)
        .where(DutyTurn.school_id == school.id, DutyTurn.weekday == day.weekday())
        .order_by(DutyTurn.starts, DutyTurn.name, DutyTurn.id)
        .options(selectinload(DutyTurn.swaps.and_(DutySwap.day == day)))
        .execution_options(populate_existing=True)
    )
    return [_watch(turn, day) for turn in turns]


def _watch(turn: DutyTurn, day: date) -> Watch:
    for swap in turn.swaps:
        if swap.day == day:
            return Watch(turn, day, swap.name, swap.phone, stands_in=True, staff_id=swap.staff_id)
    return Watch(turn, day, turn.name, turn.phone, stands_in=False, staff_id=turn.staff_id)


def on_duty(school: School, now: datetime) -> list[Watch]:
    """List who is on duty at this moment; the administration first, for it answers the phone."""
    local = now.astimezone(school.zone)
    minute = local.hour * 60 + local.minute
    present = [
        watch
        for watch in watches_on(school, local.date())
        if watch.name and watch.turn.starts <= minute < watch.turn.ends
    ]
    return sorted(present, key=lambda watch: watch.turn.roster != Roster.ADMINISTRATION)


def whom_to_call(school: School, now: datetime) -> tuple[str, str]:
    """Name the person on duty and their number; without one, nobody ("") and the school's number."""
    for watch in on_duty(school, now):
        if watch.phone and watch.turn.roster == Roster.ADMINISTRATION:
            return watch.name, watch.phone
    return "", school.phone


def who_answers(school: School, now: datetime) -> StaffMember | None:
    """Find the account of who is on duty and sees all families: what a parent asks now is theirs to do."""
    for watch in on_duty(school, now):
        person = db.session.get(StaffMember, watch.staff_id) if watch.staff_id else None
        if person and person.active and person.school_id == school.id and person.sees_whole_school:
            return person
    return None


def has_numbers(school_id: int) -> bool:
    """Whether the roster has anybody a family can call."""
    numbers = select(DutyTurn.id).where(
        DutyTurn.school_id == school_id, DutyTurn.roster == Roster.ADMINISTRATION, DutyTurn.phone != ""
    )
    return db.session.scalar(numbers.limit(1)) is not None


def swaps_from(school_id: int, day: date) -> Sequence[DutySwap]:
    """List who stands in from this day on."""
    return db.session.scalars(
        select(DutySwap)
        .join(DutySwap.turn)
        .where(DutyTurn.school_id == school_id, DutySwap.day >= day)
        .order_by(DutySwap.day, DutyTurn.starts, DutySwap.id)
        .options(joinedload(DutySwap.turn))
        .limit(100)
    ).all()


def next_day(turn: DutyTurn, today: date) -> date:
    """Say on which day a turn falls next, today included."""
    return today + timedelta(days=(turn.weekday - today.weekday()) % 7)
