"""Take an announcement back: what has not left stays, and what has left is said exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import ColumnElement, and_, func, or_, select, true, update

from notifier import outbox
from notifier.database import db
from notifier.models import Delivery, State
from webapp.announcements.desk import orders
from webapp.announcements.levels import Level, level
from webapp.announcements.models import Announcement
from webapp.announcements.money import budget
from webapp.announcements.recipients import Climb, Recipient, RecipientPupil
from webapp.announcements.series import stop
from webapp.families.models import Pupil
from webapp.staff import audit
from webapp.staff.models import School, StaffMember


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What came of it; `first` is False when somebody had taken it back before."""

    families: int  # not told: their message had not left
    gone: int  # told: their message had left
    perhaps: int = 0  # nobody knows: their message was leaving at that moment
    first: bool = True

    @property
    def is_whole(self) -> bool:
        """Whether nobody has heard of it."""
        return not self.gone and not self.perhaps


# Whether these leave, or left, is not known yet.
LEAVING = (State.SENDING, State.UNCERTAIN, State.NEEDS_HUMAN)
# These never left, unless a provider had accepted them before.
STAYED = (State.CANCELLED, State.FAILED, State.SUPPRESSED, State.EXPIRED)


def take_back(announcement: Announcement, now: datetime, by: StaffMember | None) -> TakenBack:
    """Stop a published announcement, in the caller's transaction.

    1. Mark it: the ladder, its reminders and its hour end with that.
    2. Cancel every message of it and of its reminders that still waits; one that a worker has in hand, or a
       provider, is past taking back, but does not leave once more.
    3. Give back what the cancelled ones were to cost.
    4. Let what goes again on the next school day wait.
    """
    if not _marked(announcement, now, by):
        return replace(counted(announcement), first=False)
    withdraw(announcement, now)
    for reminder in db.session.scalars(
        select(Announcement).where(
            Announcement.reminds_of_id == announcement.id, Announcement.published_at.is_not(None)
        )
    ).all():
        if _marked(reminder, now, by):
            withdraw(reminder, now)
    stop(announcement, gettext("The one before it was taken back."))
    # Its hour: nobody is reminded, and nobody goes after those who did not keep it.
    if announcement.answer_by and announcement.answer_closed_at is None:
        announcement.answer_closed_at = now
    db.session.flush()
    found = counted(announcement)
    if found.is_whole:
        # Nobody has heard of the order: it never was.
        orders.unsay(announcement)
    school = db.session.get_one(School, announcement.school_id)
    detail = {"families": found.families, "already_sent": found.gone + found.perhaps}
    audit.record("announcement.taken_back", f"announcement {announcement.id}", detail, by, now, school=school)
    return found


def withdraw(announcement: Announcement, now: datetime, family_ids: Collection[int] | None = None) -> None:
    """Cancel what waits of an announcement, and let no copy climb: of these families, or of all."""
    # Whoever climbs for it holds this row, and has posted all it will when the row is free.
    db.session.execute(
        select(Announcement.id).where(Announcement.id == announcement.id).with_for_update(key_share=True)
    )
    theirs = [
        Recipient.announcement_id == announcement.id,
        true() if family_ids is None else Recipient.family_id.in_(family_ids),
    ]
    waiting = _cancelled(announcement, now, family_ids)
    by_class: Counter[int] = Counter()
    for segments, classes in _parts(list(waiting)):
        by_class.update(dict.fromkeys(classes, segments))
    budget.give_back(announcement, sum(waiting.values()), by_class)
    db.session.execute(
        update(Recipient).where(*theirs).values(climb_at=None).execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Recipient)
        .where(*theirs, *_not_told())
        .values(taken_back_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()


def _not_told() -> list[ColumnElement[bool]]:
    """That nothing of a copy has left, or may have, and that nobody told the family in person.

    So also of families without an address: nobody goes to them any more with what is taken back.
    """
    left = or_(Delivery.state.not_in(STAYED), Delivery.accepted_at.is_not(None))
    first = select(1).select_from(Delivery).where(Delivery.id == Recipient.delivery_id, left)
    # Of a family that was tried at several numbers, one that left is enough to have told it.
    climbed = (
        select(1)
        .select_from(Climb)
        .join(Delivery, Delivery.id == Climb.delivery_id)
        .where(Climb.recipient_id == Recipient.id, left)
    )
    return [
        Recipient.taken_back_at.is_(None),
        Recipient.spoken_at.is_(None),
        Recipient.acknowledged_at.is_(None),
        Recipient.relayed_at.is_(None),
        ~first.correlate(Recipient).exists(),
        ~climbed.correlate(Recipient).exists(),
    ]


def _marked(announcement: Announcement, now: datetime, by: StaffMember | None) -> bool:
    """Mark it as taken back unless it is; a conditional UPDATE waits for whoever else is doing it."""
    db.session.flush()
    marked = db.session.execute(
        update(Announcement)
        .where(
            Announcement.id == announcement.id,
            Announcement.published_at.is_not(None),
            Announcement.taken_back_at.is_(None),
        )
        .values(taken_back_at=now, taken_back_by_id=by.id if by else None)
        .execution_options(synchronize_session=False)
        .returning(Announcement.id)
    ).scalar_one_or_none()
    db.session.refresh(announcement)
    return marked is not None


def _cancelled(
    announcement: Announcement, now: datetime, family_ids: Collection[int] | None
) -> dict[int, int]:
    """Cancel the messages that wait, of every rung, and return their SMS parts by id.

    One that other families than these share goes to all of them.
    """
    of_it = Recipient.announcement_id == announcement.id
    tried = (
        select(Climb.delivery_id, Recipient.family_id)
        .join(Recipient, Recipient.id == Climb.recipient_id)
        .where(of_it, Climb.delivery_id.is_not(None))
    )
    carried = db.session.execute(
        select(Recipient.delivery_id, Recipient.family_id)
        .where(of_it, Recipient.delivery_id.is_not(None))
        .union(tried)
    ).tuples()
    cancelled = outbox.cancel(_only_theirs(carried, family_ids), now)
    return {
        id_: segments if channel == "sms" else 0
        for id_, segments, channel in db.session.execute(
            select(Delivery.id, Delivery.segments, Delivery.channel).where(Delivery.id.in_(cancelled))
        )
    }


def _only_theirs(carried: Iterable[tuple[int | None, int]], family_ids: Collection[int] | None) -> set[int]:
    """The messages that go to these families and to no other; `carried` names the families of each."""
    theirs, others = set[int](), set[int]()
    for delivery_id, family_id in carried:
        if delivery_id is not None:
            (theirs if family_ids is None or family_id in family_ids else others).add(delivery_id)
    return theirs - others


def _parts(ids: Collection[int]) -> list[tuple[int, set[int]]]:
    """List the SMS parts of each of these messages, and the classes whose children it names."""
    classes: dict[int, set[int]] = {}
    segments: dict[int, int] = {}
    tried = (
        select(Climb.recipient_id, Climb.delivery_id)
        .where(Climb.delivery_id.in_(ids))
        .union(select(Recipient.id, Recipient.delivery_id).where(Recipient.delivery_id.in_(ids)))
        .subquery()
    )
    for id_, parts, class_id in db.session.execute(
        select(Delivery.id, Delivery.segments, Pupil.class_id)
        .join(tried, tried.c.delivery_id == Delivery.id)
        .join(RecipientPupil, RecipientPupil.recipient_id == tried.c.recipient_id)
        .join(Pupil, Pupil.id == RecipientPupil.pupil_id)
        .where(Delivery.channel == "sms")
        .distinct()
    ):
        segments[id_] = parts
        classes.setdefault(id_, set()).add(class_id)
    return [(segments[id_], found) for id_, found in classes.items()]


def counted(announcement: Announcement) -> TakenBack:
    """Count the families that were not told, those that were, and those of whom nobody knows."""
    told = level() >= int(Level.SENT)
    families, gone, perhaps = db.session.execute(
        select(
            func.count(Recipient.taken_back_at),
            func.count().filter(told),
            func.count().filter(and_(~told, Recipient.taken_back_at.is_(None), Delivery.state.in_(LEAVING))),
        )
        .select_from(Recipient)
        .outerjoin(Recipient.delivery)
        .where(Recipient.announcement_id == announcement.id)
    ).one()
    return TakenBack(families, gone, perhaps)
