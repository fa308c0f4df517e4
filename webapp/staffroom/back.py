"""Take a notice for the staff back, set it right, use it again; as `announcements.back` does for families."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from notifier import outbox
from notifier.database import db
from notifier.models import Delivery, State
from webapp.announcements.back.again import SETS_RIGHT
from webapp.announcements.models import Announcement
from webapp.announcements.money import budget
from webapp.staff import audit
from webapp.staff.models import School, StaffMember
from webapp.staffroom.models import Kind, StaffCopy, StaffNotice
from webapp.staffroom.wording import write_text

# These never left, unless a provider had accepted them before.
STAYED = (State.CANCELLED, State.FAILED, State.SUPPRESSED, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What came of it, in people; `first` is False when somebody had taken it back before."""

    not_told: int  # it only stood on their page, or their message had not left
    told: int  # their message had left, or may have; or they had said they read it
    first: bool = True


def take_back(notice: StaffNotice, now: datetime, by: StaffMember) -> TakenBack:
    """Stop a notice, in the caller's transaction: what waits is cancelled, and costs nothing.

    On everybody's page it stays, as taken back, and waits for nobody's reading any more.
    """
    announcement = notice.announcement
    ours = db.session.execute(
        update(Announcement)
        .where(
            Announcement.id == announcement.id,
            Announcement.published_at.is_not(None),
            Announcement.taken_back_at.is_(None),
        )
        .values(taken_back_at=now, taken_back_by_id=by.id)
        .execution_options(synchronize_session=False)
        .returning(Announcement.id)
    ).scalar_one_or_none()
    if ours is not None:
        _cancel(announcement, now)
    db.session.expire_all()
    found = counted(announcement, first=ours is not None)
    if found.first:
        detail = {"people": found.not_told, "already_sent": found.told}
        audit.record("staff_notice.taken_back", f"announcement {announcement.id}", detail, by, now)
    return found


def _cancel(announcement: Announcement, now: datetime) -> None:
    posted = select(StaffCopy.delivery_id).where(
        StaffCopy.announcement_id == announcement.id, StaffCopy.delivery_id.is_not(None)
    )
    cancelled = outbox.cancel(filter(None, db.session.scalars(posted)), now)
    parts = select(func.sum(Delivery.segments)).where(Delivery.id.in_(cancelled), Delivery.channel == "sms")
    budget.give_back(announcement, db.session.scalar(parts) or 0, {})


def counted(announcement: Announcement, *, first: bool = False) -> TakenBack:
    """Count who had been told when a notice was taken back."""
    stayed = Delivery.id.is_(None) | (Delivery.state.in_(STAYED) & Delivery.accepted_at.is_(None))
    people, not_told = db.session.execute(
        select(func.count(), func.count().filter(stayed & StaffCopy.read_at.is_(None)))
        .select_from(StaffCopy)
        .outerjoin(StaffCopy.delivery)
        .where(StaffCopy.announcement_id == announcement.id)
    ).one()
    return TakenBack(not_told, people - not_told, first)


def use_again(
    first: StaffNotice, person: StaffMember, now: datetime, *, corrects: bool = False
) -> StaffNotice:
    """Write the same down as a new draft; one that sets the first right begins so, for the same people."""
    announcement, school = first.announcement, db.session.get_one(School, person.school_id)
    # A webinar that is over has no hour any more: its author chooses another.
    coming = bool(first.starts_at and first.starts_at > now)
    draft = Announcement(
        school_id=person.school_id,
        author_id=person.id,
        kind=announcement.kind,
        urgent=announcement.urgent,
        corrects_id=announcement.id if corrects else None,
        created_at=now,
    )
    notice = StaffNotice(
        announcement=draft,
        kind=Kind(first.kind),
        everybody=first.everybody,
        roles=list(first.roles),
        associations=list(first.associations),
        words_ky=_begun(first.words_ky, "ky", corrects),
        words_ru=_begun(first.words_ru, "ru", corrects),
        starts_at=first.starts_at if coming else None,
        platform=first.platform,
        link=first.link,
        code=first.code,
        sends=first.sends,
    )
    write_text(notice, draft, school)
    db.session.add(notice)
    db.session.flush()
    return notice


def _begun(words: str, language: str, corrects: bool) -> str:
    if not (words and corrects):
        return words
    return SETS_RIGHT[language] + words.removeprefix(SETS_RIGHT[language])
