"""What the announcement pages ask the tables."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from notifier.database import db
from notifier.models import Delivery, State
from webapp.announcements.kinds import PERSONAL, STAFF
from webapp.announcements.levels import REACHED, Standing, standing
from webapp.announcements.models import Announcement, AnnouncementClass, Recipient, RecipientPupil
from webapp.announcements.own_texts import SHEET
from webapp.families.models import Pupil, SchoolClass
from webapp.staff.models import School, StaffMember

# Nobody sends the same text to more classes one by one in a day.
MOST_ALIKE = 12
# What goes by itself is all listed; nobody has more of it.
MOST_TO_GO = 50
# Written and looked over elsewhere: the composer opens none of them.
ELSEWHERE = frozenset({STAFF, SHEET})


@dataclass(frozen=True, slots=True)
class Glance:
    """How many families of one announcement stand where."""

    counts: dict[Standing, int] = field(default_factory=dict)

    def __getitem__(self, wanted: Standing) -> int:
        return self.counts.get(wanted, 0)

    @property
    def families(self) -> int:
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        return self[Standing.WAITING]

    @property
    def sent(self) -> int:
        return self[Standing.SENT]

    @property
    def relayed(self) -> int:
        return self[Standing.RELAYED]

    @property
    def not_reached(self) -> int:
        return self[Standing.NOT_REACHED]

    @property
    def taken_back(self) -> int:
        return self[Standing.TAKEN_BACK]

    @property
    def reached(self) -> int:
        return sum(self[wanted] for wanted in REACHED)


def own_draft(person: StaffMember, announcement_id: int) -> Announcement | None:
    """Find a draft of this person, or what they have sent under that number."""
    return db.session.scalar(
        select(Announcement)
        .where(
            Announcement.id == announcement_id,
            Announcement.school_id == person.school_id,
            Announcement.author_id == person.id,
            Announcement.kind.not_in(ELSEWHERE),
        )
        .options(selectinload(Announcement.classes))
    )


def draft_with_token(person: StaffMember, token: str) -> Announcement | None:
    """Find what this form has made before."""
    return db.session.scalar(
        select(Announcement).where(
            Announcement.school_id == person.school_id,
            Announcement.token == token,
            Announcement.kind.not_in(ELSEWHERE),
        )
    )


def correction_begun(person: StaffMember, first: Announcement) -> Announcement | None:
    """Find the draft in which this person has begun to set an announcement right."""
    return db.session.scalar(
        select(Announcement).where(
            Announcement.school_id == person.school_id,
            Announcement.corrects_id == first.id,
            Announcement.author_id == person.id,
            Announcement.published_at.is_(None),
        )
    )


def corrected_by(first: Announcement) -> Announcement | None:
    """Find what was sent last to set an announcement right."""
    return db.session.scalar(
        select(Announcement)
        .where(Announcement.corrects_id == first.id, Announcement.published_at.is_not(None))
        .order_by(Announcement.published_at.desc())
        .limit(1)
    )


def drafts_of(person: StaffMember, limit: int = 5) -> list[Announcement]:
    """List what goes by itself, the soonest first, and then what this person began last and has not sent."""
    goes = Announcement.goes_at.is_not(None)
    rank = func.row_number().over(partition_by=goes, order_by=Announcement.id.desc())
    own = (
        select(Announcement.id, goes.label("goes"), rank.label("rank"))
        .where(
            Announcement.school_id == person.school_id,
            Announcement.author_id == person.id,
            Announcement.published_at.is_(None),
            Announcement.kind != STAFF,
        )
        .subquery()
    )
    return list(
        db.session.scalars(
            select(Announcement)
            .join(own, own.c.id == Announcement.id)
            .where(or_(and_(own.c.goes, own.c.rank <= MOST_TO_GO), own.c.rank <= limit))
            .options(selectinload(Announcement.classes))
            .order_by(Announcement.goes_at.is_(None), Announcement.goes_at, Announcement.id.desc())
        )
    )


def sent_announcement(person: StaffMember, announcement_id: int) -> Announcement | None:
    """Find a sent announcement that concerns a class this person sees."""
    return db.session.scalar(
        _sent_and_seen_by(person)
        .where(Announcement.id == announcement_id)
        .options(selectinload(Announcement.classes), joinedload(Announcement.author))
    )


def sent_announcements(person: StaffMember) -> Select[tuple[Announcement]]:
    """Select the announcements that concern the classes this person sees, the latest first.

    Not what the school and single families write to each other: that is in the inbox.
    """
    return (
        _sent_and_seen_by(person)
        .where(Announcement.kind.not_in(PERSONAL))
        .options(selectinload(Announcement.classes), joinedload(Announcement.author))
        .order_by(Announcement.published_at.desc(), Announcement.id.desc())
    )


def _sent_and_seen_by(person: StaffMember) -> Select[tuple[Announcement]]:
    query = select(Announcement).where(
        Announcement.school_id == person.school_id,
        Announcement.published_at.is_not(None),
        Announcement.kind != STAFF,
    )
    if person.sees_whole_school:
        return query
    return query.where(
        Announcement.id.in_(
            select(AnnouncementClass.announcement_id)
            .join(SchoolClass, SchoolClass.id == AnnouncementClass.class_id)
            .where(SchoolClass.teacher_id == person.id, SchoolClass.school_id == person.school_id)
        )
    )


def seen_copies(person: StaffMember) -> ColumnElement[bool] | None:
    """A class teacher sees the copies that name a pupil of theirs; None when all are seen."""
    if person.sees_whole_school:
        return None
    # Asked of each copy at hand: the copies of all years that name these pupils would be a long list.
    return (
        select(1)
        .select_from(RecipientPupil)
        .join(Pupil, Pupil.id == RecipientPupil.pupil_id)
        .join(SchoolClass, SchoolClass.id == Pupil.class_id)
        .where(RecipientPupil.recipient_id == Recipient.id, SchoolClass.teacher_id == person.id)
        .correlate(Recipient)
        .exists()
    )


def glances(person: StaffMember, announcement_ids: Collection[int], now: datetime) -> dict[int, Glance]:
    """Say for each announcement how many families this person sees stand where."""
    where = standing(now).label("standing")
    query = (
        select(Recipient.announcement_id, where, func.count())
        .outerjoin(Recipient.delivery)
        .where(Recipient.announcement_id.in_(announcement_ids))
        .group_by(Recipient.announcement_id, where)
    )
    if (seen := seen_copies(person)) is not None:
        query = query.where(seen)
    found = {number: Glance({}) for number in announcement_ids}
    for number, place, families in db.session.execute(query):
        found[number].counts[Standing(place)] = families
    return found


def copies(
    person: StaffMember, announcement_id: int, only: Collection[Standing], now: datetime
) -> Select[tuple[Recipient, str]]:
    """Select the families' copies that stand in one of `only`, each with its standing, problems first."""
    where = standing(now).label("standing")
    rank = case({place.value: rank for rank, place in enumerate(Standing)}, value=where)
    query = (
        select(Recipient, where)
        .outerjoin(Recipient.delivery)
        .where(Recipient.announcement_id == announcement_id, where.in_([place.value for place in only]))
        .options(
            contains_eager(Recipient.delivery),
            joinedload(Recipient.guardian),
            selectinload(Recipient.pupils).joinedload(Pupil.school_class),
        )
        .order_by(rank, Recipient.id)
    )
    seen = seen_copies(person)
    return query if seen is None else query.where(seen)


def copy_of(person: StaffMember, announcement_id: int, family_id: int) -> Recipient | None:
    """Find the copy of one family, if this person may see it."""
    query = select(Recipient).where(
        Recipient.announcement_id == announcement_id, Recipient.family_id == family_id
    )
    if (seen := seen_copies(person)) is not None:
        query = query.where(seen)
    return db.session.scalar(query)


def held_until(announcement_id: int, waiting: int, now: datetime) -> datetime | None:
    """Say until when all that waits is held back by quiet hours; None when some of it may go, or went."""
    held, first = db.session.execute(
        select(func.count(), func.min(Delivery.not_before))
        .select_from(Recipient)
        .join(Recipient.delivery)
        .where(
            Recipient.announcement_id == announcement_id,
            Delivery.state == State.PENDING,
            Delivery.attempts == 0,
            Delivery.not_before > now,
        )
    ).one()
    return first if held >= waiting else None


def same_sent_today(
    announcement: Announcement, school: School, now: datetime, pupil_ids: Collection[int]
) -> Announcement | None:
    """Find the latest announcement that said the same of some of these children today."""
    today = datetime.combine(now.astimezone(school.zone).date(), time.min, school.zone).astimezone(UTC)
    same = [
        and_(Announcement.text_ky == announcement.text_ky, Announcement.text_ky != ""),
        and_(Announcement.text_ru == announcement.text_ru, Announcement.text_ru != ""),
    ]
    candidates = db.session.scalars(
        select(Announcement)
        .where(
            Announcement.school_id == school.id,
            Announcement.id != announcement.id,
            Announcement.published_at >= today,
            or_(*same),
        )
        .options(selectinload(Announcement.classes))
        .order_by(Announcement.published_at.desc())
        .limit(MOST_ALIKE)
    )
    pupils = set(pupil_ids)
    for candidate in candidates:
        # They are compared here: a school has a thousand, too many to name in a query.
        concerned = (
            select(RecipientPupil.pupil_id)
            .join(Recipient, Recipient.id == RecipientPupil.recipient_id)
            .where(Recipient.announcement_id == candidate.id)
        )
        if not pupils.isdisjoint(db.session.scalars(concerned)):
            return candidate
    return None
