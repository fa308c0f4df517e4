"""What a person tells of a call or a visit: taken once, and not over the head of a colleague."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from notifier.database import db
from webapp.announcements.levels import Level, level
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient
from webapp.families.models import Family, Guardian, GuardianContact
from webapp.reach.contacts.note import note_contact, settle_also
from webapp.reach.models import ContactLog, FollowUp, FollowUpState, Means, Outcome
from webapp.staff.models import StaffMember

NOON = time(12)


@dataclass(frozen=True, slots=True)
class Talk:
    """One contact as a form tells it. `everything`: all that the family had not heard, beside the tasks."""

    token: str
    means: Means
    outcome: Outcome
    at: datetime
    note: str = ""
    contact_point_id: int | None = None
    tasks: Sequence[FollowUp] = field(default_factory=list)
    everything: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person knew of a family when they opened the form: the latest contact, and the open tasks."""

    log_id: int
    task_ids: frozenset[int]

    @classmethod
    def of(cls, family_id: int) -> Seen:
        latest = db.session.scalar(select(func.max(ContactLog.id)).where(ContactLog.family_id == family_id))
        tasks = db.session.scalars(
            select(FollowUp.id).where(FollowUp.family_id == family_id, FollowUp.state == FollowUpState.OPEN)
        )
        return cls(latest or 0, frozenset(tasks))

    @classmethod
    def read(cls, text: str) -> Seen:
        """Read what `str` wrote; what a form made up is as if nothing had been seen."""
        numbers = [int(part) for part in text[:500].split(".") if part.isdecimal() and len(part) < 19]
        return cls(numbers[0], frozenset(numbers[1:])) if numbers else cls(0, frozenset())

    def __str__(self) -> str:
        return ".".join(str(number) for number in (self.log_id, *sorted(self.task_ids)))


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What colleagues did with the family since: their contacts, and the tasks they closed."""

    logs: Sequence[ContactLog]
    tasks: Sequence[FollowUp]

    def __bool__(self) -> bool:
        return bool(self.logs or self.tasks)


def meanwhile(family_id: int, seen: Seen, person: StaffMember) -> Meanwhile:
    """Say what others than `person` did since the form was opened."""
    logs = db.session.scalars(
        select(ContactLog)
        .where(
            ContactLog.family_id == family_id,
            ContactLog.id > seen.log_id,
            ContactLog.staff_id.is_distinct_from(person.id),
        )
        .options(joinedload(ContactLog.staff))
        .order_by(ContactLog.id)
    ).all()
    tasks = db.session.scalars(
        select(FollowUp)
        .where(
            FollowUp.id.in_(seen.task_ids),
            FollowUp.family_id == family_id,
            FollowUp.state != FollowUpState.OPEN,
            FollowUp.closed_by_id.is_not(None),
            FollowUp.closed_by_id != person.id,
        )
        .options(joinedload(FollowUp.announcement), joinedload(FollowUp.closed_by))
        .order_by(FollowUp.closed_at)
    ).all()
    # Who closed it by the talk that is told anyway need not be told twice.
    told = {log.staff_id for log in logs}
    return Meanwhile(logs, [task for task in tasks if task.closed_by_id not in told])


def taken_before(family: Family, token: str) -> ContactLog | None:
    """Find what this form has noted before."""
    return db.session.scalar(select(ContactLog).filter_by(school_id=family.school_id, token=token))


def hold(family_id: int) -> None:
    """Let nobody else note a contact with this family before the caller's transaction ends."""
    db.session.execute(select(Family.id).where(Family.id == family_id).with_for_update())


def take(family: Family, talk: Talk, by: StaffMember, now: datetime) -> ContactLog | None:
    """Note a talk and all that it settles, in the caller's transaction; None when it was noted before."""
    tasks = list(talk.tasks)
    main = None if talk.everything or not tasks else tasks.pop(0)
    log = note_contact(
        family,
        talk.means,
        talk.outcome,
        talk.at,
        by,
        talk.token,
        now,
        guardian_id=_whose(family, talk.contact_point_id),
        contact_point_id=talk.contact_point_id,
        follow_up_id=main.id if main else None,
        note=talk.note,
    )
    if log is not None:
        settle_also(family, tasks, log, by, now)
    return log


def moment_of(day: date, person: StaffMember, now: datetime, not_before: datetime | None = None) -> datetime:
    """Turn the day somebody writes down into a moment: noon, or now when that is still to come.

    Not before `not_before` when that was on the same day: a list is not walked before it is made.
    """
    zone = person.school.zone
    moment = datetime.combine(day, NOON, zone)
    if not_before is not None and not_before.astimezone(zone).date() == day:
        moment = max(moment, not_before)
    return min(moment, now)


def missed_by(family_id: int, limit: int) -> Sequence[Announcement]:
    """List the announcements that have not reached a family, the newest first; at most `limit`."""
    return db.session.scalars(
        select(Announcement)
        .join(Recipient, Recipient.announcement_id == Announcement.id)
        .outerjoin(Recipient.delivery)
        .where(
            Recipient.family_id == family_id,
            # What was taken back was never news: nobody is told of it.
            Recipient.taken_back_at.is_(None),
            level() < int(Level.DELIVERED),
        )
        .order_by(Announcement.published_at.desc(), Announcement.id.desc())
        .limit(limit)
    ).all()


def _whose(family: Family, contact_point_id: int | None) -> int | None:
    if contact_point_id is None:
        return None
    return db.session.scalar(
        select(Guardian.id)
        .join(GuardianContact, GuardianContact.guardian_id == Guardian.id)
        .where(Guardian.family_id == family.id, GuardianContact.contact_point_id == contact_point_id)
        .order_by(Guardian.priority, Guardian.id)
        .limit(1)
    )
