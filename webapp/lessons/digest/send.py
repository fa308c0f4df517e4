"""Tell the lessons of a day or a week: once for each phone, whoever tries, however often."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select

from notifier.database import db
from webapp.announcements.models import Announcement
from webapp.announcements.publish import hand_out
from webapp.announcements.recipients import Recipient
from webapp.families.models import SchoolClass
from webapp.lessons.digest import told
from webapp.lessons.digest.evening import Evening, evening_of
from webapp.lessons.digest.models import Digest, Span
from webapp.lessons.digest.words import KYRGYZ, RUSSIAN, Words
from webapp.lessons.rules import clock_at, lock_timetable, stored_rules
from webapp.staff.models import School

# Whoever changes a lesson writes the moment first and commits a little later: look back that far.
OVERLAP = timedelta(minutes=2)
KIND, CORRECTION = "digest", "correction"


def send(school: School, span: Span, first: date, now: datetime) -> Digest | None:
    """Publish the digest of these days unless it is, in the caller's transaction; then commit and nudge.

    Nothing to tell, or a day off: nothing is sent and None returned, and a later try may find something.
    Raises Unready when it would go over a limit of the month.
    """
    lock_timetable(school)
    rules = stored_rules(school)
    if digest_of(school.id, span, first) or rules.digest_at is None:
        return None
    evening = evening_of(school, rules, span, first, now)
    if not any(airing.starts_at > now for airing in evening.guide.airings):
        return None
    digest = Digest(
        school_id=school.id,
        span=span,
        first_day=first,
        starts_at=clock_at(first, 0, school.zone),
        ends_at=clock_at(first + timedelta(days=span.days), 0, school.zone),
        composed_at=now - OVERLAP,
        lessons={},
    )
    db.session.add(digest)
    db.session.flush()
    if evening.plan.audience.households:
        publish_evening(digest, evening, now)
    return digest


def publish_evening(digest: Digest, evening: Evening, now: datetime) -> None:
    """Hand an evening's messages out, as the digest's announcement or as more of it."""
    announcement = digest.announcement
    if announcement is None:
        announcement = announce(digest, KIND, evening.classes, now)
        digest.announcement = announcement
    else:
        announcement.classes.extend(set(evening.classes) - set(announcement.classes))
    db.session.flush()
    hand_out(announcement, evening.plan, now)
    families = [household.family_id for household in evening.plan.audience.households]
    write_down(digest, announcement.id, evening, families)


def announce(digest: Digest, kind: str, classes: Iterable[SchoolClass], now: datetime) -> Announcement:
    """Make the announcement whose messages differ from phone to phone; its text says what they are about."""
    token = f"{kind}:{digest.span}:{digest.first_day}"
    if kind == CORRECTION:
        token = f"{kind}:{digest.id}:{now.timestamp():.0f}"
    announcement = Announcement(
        school_id=digest.school_id,
        token=token[:32],
        kind=kind,
        text_ky=headline(digest, kind, KYRGYZ),
        text_ru=headline(digest, kind, RUSSIAN),
        created_at=now,
        published_at=now,
        classes=list(classes),
    )
    db.session.add(announcement)
    return announcement


def headline(digest: Digest, kind: str, words: Words) -> str:
    """Say what a digest is about, as the list of announcements does."""
    last = digest.first_day + timedelta(days=Span(digest.span).days - 1)
    days = words.long_day(digest.first_day)
    if last != digest.first_day:
        days += f" – {words.long_day(last)}"
    name = words.changed if kind == CORRECTION else words.lessons
    return f"{name[:1].upper()}{name[1:]}, {days}"


def write_down(digest: Digest, announcement_id: int, evening: Evening, families: Collection[int]) -> None:
    """Keep which lessons each of these messages tells."""
    rows = db.session.execute(
        select(Recipient.family_id, Recipient.contact_point_id, Recipient.delivery_id).where(
            Recipient.announcement_id == announcement_id, Recipient.delivery_id.is_not(None)
        )
    )
    wanted = set(families)
    lines = {
        delivery_id: (point, [told.line_of(airing) for airing in evening.said[point]])
        for family_id, point, delivery_id in rows
        if family_id in wanted and point in evening.said
    }
    said = {airing for airings in evening.said.values() for airing in airings}
    told.keep(digest, announcement_id, lines, said.union(evening.guide.airings))


def digest_of(school_id: int, span: Span, first: date) -> Digest | None:
    """Find the digest of these days, if it has been written."""
    return db.session.scalar(
        select(Digest).where(Digest.school_id == school_id, Digest.span == span, Digest.first_day == first)
    )
