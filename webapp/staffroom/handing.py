"""From a notice to everybody's copy: finished messages in the outbox, one per phone, and a line on each page.

The road of `announcements.publish`, for people who are no family: the same outbox, quiet hours and money.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import force_locale, gettext
from sqlalchemy import select

from notifier import outbox
from notifier.database import db
from notifier.models import Suppression
from webapp.announcements.audience.households import Address, Envelope
from webapp.announcements.flaws import Flaw
from webapp.announcements.letterhead import letterhead
from webapp.announcements.models import Announcement
from webapp.announcements.money import budget, limits
from webapp.announcements.publish import AT_ONCE, Unready, quiet_after, starts_at, taken
from webapp.announcements.render import Finished, sms, text_for
from webapp.staff import audit
from webapp.staff.models import School, Script, StaffMember
from webapp.staffroom.audience import meant_by
from webapp.staffroom.models import NotSent, StaffCopy, StaffNotice

Where = tuple[str, str]  # channel, address


@dataclass(frozen=True, slots=True)
class Person:
    """One of those a notice is for, and where they are told; without an address, why only on their page."""

    member: StaffMember
    where: Where | None
    not_sent: NotSent | None


@dataclass(frozen=True, slots=True)
class StaffPlan:
    """What handing a notice out would do: the review shows it, `hand_to` does it."""

    school: School
    people: list[Person]
    messages: dict[Where, Finished]

    @property
    def segments(self) -> int:
        return sum(message.segments for message in self.messages.values())

    @property
    def envelopes(self) -> list[tuple[Envelope, Finished]]:
        """The messages as the month's limits count them: about no class."""
        return [
            (Envelope(Address(0, channel, address), (), message.language), message)
            for (channel, address), message in self.messages.items()
        ]

    def count(self, channel: str) -> int:
        return sum(found == channel for found, _ in self.messages)

    @property
    def only_on_page(self) -> list[Person]:
        return [person for person in self.people if person.where is None]


def plan_for(notice: StaffNotice, people: Sequence[StaffMember] | None = None) -> StaffPlan:
    """Find who reads a notice, where each is told, and write every message; writes nothing down."""
    announcement = notice.announcement
    school = db.session.get_one(School, announcement.school_id)
    members = meant_by(notice) if people is None else people
    found = [_placed(member, notice.sends, _silent(members)) for member in members]
    messages: dict[Where, Finished] = {}
    for person in found:
        # Two who share a phone get one message, in the language of the first by name.
        if person.where and person.where not in messages:
            messages[person.where] = _finished(announcement, school, person.member, person.where[0])
    return StaffPlan(school, found, messages)


def _silent(members: Iterable[StaffMember]) -> set[Where]:
    addresses = [address for member in members for address in (member.phone, member.email) if address]
    rows = db.session.execute(
        select(Suppression.channel, Suppression.address).where(Suppression.address.in_(addresses))
    )
    return set(rows.tuples())


def _placed(member: StaffMember, sends: bool, silent: set[Where]) -> Person:
    if not sends:
        return Person(member, None, NotSent.NOT_WISHED)
    known = [("sms", member.phone)] if member.phone else []
    known += [("email", member.email)] if member.email else []
    for where in known:
        if where not in silent:
            return Person(member, where, None)
    return Person(member, None, NotSent.OPTED_OUT if known else NotSent.NO_ADDRESS)


def _finished(announcement: Announcement, school: School, member: StaffMember, channel: str) -> Finished:
    language, text = text_for(member.language or school.language, announcement.texts)
    if channel == "sms":
        return sms(school, text, [], language, Script(school.script))
    with force_locale(language):
        subject = gettext("%(school)s: a notice for the staff", school=school.short_name)
        where = gettext("It stands on your page in Kabarchy, too. Please say there that you have read it.")
    author = f"{announcement.author.name}\n" if announcement.author else ""
    return Finished("email", language, subject, f"{text}\n\n{where}\n\n{author}{school.name}\n")


def hand_out(notice: StaffNotice, now: datetime, by: StaffMember, hold: timedelta = AT_ONCE) -> int | None:
    """Hand a notice out, in the caller's transaction; then commit and `jobs.nudge()`.

    1. Take the draft: of two who press the button at once, the second waits, and finds it sent (None).
    2. Find whom it is for; raise Unready if that is nobody, or if it goes over a limit of the month.
    3. Post the messages, write everybody's copy, and return how many people that is.

    `hold`: for how long nothing leaves, so that it can be taken back.
    """
    announcement = notice.announcement
    if not taken(announcement, now):
        return None
    intended = plan_for(notice)
    if not intended.people:
        raise Unready([Flaw("everybody", nobody())])
    over = refusals(announcement, intended, now)
    if over and not announcement.urgent:
        raise Unready([Flaw("urgent", sentence) for sentence in over])
    hand_to(notice, intended, now, hold)
    detail = {
        "urgent": announcement.urgent,
        "people": len(intended.people),
        "deliveries": len(intended.messages),
        "segments": intended.segments,
    }
    if announcement.urgent and starts_at(False, now, intended.school) > now:
        detail["quiet_hours_overridden"] = True
    if over:
        detail["limit_exceeded"] = True
    audit.record("staff_notice.sent", f"announcement {announcement.id}", detail, by, now)
    return len(intended.people)


def nobody() -> str:
    sentence: str = gettext("Nobody is in what you chose, except yourself. Choose others.")
    return sentence


def refusals(announcement: Announcement, intended: StaffPlan, now: datetime) -> list[str]:
    """Say which limits of the month the messages break; those who write at once wait for each other."""
    if not announcement.urgent and announcement.published_at:
        budget.wait_for_others(intended.school)
    return limits.refusals(intended.school, [], intended.envelopes, now)


def hand_to(notice: StaffNotice, intended: StaffPlan, now: datetime, hold: timedelta = AT_ONCE) -> None:
    """Post a plan's messages and write everybody's copy; what they cost counts for the school."""
    announcement = notice.announcement
    not_before = max(starts_at(announcement.urgent, now, intended.school), now + hold)
    quiet = quiet_after(not_before, announcement.urgent, intended.school)
    first = {person.where: person.member.id for person in reversed(intended.people) if person.where}
    posts = {
        where: outbox.Post(
            dedupe_key=f"staff:{announcement.id}:{where[0]}:{first[where]}",
            channel=where[0],
            address=where[1],
            subject=message.subject,
            body=message.body,
            segments=message.segments,
            priority=outbox.URGENT if announcement.urgent else outbox.ROUTINE,
            not_before=not_before,
            quiet=quiet,
            letterhead=letterhead(announcement, message.language) if where[0] == "email" else None,
        )
        for where, message in intended.messages.items()
    }
    ids = outbox.post(list(posts.values()), now)
    db.session.add_all(
        StaffCopy(
            announcement_id=announcement.id,
            staff_id=person.member.id,
            delivery_id=ids[posts[person.where].dedupe_key] if person.where else None,
            not_sent=person.not_sent.value if person.not_sent else None,
        )
        for person in intended.people
    )
    db.session.flush()
    budget.charge(announcement, intended.envelopes)
