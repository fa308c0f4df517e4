"""What SMS cost, and what the month's limits leave.

Spent is what was ordered: the SMS parts of all announcements published since the month began in the school's
zone, times the price of a part as it is now. It is counted when an announcement is published and kept with
it, so that asking reads one row an announcement and none of its messages. A message about children of two
classes counts in full for each of them; an e-mail costs nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

from sqlalchemy import ColumnElement, Integer, Table, bindparam, func, select, update

from notifier.database import db
from webapp.announcements.audience.households import Envelope
from webapp.announcements.models import Announcement, AnnouncementClass
from webapp.announcements.render import Finished
from webapp.families.models import SchoolClass
from webapp.staff.models import School

# From here on everybody who writes is warned.
LOW = Decimal("0.8")

# One statement for all its classes, in the table's own words.
CHARGED = cast(Table, AnnouncementClass.__table__)
CHARGE_CLASS = (
    update(CHARGED)
    .where(
        CHARGED.c.announcement_id == bindparam("announcement"), CHARGED.c.class_id == bindparam("its_class")
    )
    .values(segments=CHARGED.c.segments + bindparam("more", type_=Integer))
)

Messages = Sequence[tuple[Envelope, Finished]]


@dataclass(frozen=True, slots=True)
class Purse:
    """A month's limit, of the school or of one class, and what is spent of it."""

    spent: Decimal
    limit: Decimal
    class_name: str = ""  # empty: the school's

    @property
    def left(self) -> Decimal:
        return max(self.limit - self.spent, Decimal(0))

    @property
    def percent(self) -> int:
        return int(100 * self.spent / self.limit) if self.limit else 100

    @property
    def is_low(self) -> bool:
        return self.spent >= LOW * self.limit

    def with_more(self, cost: Decimal) -> Purse:
        return Purse(self.spent + cost, self.limit, self.class_name)


def price_of(school: School, segments: int) -> Decimal | None:
    """Say what this many SMS parts cost; None while nobody has said what one does."""
    return None if school.sms_price is None else school.sms_price * segments


def month_of(school: School, now: datetime) -> str:
    """The month it is at the school, "2026-11"."""
    return f"{now.astimezone(school.zone):%Y-%m}"


def are_lifted(school: School, now: datetime) -> bool:
    """Say whether the director has lifted the limits for this month."""
    return school.limits_lifted_in == month_of(school, now)


def spent(school: School, now: datetime) -> Decimal:
    """Say what the school has spent this month; 0 while a part has no price."""
    parts = db.session.scalar(select(func.sum(Announcement.segments)).where(*_this_month(school, now)))
    return price_of(school, int(parts or 0)) or Decimal(0)


def spent_by_class(
    school: School, now: datetime, class_ids: Iterable[int] | None = None
) -> dict[int, Decimal]:
    """Say what each class has spent this month; a class that is not named has spent nothing."""
    query = (
        select(AnnouncementClass.class_id, func.sum(AnnouncementClass.segments))
        .join(Announcement, Announcement.id == AnnouncementClass.announcement_id)
        .where(*_this_month(school, now))
        .group_by(AnnouncementClass.class_id)
    )
    if class_ids is not None:
        query = query.where(AnnouncementClass.class_id.in_(list(class_ids)))
    rows = db.session.execute(query).tuples()
    return {class_id: price_of(school, int(parts)) or Decimal(0) for class_id, parts in rows}


def _this_month(school: School, now: datetime) -> tuple[ColumnElement[bool], ...]:
    first = now.astimezone(school.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Announcement.school_id == school.id, Announcement.published_at >= first.astimezone(UTC)


def purses(school: School, classes: Iterable[SchoolClass], now: datetime) -> dict[int | None, Purse]:
    """The limits that hold for announcements to these classes: by class id, the school's by None."""
    found: dict[int | None, Purse] = {}
    if school.sms_price is None:
        return found
    if school.monthly_limit is not None:
        found[None] = Purse(spent(school, now), school.monthly_limit)
    limited = {
        each.id: (each.name, limit) for each in classes if (limit := limit_of(school, each)) is not None
    }
    if limited:
        by_class = spent_by_class(school, now, limited)
        for class_id, (name, limit) in limited.items():
            found[class_id] = Purse(by_class.get(class_id, Decimal(0)), limit, name)
    return found


def limit_of(school: School, school_class: SchoolClass) -> Decimal | None:
    """The month's limit of a class: its own, else the one the school gives to each; None: no limit."""
    own = school_class.monthly_limit
    return own if own is not None else school.class_limit


def parts_by_class(messages: Messages) -> dict[int, int]:
    """Count the SMS parts of the messages that name a child of each class."""
    found: Counter[int] = Counter()
    for envelope, message in messages:
        children = envelope.children
        if len(children) == 1:
            found[children[0].class_id] += message.segments
            continue
        for class_id in {child.class_id for child in children}:
            found[class_id] += message.segments
    return found


def wait_for_others(school: School) -> None:
    """Let nobody else of the school publish until this transaction ends, where a limit must hold.

    Of two announcements that each fit what is left, but not together, the second sees what the first cost.
    Urgent ones don't wait and count once they commit: no limit holds them anyway. (SQLite has one writer.)
    """
    if school.monthly_limit is not None or school.class_limit is not None or _any_own_limit(school):
        # Not FOR UPDATE: rows that refer to the school may still be written.
        db.session.execute(select(School.id).filter_by(id=school.id).with_for_update(key_share=True))


def _any_own_limit(school: School) -> bool:
    limited = select(SchoolClass.id).where(
        SchoolClass.school_id == school.id, SchoolClass.monthly_limit.is_not(None)
    )
    return db.session.scalar(limited.limit(1)) is not None


def charge(announcement: Announcement, messages: Messages, sign: int = 1) -> None:
    """Keep with an announcement what these messages of it cost, for the school and for each class.

    With -1 as `sign` they were taken back before they left.
    """
    _book(announcement, sum(message.segments for _, message in messages), parts_by_class(messages), sign)


def give_back(announcement: Announcement, parts: int, by_class: Mapping[int, int]) -> None:
    """Take these SMS parts, which never left, from what an announcement costs the school and each class."""
    _book(announcement, parts, by_class, -1)


def _book(announcement: Announcement, parts: int, by_class: Mapping[int, int], sign: int) -> None:
    db.session.execute(
        update(Announcement)
        .where(Announcement.id == announcement.id)
        .values(segments=Announcement.segments + sign * parts)
        .execution_options(synchronize_session=False)
    )
    if by_class:
        db.session.connection().execute(
            CHARGE_CLASS,
            [
                {"announcement": announcement.id, "its_class": class_id, "more": sign * its_parts}
                for class_id, its_parts in sorted(by_class.items())
            ],
        )
