"""What the pages of the staff's notices ask the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, update
from sqlalchemy.orm import contains_eager

from notifier.database import db
from notifier.message import Fault
from notifier.models import Delivery, State
from webapp.announcements.kinds import STAFF
from webapp.announcements.models import Announcement
from webapp.announcements.reasons import left_in_doubt
from webapp.staff.models import KEEPERS, StaffMember
from webapp.staffroom.models import Kind, StaffCopy, StaffNotice


class Stand(StrEnum):
    """How one person stands with a notice; in the order in which the sender should look."""

    FAILED = "failed"  # sent, and not arrived
    STOPPED = "stopped"  # taken back before it left
    UNKNOWN = "unknown"  # maybe arrived: only the person can say
    ON_PAGE = "on_page"  # was not sent: it waits on the person's page
    CHECKING = "checking"  # maybe arrived: the provider is being asked
    WAITING = "waiting"  # on its way
    SENT = "sent"  # gone, and nobody tells whether it arrived
    DELIVERED = "delivered"
    READ = "read"  # the person said so


@dataclass(frozen=True, slots=True)
class Count:
    """How many people of one notice stand where."""

    by_stand: Counter[Stand]

    @property
    def people(self) -> int:
        return self.by_stand.total()

    @property
    def read(self) -> int:
        return self.by_stand[Stand.READ]

    def __getitem__(self, stand: Stand) -> int:
        return self.by_stand[stand]


def stand() -> ColumnElement[str]:
    """The Stand of a StaffCopy outer-joined to its Delivery; that a mailbox has a letter, no server tells."""
    return case(
        (StaffCopy.read_at.is_not(None), Stand.READ.value),
        (StaffCopy.delivery_id.is_(None), Stand.ON_PAGE.value),
        (Delivery.state.in_([State.PENDING, State.SENDING]), Stand.WAITING.value),
        (Delivery.state == State.UNCERTAIN, Stand.CHECKING.value),
        (
            or_(
                Delivery.state == State.NEEDS_HUMAN,
                and_(Delivery.state == State.CANCELLED, left_in_doubt()),
                and_(Delivery.state == State.UNDELIVERED, Delivery.fault == Fault.MAY_HAVE_ARRIVED),
            ),
            Stand.UNKNOWN.value,
        ),
        ((Delivery.state == State.DELIVERED) & (Delivery.channel != "email"), Stand.DELIVERED.value),
        (Delivery.state.in_([State.ACCEPTED, State.DELIVERED]), Stand.SENT.value),
        (Delivery.state == State.CANCELLED, Stand.STOPPED.value),
        else_=Stand.FAILED.value,
    )


def unread_of(person: StaffMember) -> Select[tuple[StaffCopy]]:
    """Select what this person has not said they have read, the newest first."""
    return inbox_of(person).where(StaffCopy.read_at.is_(None), Announcement.taken_back_at.is_(None))


def inbox_of(person: StaffMember) -> Select[tuple[StaffCopy]]:
    """Select what was written to this person: unread first, then the newest."""
    return (
        select(StaffCopy)
        .join(StaffCopy.announcement)
        .where(StaffCopy.staff_id == person.id, Announcement.school_id == person.school_id)
        .options(contains_eager(StaffCopy.announcement).joinedload(Announcement.author))
        .order_by(StaffCopy.read_at.is_not(None), Announcement.published_at.desc(), StaffCopy.id.desc())
    )


def copy_for(person: StaffMember, number: int) -> StaffCopy | None:
    """Find this person's copy of a notice."""
    return db.session.scalar(inbox_of(person).where(StaffCopy.announcement_id == number))


def mark_read(copy: StaffCopy, now: datetime) -> bool:
    """Note that the person has read it; False when they had said so before."""
    done = db.session.execute(
        update(StaffCopy)
        .where(StaffCopy.id == copy.id, StaffCopy.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
        .returning(StaffCopy.id)
    ).scalar_one_or_none()
    return done is not None


def own_notice(person: StaffMember, number: int, *, hold: bool = False) -> StaffNotice | None:
    """Find a notice this person wrote, sent or not; `hold`: as `announcements.queries.own_draft` does."""
    query = _notices(person).where(Announcement.id == number, Announcement.author_id == person.id)
    if hold:
        query = query.with_for_update(of=Announcement).execution_options(populate_existing=True)
    return db.session.scalar(query)


def notice_with_token(person: StaffMember, token: str) -> StaffNotice | None:
    """Find what this form has made before."""
    return db.session.scalar(_notices(person).where(Announcement.token == token))


def drafts_by(person: StaffMember, limit: int = 5) -> list[StaffNotice]:
    """List what this person began and has not sent, the latest first."""
    return list(
        db.session.scalars(
            _notices(person)
            .where(Announcement.author_id == person.id, Announcement.published_at.is_(None))
            .order_by(Announcement.id.desc())
            .limit(limit)
        )
    )


def sent_notices(person: StaffMember) -> Select[tuple[StaffNotice]]:
    """Select the notices whose fate this person may see, the latest first: the administration's is all."""
    query = (
        _notices(person)
        .where(Announcement.published_at.is_not(None), StaffNotice.kind != Kind.REMINDER)
        .order_by(Announcement.published_at.desc(), Announcement.id.desc())
    )
    return query if person.may(KEEPERS) else query.where(Announcement.author_id == person.id)


def sent_notice(person: StaffMember, number: int) -> StaffNotice | None:
    return db.session.scalar(sent_notices(person).where(Announcement.id == number))


def _notices(person: StaffMember) -> Select[tuple[StaffNotice]]:
    return (
        select(StaffNotice)
        .join(StaffNotice.announcement)
        .where(Announcement.school_id == person.school_id, Announcement.kind == STAFF)
        .options(contains_eager(StaffNotice.announcement).joinedload(Announcement.author))
    )


def copies_of(number: int) -> Select[tuple[StaffCopy, str]]:
    """Select everybody's copy of a notice with how each stands, those to look at first."""
    where = stand().label("stand")
    rank = case({place.value: rank for rank, place in enumerate(Stand)}, value=where)
    return (
        select(StaffCopy, where)
        .outerjoin(StaffCopy.delivery)
        .join(StaffCopy.staff)
        .where(StaffCopy.announcement_id == number)
        .options(contains_eager(StaffCopy.delivery), contains_eager(StaffCopy.staff))
        .order_by(rank, StaffMember.name, StaffCopy.id)
    )


def counts_of(numbers: Collection[int]) -> dict[int, Count]:
    """Say for each notice how many people stand where."""
    where = stand().label("stand")
    rows = db.session.execute(
        select(StaffCopy.announcement_id, where, func.count())
        .outerjoin(StaffCopy.delivery)
        .where(StaffCopy.announcement_id.in_(numbers))
        .group_by(StaffCopy.announcement_id, where)
    ).tuples()
    found = {number: Count(Counter()) for number in numbers}
    for number, place, people in rows:
        found[number].by_stand[Stand(place)] = people
    return found
