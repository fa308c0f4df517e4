"""Who is told which lessons, finished to the letter: the preview shows it, the job sends it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from flask_babel import force_locale
from sqlalchemy import select

from notifier.database import db
from webapp.announcements.audience.find import audience_of
from webapp.announcements.audience.households import Audience, Envelope, Household
from webapp.announcements.plan import Plan, Terms
from webapp.announcements.recipients import Recipient
from webapp.announcements.render import Finished, in_script, signature
from webapp.families.devices import NO, Fact, families_known
from webapp.families.models import DigestWish, Guardian, Pupil, SchoolClass
from webapp.lessons.digest.compose import Edition, Frame
from webapp.lessons.digest.guide import Airing, Group, Guide
from webapp.lessons.digest.hours import leaves_at, quiet_hours
from webapp.lessons.digest.letter import write_letter
from webapp.lessons.digest.models import Digest, Span
from webapp.lessons.digest.style import Viewer
from webapp.lessons.digest.timetable import guide_of
from webapp.lessons.models import LessonRules
from webapp.settings import current_settings
from webapp.staff.models import School, Script


@dataclass(frozen=True, slots=True)
class Evening:
    """A digest as it would go now."""

    guide: Guide
    classes: tuple[SchoolClass, ...]  # whose pupils have lessons
    plan: Plan
    said: dict[int, tuple[Airing, ...]] = field(default_factory=dict)  # by contact point
    without_tv: tuple[Household, ...] = ()


class Editor:
    """Writes a school's digests: the same words for the same lessons, in each language and script."""

    def __init__(self, school: School, rules: LessonRules, guide: Guide, span: Span, sent_on: date) -> None:
        self.school, self.guide = school, guide
        parts = rules.week_parts if span is Span.WEEK else rules.digest_parts
        self.frame = Frame(school.short_name, school.phone, parts, sent_on, is_week=span is Span.WEEK)
        self._editions: dict[tuple[str, Script], Edition] = {}
        self._signatures: dict[str, str] = {}

    def write(self, envelope: Envelope, viewers: Sequence[Viewer]) -> tuple[Finished, tuple[Airing, ...]]:
        """Write one phone's message; also say which lessons it tells."""
        language, script = envelope.language, envelope.script
        if envelope.to.channel == "email":
            closing, calendars = self.signature(language), calendars_of(envelope)
            letter = write_letter(self.guide, self.frame, viewers, language, closing, calendars)
            groups = dict.fromkeys(viewer.group for viewer in viewers)
            said = {airing.lesson_id: airing for g in groups for airing in self.guide.watched_by(g)}
            return Finished("email", language, *letter), tuple(said.values())
        if (language, script) not in self._editions:
            self._editions[language, script] = Edition(
                self.guide, self.frame, language, self.writer(language, script)
            )
        composed = self._editions[language, script].compose(viewers)
        return Finished("sms", language, "", composed.body, script), composed.said

    def writer(self, language: str, script: Script) -> partial[str]:
        return partial(in_script, self.school, language=language, script=script)

    def signature(self, language: str) -> str:
        if language not in self._signatures:
            with force_locale(language):
                self._signatures[language] = signature(self.school)
        return self._signatures[language]


def evening_of(
    school: School,
    rules: LessonRules,
    span: Span,
    first: date,
    now: datetime,
    *,
    known: Collection[int] = (),
    among: Collection[int] | None = None,
) -> Evening:
    """Find who is to be told of these days and write every message, as things stand now; writes nothing.

    Families in `known` have been told. A phone whose first lesson has begun is too late for a digest of the
    day; one of the week tells what is left of it. With `among`, only the messages of these families are
    written: let nobody who shares a phone with them be missing there.
    """
    guide = guide_of(school, rules, span, first, after=now if span is Span.WEEK else None)
    groups = groups_of(school.id)
    watching = {key: group for key, group in groups.items() if guide.watched_by(group)}
    audience = audience_of(school, watching if among is None else watching.keys() & _classes_of(among))
    households = [h for h in audience.households if among is None or h.family_id in among]
    kept, without_tv = _who_wants(households, school.id, span, first, known)
    kept = [h for h in kept if min(_firsts(guide, watching, h)) > now]
    audience = Audience(tuple(kept), audience.school_language)
    leaves = leaves_at(now, guide.airings[0].starts_at, school.quiet) if guide.airings else now
    editor = Editor(school, rules, guide, span, leaves.astimezone(school.zone).date())
    messages, terms, said = [], {}, {}
    for envelope in audience.envelopes():
        viewers = viewers_of(envelope, watching)
        point, starts = envelope.to.contact_point_id, min(_firsts(guide, watching, *envelope.households))
        message, said[point] = editor.write(envelope, viewers)
        messages.append((envelope, message))
        terms[point] = terms_of(key_of(school.id, span, first, point), now, starts, starts, school)
    classes = db.session.scalars(
        select(SchoolClass)
        .where(SchoolClass.id.in_(watching))
        .order_by(SchoolClass.grade, SchoolClass.letter)
    )
    return Evening(guide, tuple(classes), Plan(school, audience, messages, terms), said, tuple(without_tv))


def _classes_of(families: Collection[int]) -> set[int]:
    here = select(Pupil.class_id).where(Pupil.family_id.in_(families), Pupil.left_at.is_(None))
    return set(db.session.scalars(here))


def key_of(school_id: int, span: Span, first: date, contact_point_id: int) -> str:
    """The name under which a phone's digest is posted once, whoever tries."""
    return f"digest:{school_id}:{span}:{first}:{contact_point_id}"


def rings_at(now: datetime, first_lesson: datetime, school: School) -> datetime:
    """Say when a message may leave; in practice mode nothing waits."""
    return now if current_settings().sandbox else leaves_at(now, first_lesson, school.quiet)


def terms_of(key: str, now: datetime, first_lesson: datetime, until: datetime, school: School) -> Terms:
    """Say when a message may leave, and until when it is of use."""
    leaves = rings_at(now, first_lesson, school)
    quiet = None if current_settings().sandbox else quiet_hours(leaves, first_lesson, school.quiet)
    return Terms(key, leaves, until, quiet)


def _firsts(guide: Guide, watching: dict[int, Group], *households: Household) -> Iterable[datetime]:
    return (
        guide.watched_by(watching[child.class_id])[0].starts_at
        for household in households
        for child in household.children
    )


def _who_wants(
    households: Iterable[Household], school_id: int, span: Span, first: date, known: Collection[int]
) -> tuple[list[Household], list[Household]]:
    """Keep the families that want such a digest; apart, those of them that have no television."""
    wishes = dict(
        db.session.execute(
            select(Guardian.id, Guardian.digest).where(
                Guardian.school_id == school_id, Guardian.digest != DigestWish.DAILY
            )
        )
        .tuples()
        .all()
    )
    no_tv = set(db.session.scalars(families_known(school_id, Fact.TV, NO)))
    wanted = DigestWish.WEEKLY if span is Span.WEEK else DigestWish.DAILY
    # Who chose the week in its middle is told by the day until the next one begins.
    of_the_week = _told_the_week_of(first, school_id) if span is Span.DAY and wishes else None
    kept: list[Household] = []
    without: list[Household] = []
    for household in households:
        wish = wishes.get(household.guardian_id or 0, DigestWish.DAILY)
        if wish == DigestWish.WEEKLY and of_the_week is not None and household.family_id not in of_the_week:
            wish = DigestWish.DAILY
        if wish == wanted and household.family_id not in known:
            (without if household.family_id in no_tv else kept).append(household)
    return kept, without


def _told_the_week_of(day: date, school_id: int) -> set[int] | None:
    """Return the families that were told the lessons of the week of `day`; None when nobody was yet."""
    monday = day - timedelta(days=day.weekday())
    week = db.session.execute(
        select(Digest.announcement_id).where(
            Digest.school_id == school_id, Digest.span == Span.WEEK, Digest.first_day == monday
        )
    ).one_or_none()
    if week is None:
        return None
    return set(
        db.session.scalars(
            select(Recipient.family_id).where(Recipient.announcement_id == week.announcement_id)
        )
    )


def groups_of(school_id: int) -> dict[int, Group]:
    """Say by class what its pupils have in common."""
    rows = db.session.execute(
        select(SchoolClass.id, SchoolClass.grade, SchoolClass.language).where(
            SchoolClass.school_id == school_id
        )
    )
    return {number: (grade, language) for number, grade, language in rows}


def calendars_of(envelope: Envelope) -> dict[str, str]:
    """Say by the name of each class where its lessons are to be had as a calendar."""
    base = current_settings().public_base_url.rstrip("/")
    children = (child for household in envelope.households for child in household.children)
    return {child.class_name: f"{base}/tv/classes/{child.class_id}.ics" for child in children}


def viewers_of(envelope: Envelope, groups: dict[int, Group]) -> list[Viewer]:
    return [viewer for household in envelope.households for viewer in viewers_in(household, groups)]


def viewers_in(household: Household, groups: dict[int, Group]) -> list[Viewer]:
    return [
        Viewer(child.name, child.class_name, *groups[child.class_id], household.family_id)
        for child in household.children
    ]
