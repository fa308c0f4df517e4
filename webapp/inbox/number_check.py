"""Once a term, numbers from which nothing was heard are asked whether they are still the family's."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Select, exists, or_, select

from notifier import jobs, policy
from notifier.database import db
from notifier.models import Inbound, Suppression
from webapp.announcements.audience.behind import audience_behind
from webapp.announcements.audience.households import Audience, Envelope, Household
from webapp.announcements.kinds import NUMBER_CHECK
from webapp.announcements.models import Announcement
from webapp.announcements.names import short_names
from webapp.announcements.plan import Plan, Terms
from webapp.announcements.publish import Unready, hand_out, quiet_after
from webapp.announcements.render import Finished, in_script
from webapp.families.models import ContactPoint, ContactStatus, Guardian, GuardianContact, Pupil, SchoolClass
from webapp.inbox.answering.words import words_in
from webapp.inbox.models import NumberCheck
from webapp.settings import current_settings
from webapp.staff.models import School

log = logging.getLogger(__name__)

ASK = "webapp.inbox.number_check.ask"
# So many at a time: a hundred families answering at once are enough for a school.
BATCH = 100


def ask() -> None:
    """Ask the numbers that are due: the job that RQ runs."""
    ask_what_is_due(datetime.now(UTC))


def ask_what_is_due(now: datetime) -> int:
    """Do it for every school, each in its own transaction; return how many numbers were asked.

    Harmless whenever, wherever and however often: a number is asked once a term.
    """
    asked = 0
    for school_id in db.session.scalars(
        select(NumberCheck.school_id).where(NumberCheck.weeks.is_not(None))
    ).all():
        asked += _alone(partial(_ask_some, school_id, now))
    if asked:
        jobs.nudge()
    return asked


def _alone(act: Callable[[], int]) -> int:
    """One school's trouble is no other's."""
    try:
        done = act()
        db.session.commit()
        return done
    except Unready:
        log.info("numbers are not asked: the month's money for SMS is spent")
    except Exception:
        log.exception("numbers could not be asked")
    db.session.rollback()
    return 0


def can_ask() -> bool:
    """Say whether our texts can be answered: a sender that is a name is one-way."""
    settings = current_settings()
    sender = settings.twilio_from
    return settings.sandbox or not sender or sender.startswith("+")


def _ask_some(school_id: int, now: datetime) -> int:
    """Ask a batch of one school's numbers in the caller's transaction."""
    # Of two workers, the second waits here and finds them asked.
    check = db.session.scalar(select(NumberCheck).filter_by(school_id=school_id).with_for_update())
    school = db.session.get_one(School, school_id)
    if check is None or not check.weeks or not can_ask():
        return 0
    if policy.not_before(now, False, school.quiet) > now and not current_settings().sandbox:
        return 0
    points = db.session.scalars(silent_numbers(check, now).limit(BATCH)).all()
    audience, asked = _one_a_family(school, points)
    if not audience.households:
        return 0
    number = term_of(check, now)
    announcement = Announcement(
        school_id=school.id,
        token=f"check:{number}:{asked[0].id}:{now:%y%m%d%H%M}"[:32],
        kind=NUMBER_CHECK,
        text_ky="Номер дагы эле үй-бүлөнүкүбү?",
        text_ru="Номер всё ещё принадлежит семье?",
        created_at=now,
        published_at=now,
        classes=_classes(audience),
    )
    db.session.add(announcement)
    db.session.flush()
    messages = [(envelope, question(school, envelope)) for envelope in audience.envelopes()]
    quiet = quiet_after(now, False, school)
    terms = {point.id: Terms(f"check:{school.id}:{number}:{point.id}", now, quiet=quiet) for point in asked}
    hand_out(announcement, Plan(school, audience, messages, terms), now)
    for point in asked:
        point.asked_at = now
    return len(asked)


def _one_a_family(school: School, points: Sequence[ContactPoint]) -> tuple[Audience, list[ContactPoint]]:
    """Choose numbers so that no family is asked twice at once; its other phone has its turn later."""
    households: list[Household] = []
    asked: list[ContactPoint] = []
    seen: set[int] = set()
    for point in points:
        behind = audience_behind(school, [point.id]).households
        families = {household.family_id for household in behind}
        if behind and not families & seen:
            seen |= families
            households += behind
            asked.append(point)
    return Audience(tuple(households), school.language), asked


def _classes(audience: Audience) -> list[SchoolClass]:
    ids = {child.class_id for household in audience.households for child in household.children}
    return list(db.session.scalars(select(SchoolClass).where(SchoolClass.id.in_(ids))))


def question(school: School, envelope: Envelope) -> Finished:
    """Write the question for one phone: it names the children, and nothing else about them."""
    called = short_names([child.name for child in envelope.children])
    children = ", ".join(
        f"{name} {child.class_name}" for name, child in zip(called, envelope.children, strict=True)
    )
    text = f"{school.short_name}: {words_in(envelope.language).still_yours.format(children=children)}"
    body = in_script(school, text, envelope.language, envelope.script)
    return Finished("sms", envelope.language, "", body, envelope.script)


def term_of(check: NumberCheck, now: datetime) -> int:
    """Count the terms of asking since it was switched on, from 0."""
    return (now - check.since) // timedelta(weeks=check.weeks or 1) if check.since else 0


def silent_numbers(check: NumberCheck, now: datetime) -> Select[tuple[ContactPoint]]:
    """Select a school's numbers that gave no sign of life for a term, and were not asked in this one."""
    weeks = timedelta(weeks=check.weeks or 1)
    begins = (check.since or now) + term_of(check, now) * weeks
    wrote = exists().where(
        Inbound.sender == ContactPoint.address,
        Inbound.channel == ContactPoint.channel,
        Inbound.received_at > now - weeks,
    )
    silent = exists().where(
        Suppression.channel == ContactPoint.channel, Suppression.address == ContactPoint.address
    )
    has_children = (
        exists()
        .where(
            GuardianContact.contact_point_id == ContactPoint.id,
            Guardian.id == GuardianContact.guardian_id,
            Pupil.family_id == Guardian.family_id,
            Pupil.left_at.is_(None),
        )
        .correlate(ContactPoint)
    )
    return (
        select(ContactPoint)
        .where(
            ContactPoint.school_id == check.school_id,
            ContactPoint.channel == "sms",
            ContactPoint.status != ContactStatus.BAD,
            or_(ContactPoint.asked_at.is_(None), ContactPoint.asked_at < begins),
            or_(ContactPoint.confirmed_at.is_(None), ContactPoint.confirmed_at < now - weeks),
            ~wrote,
            ~silent,
            has_children,
        )
        .order_by(ContactPoint.id)
    )
