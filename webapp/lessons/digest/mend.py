"""Correct what was told: a lesson changed after its digest, and only phones that hold the wrong line hear it.

1. A message that has not left yet is taken back, and one that says what holds now takes its place.
2. A phone that holds a wrong line gets a correction, once, until the lesson's start. A topic is no reason.
3. Families that had no lessons when the digest went, and have now, are told like the others.

People change a timetable line by line: 2 and 3 wait until nobody has for three minutes, unless time presses.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from notifier.database import db
from webapp.announcements.audience.households import Audience
from webapp.announcements.back.repost import Instead, repost
from webapp.announcements.models import Announcement
from webapp.announcements.plan import Plan
from webapp.announcements.publish import Unready, hand_out
from webapp.announcements.recipients import Recipient
from webapp.families.models import SchoolClass
from webapp.lessons.digest import told
from webapp.lessons.digest.evening import evening_of
from webapp.lessons.digest.models import Digest, Span
from webapp.lessons.digest.send import CORRECTION, OVERLAP, announce, publish_evening
from webapp.lessons.digest.wrong import Message, Situation
from webapp.lessons.models import TvLesson
from webapp.lessons.rules import lock_timetable
from webapp.staff.models import School


def mend(digest: Digest, now: datetime) -> int:
    """Bring every phone up to date, in the caller's transaction; return how many messages that takes."""
    school = db.session.get_one(School, digest.school_id)
    lock_timetable(school)
    db.session.refresh(digest)
    changed = _changed(digest)
    if not changed:
        digest.composed_at = now - OVERLAP
        return 0
    situation = Situation.of(digest, school, now, changed)
    posted, done = _repost_what_waits(situation)
    if situation.may_speak:
        for step in (_correct, _tell_the_others):
            count, complete = step(situation)
            posted, done = posted + count, done and complete
        if done:
            digest.composed_at = now - OVERLAP
    return posted


def _changed(digest: Digest) -> list[TvLesson]:
    """List the lessons that were changed since and concern these days, or did."""
    known = {int(key.partition(".")[0]) for key in digest.lessons}
    lessons = db.session.scalars(
        select(TvLesson).where(
            TvLesson.school_id == digest.school_id, TvLesson.changed_at > digest.composed_at
        )
    )
    return [
        lesson
        for lesson in lessons
        if lesson.id in known or digest.starts_at <= lesson.starts_at < digest.ends_at
    ]


def _repost_what_waits(situation: Situation) -> tuple[int, bool]:
    """Let every message that has not left say what holds now; also tell whether all could be taken back."""
    digest, posted, complete = situation.digest, 0, True
    instead: dict[int, dict[int, Instead]] = {}
    lines: dict[int, tuple[int, list[str]]] = {}
    for phone, envelope in situation.known_phones():
        if not (waiting := phone.waiting):
            continue
        is_digest = waiting.announcement_id == digest.announcement_id
        new = (
            situation.digest_for(phone, envelope) if is_digest else situation.correction_for(phone, envelope)
        )
        if new and new.finished.body == waiting.body:
            continue
        taking = Instead(envelope, new.finished if new else None, new.terms if new else None)
        instead.setdefault(waiting.announcement_id, {})[waiting.delivery_id] = taking
        lines[waiting.delivery_id] = (phone.contact_point_id, new.lines if new else [])
    for announcement_id, taking_place in instead.items():
        replaced = repost(db.session.get_one(Announcement, announcement_id), taking_place, situation.now)
        # One that leaves at this very moment is corrected when it has left.
        complete = complete and len(replaced) == len(taking_place)
        new_lines = {new: lines[old] for old, new in replaced.items() if new is not None}
        told.keep(digest, announcement_id, new_lines, situation.current.values())
        posted += len(new_lines)
    return posted, complete


def _correct(situation: Situation) -> tuple[int, bool]:
    """Publish the corrections as an announcement of their own; over the month's limit they wait."""
    messages: dict[int, Message] = {}
    for phone, envelope in situation.known_phones():
        if phone.waiting is None and (message := situation.correction_for(phone, envelope)):
            messages[phone.contact_point_id] = message
    if not messages:
        return 0, True
    households = tuple(h for message in messages.values() for h in message.envelope.households)
    plan = Plan(
        situation.school,
        Audience(households, situation.school.language),
        [(message.envelope, message.finished) for message in messages.values()],
        {point: message.terms for point, message in messages.items()},
    )
    classes = {child.class_id for household in households for child in household.children}
    with suppress(Unready), db.session.begin_nested():
        concerned = db.session.scalars(select(SchoolClass).where(SchoolClass.id.in_(classes)))
        announcement = announce(situation.digest, CORRECTION, concerned, situation.now)
        db.session.flush()
        hand_out(announcement, plan, situation.now)
        copies = db.session.execute(
            select(Recipient.delivery_id, Recipient.contact_point_id).where(
                Recipient.announcement_id == announcement.id
            )
        )
        lines = {
            delivery: (point, messages[point].lines)
            for delivery, point in copies.tuples()
            if delivery is not None and point is not None
        }
        told.keep(situation.digest, announcement.id, lines, situation.current.values())
        return len(messages), True
    return 0, False


def _tell_the_others(situation: Situation) -> tuple[int, bool]:
    """Tell the families that have lessons only now; whom the week's digest passed by is told by the day."""
    digest = situation.digest
    if digest.span == Span.WEEK:
        return 0, True
    copies = select(Recipient.family_id).where(Recipient.announcement_id == digest.announcement_id)
    known = set(db.session.scalars(copies))
    evening = evening_of(
        situation.school, situation.rules, Span(digest.span), digest.first_day, situation.now, known=known
    )
    if not evening.plan.audience.households:
        return 0, True
    # A phone that another family was told on gets a message more.
    terms = {
        point: replace(each, dedupe_key=f"{each.dedupe_key}:{phone.messages + 1}")
        if (phone := situation.phones.get(point))
        else each
        for point, each in evening.plan.terms.items()
    }
    evening = replace(evening, plan=replace(evening.plan, terms=terms))
    with suppress(Unready), db.session.begin_nested():
        publish_evening(digest, evening, situation.now)
        return len(evening.plan.messages), True
    return 0, False
