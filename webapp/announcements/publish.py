"""From a draft to finished messages in the outbox: everything a family is told goes through here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from notifier import outbox, policy
from notifier.database import db
from notifier.models import Delivery
from webapp.announcements.audience.find import classes_of
from webapp.announcements.audience.households import Envelope
from webapp.announcements.back.set_right import replaces
from webapp.announcements.copies import write_copies
from webapp.announcements.desk.orders import enact
from webapp.announcements.flaws import Flaw
from webapp.announcements.kinds import ANSWER, NEVER_CLIMB
from webapp.announcements.letterhead import letterhead
from webapp.announcements.models import Announcement
from webapp.announcements.money import budget, limits
from webapp.announcements.plan import Plan, Terms, against, plan
from webapp.announcements.recipients import Recipient
from webapp.announcements.render import Finished
from webapp.settings import current_settings
from webapp.staff import audit
from webapp.staff.models import School, StaffMember

# When the ladder looks whether a message arrived: most have by then.
FIRST_LOOK = timedelta(minutes=1)
AT_ONCE = timedelta()
# For so long nothing leaves of what is not urgent, so that it can be taken back whole.
UNDO = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Published:
    """What came of publishing; `first` is False when somebody had published it before."""

    announcement: int
    families: int  # in the audience
    recipients: int  # families with an address, so told
    deliveries: int  # messages: one per phone
    segments: int  # SMS parts
    without_address: int
    first: bool = True


class Unready(Exception):
    """What stands against sending an announcement: `flaws` has a sentence for each."""

    def __init__(self, found: list[Flaw]) -> None:
        self.flaws = found
        super().__init__("\n".join(flaw.text for flaw in found))


def publish(
    announcement: Announcement, now: datetime, by: StaffMember | None = None, hold: timedelta = AT_ONCE
) -> Published:
    """Write everybody's copy and every message, in the caller's transaction; then commit and `jobs.nudge()`.

    1. Take the draft: of two who press the button at once, the second waits, and finds it sent.
    2. Find the audience and write the messages; raise Unready if nobody or nothing is to be sent, or if it is
       not urgent and goes over a limit of the month.
    3. Post the messages, one per phone, and note each family's copy and what they cost.

    `hold`: for how long nothing leaves, so that it can be taken back.
    """
    if not taken(announcement, now):
        return already_published(announcement)
    intended = plan(announcement, now)
    if found := against(announcement, intended, now):
        raise Unready(found)
    if announcement.corrects:
        # Whom the wrong one has not reached gets the right one alone.
        replaces(announcement.corrects, {each.family_id for each in intended.audience.households}, now)
    if announcement.audience:
        # Who it was for is known only now: by a class that is new, by a condition that is no longer true.
        announcement.classes = classes_of(intended.audience)
        db.session.flush()
    enact(announcement, now, by)
    return hand_out(announcement, intended, now, by, hold)


def hand_out(
    announcement: Announcement,
    intended: Plan,
    now: datetime,
    by: StaffMember | None = None,
    hold: timedelta = AT_ONCE,
) -> Published:
    """Post a plan's messages, one per phone, and note each family's copy and what they cost.

    The road for texts that differ from phone to phone: `publish` comes here with one text for all. Families
    may be added to what is published; raises Unready if it is not urgent and goes over a limit of the month.
    """
    over = _over_the_limit(announcement, intended, now)
    usual = max(starts_at(announcement.urgent, now, intended.school), now + hold)
    quiet = quiet_after(usual, announcement.urgent, intended.school)
    posts = {}
    for envelope, message in intended.messages:
        point = envelope.to.contact_point_id
        terms = intended.terms.get(point) or Terms(
            f"announcement:{announcement.id}:{point}", usual, quiet=quiet
        )
        posts[point] = as_post(announcement, envelope, message, terms)
    ids = outbox.post(list(posts.values()), now)
    delivery_of = {point: ids[post.dedupe_key] for point, post in posts.items()}
    climbs = intended.school.ladder_on and announcement.kind not in NEVER_CLIMB
    climb_at = usual + FIRST_LOOK if climbs else None
    write_copies(announcement, intended.audience, delivery_of, climb_at)
    budget.charge(announcement, intended.messages)
    published = Published(
        announcement=announcement.id,
        families=len(intended.audience.households),
        recipients=intended.audience.told,
        deliveries=len(posts),
        segments=intended.segments,
        without_address=len(intended.audience.without_address),
    )
    if announcement.kind != ANSWER:  # nobody did that
        _note(announcement, published, by, now, intended.school, over, intended.audience.left_out)
    return published


def as_post(announcement: Announcement, envelope: Envelope, message: Finished, terms: Terms) -> outbox.Post:
    """Say in the outbox's words what is to be delivered."""
    return outbox.Post(
        dedupe_key=terms.dedupe_key,
        channel=envelope.to.channel,
        address=envelope.to.address,
        subject=message.subject,
        body=message.body,
        segments=message.segments,
        priority=outbox.URGENT if announcement.urgent else outbox.ROUTINE,
        not_before=terms.not_before,
        quiet=terms.quiet,
        expires_at=terms.expires_at,
        letterhead=letterhead(announcement, message.language) if envelope.to.channel == "email" else None,
    )


def taken(announcement: Announcement, now: datetime) -> bool:
    """Mark the draft as published unless it is; a conditional UPDATE waits for whoever else is doing it."""
    db.session.flush()
    ours = db.session.execute(
        update(Announcement)
        .where(Announcement.id == announcement.id, Announcement.published_at.is_(None))
        .values(published_at=now)
        .execution_options(synchronize_session=False)
        .returning(Announcement.id)
    ).scalar_one_or_none()
    db.session.refresh(announcement)
    return ours is not None


def starts_at(urgent: bool, now: datetime, school: School) -> datetime:
    """Say when the messages may leave: routine ones not in quiet hours, which practice mode has none of."""
    return now if current_settings().sandbox else policy.not_before(now, urgent, school.quiet)


def quiet_after(moment: datetime, urgent: bool, school: School) -> tuple[datetime, datetime] | None:
    """Say in which hours of each day what has not left by then waits; what is urgent does not."""
    return None if urgent or current_settings().sandbox else school.quiet.following(moment)


def _over_the_limit(announcement: Announcement, intended: Plan, now: datetime) -> bool:
    """Say whether an urgent announcement goes over a limit; one that is not urgent raises Unready."""
    if not announcement.urgent:
        budget.wait_for_others(intended.school)
    found = limits.refusals(intended.school, announcement.classes, intended.messages, now)
    if found and not announcement.urgent:
        raise Unready([Flaw("urgent", sentence) for sentence in found])
    return bool(found)


def _note(
    announcement: Announcement,
    published: Published,
    by: StaffMember | None,
    now: datetime,
    school: School,
    over: bool,
    left_out: int,
) -> None:
    detail = {
        "urgent": announcement.urgent,
        "classes": [school_class.name for school_class in announcement.classes],
        "families": published.families,
        "recipients": published.recipients,
        "deliveries": published.deliveries,
        "segments": published.segments,
        "without_address": published.without_address,
    }
    if announcement.urgent and policy.not_before(now, False, school.quiet) > now:
        detail["quiet_hours_overridden"] = True
    if over:
        detail["limit_exceeded"] = True
    if left_out:
        detail["left_out"] = left_out
    if announcement.files:
        detail["files"] = len(announcement.files)
    audit.record("announcement.published", f"announcement {announcement.id}", detail, by, now, school=school)


def already_published(announcement: Announcement) -> Published:
    """Count again what was published before."""
    families, recipients = db.session.execute(
        select(func.count(), func.count(Recipient.delivery_id)).where(
            Recipient.announcement_id == announcement.id
        )
    ).one()
    told = select(Recipient.delivery_id).where(Recipient.announcement_id == announcement.id)
    deliveries, segments = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Delivery.segments), 0)).where(Delivery.id.in_(told))
    ).one()
    return Published(
        announcement=announcement.id,
        families=families,
        recipients=recipients,
        deliveries=deliveries,
        segments=int(segments),
        without_address=families - recipients,
        first=False,
    )
