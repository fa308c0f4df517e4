"""Which announcements somebody may see: their drafts, and what was sent to families of theirs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from notifier.database import db
from webapp.announcements.kinds import PERSONAL, STAFF
from webapp.announcements.models import Announcement, AnnouncementClass
from webapp.announcements.own_texts import SHEET
from webapp.announcements.recipients import Recipient, RecipientPupil
from webapp.families.models import SchoolClass
from webapp.staff.models import School, StaffMember

# Nobody sends the same text to more classes one by one in a day.
MOST_ALIKE = 12
# What goes by itself is all listed; nobody has more of it.
MOST_TO_GO = 50
# Written and looked over elsewhere: the composer opens none of them.
ELSEWHERE = frozenset({STAFF, SHEET})


def own_draft(person: StaffMember, announcement_id: int, *, hold: bool = False) -> Announcement | None:
    """Find a draft of this person, or what they have sent under that number.

    `hold`: as it stands when nobody else changes or sends it, which nobody does then before the caller's end.
    """
    query = (
        select(Announcement)
        .where(
            Announcement.id == announcement_id,
            Announcement.school_id == person.school_id,
            Announcement.author_id == person.id,
            Announcement.kind.not_in(ELSEWHERE),
        )
        .options(selectinload(Announcement.classes))
    )
    if hold:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


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


def set_right_among(announcement_ids: Collection[int]) -> set[int]:
    """Which of these announcements something else was said in place of."""
    found = select(Announcement.corrects_id).where(
        Announcement.corrects_id.in_(announcement_ids), Announcement.published_at.is_not(None)
    )
    return {number for number in db.session.scalars(found) if number is not None}


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
