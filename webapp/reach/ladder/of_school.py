"""A school's ladder: by what a family is tried next, and how long after the try before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import LazyString, lazy_gettext
from sqlalchemy import delete, insert, select

from notifier.database import db
from webapp.reach.models import BY_MACHINE, LadderRung, Means
from webapp.staff.models import School

MEANS_NAMES: dict[Means, LazyString] = {
    Means.NEXT_NUMBER: lazy_gettext("SMS to the next number"),
    Means.EMAIL: lazy_gettext("E-mail"),
    Means.CALL: lazy_gettext("A call by the class teacher"),
    Means.RELAY: lazy_gettext("Somebody near passes it on"),
    Means.VISIT: lazy_gettext("A visit"),
    Means.LESSON: lazy_gettext("Lessons at school"),
}
# More than a week is no next try, and nobody climbs so many rungs.
LONGEST = timedelta(days=14)
MOST_RUNGS = 10


@dataclass(frozen=True, slots=True)
class Rung:
    """What is tried, `after` the try before brought no receipt; a failure climbs at once."""

    position: int
    means: Means
    after: timedelta
    urgent_after: timedelta
    active: bool = True

    @property
    def by_machine(self) -> bool:
        return self.means in BY_MACHINE

    def wait(self, urgent: bool) -> timedelta:
        return self.urgent_after if urgent else self.after


def _usual(position: int, means: Means, hours: float, urgent_minutes: int, active: bool = True) -> Rung:
    return Rung(position, means, timedelta(hours=hours), timedelta(minutes=urgent_minutes), active)


# Of a school that has said nothing else: a working day until somebody calls, two until somebody goes.
USUAL = (
    _usual(1, Means.NEXT_NUMBER, 3, 30),
    _usual(2, Means.EMAIL, 2, 15),
    _usual(3, Means.CALL, 3, 30),
    _usual(4, Means.RELAY, 24, 240),
    _usual(5, Means.VISIT, 24, 480),
    _usual(6, Means.LESSON, 72, 2880),
)


def ladder_of(school_id: int) -> Sequence[Rung]:
    """List the rungs of a school, from below; those it was given in the beginning when it has set none."""
    rows = db.session.scalars(
        select(LadderRung).where(LadderRung.school_id == school_id).order_by(LadderRung.position)
    ).all()
    own = [
        Rung(
            row.position,
            Means(row.means),
            timedelta(minutes=row.after_minutes),
            timedelta(minutes=row.urgent_after_minutes),
            row.active,
        )
        for row in rows
    ]
    return own or USUAL


def keep_ladder(school: School, rungs: Sequence[Rung]) -> bool:
    """Let a school climb by these rungs, in the caller's transaction; False when they are what it has."""
    rungs = [
        Rung(place, rung.means, rung.after, rung.urgent_after, rung.active)
        for place, rung in enumerate(rungs, 1)
    ]
    if list(ladder_of(school.id)) == rungs:
        return False
    db.session.execute(delete(LadderRung).where(LadderRung.school_id == school.id))
    db.session.execute(
        insert(LadderRung),
        [
            {
                "school_id": school.id,
                "position": rung.position,
                "means": rung.means,
                "after_minutes": int(rung.after.total_seconds()) // 60,
                "urgent_after_minutes": int(rung.urgent_after.total_seconds()) // 60,
                "active": rung.active,
            }
            for rung in rungs
        ],
    )
    return True
