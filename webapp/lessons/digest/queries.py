"""Questions about digests, answered within what a person may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from notifier.database import db
from webapp.announcements.audience.find import audience_of
from webapp.announcements.audience.households import Envelope, Household
from webapp.announcements.render import Finished
from webapp.families.device_queries import device_classes
from webapp.families.devices import NO, DeviceFact, Fact, newest
from webapp.families.models import Family, Guardian, GuardianContact, Pupil, SchoolClass
from webapp.families.queries import visible_classes
from webapp.lessons.digest.evening import Evening, groups_of, viewers_in
from webapp.lessons.digest.guide import Clash, Group, Guide
from webapp.lessons.digest.style import clashes_among
from webapp.lessons.models import TvLesson
from webapp.lessons.queries import Wanted, lessons_on
from webapp.lessons.rules import Rules
from webapp.staff.models import School, StaffMember


@dataclass(frozen=True, slots=True)
class Totals:
    """What a digest comes to."""

    phones: int
    letters: int
    segments: int
    families: int
    without_address: int
    without_tv: int


@dataclass(frozen=True, slots=True)
class FamilyClash:
    """Two lessons that a family cannot both watch, as its class teacher reads it."""

    family_id: int
    one: str
    other: str
    clash: Clash


def totals_of(evening: Evening) -> Totals:
    messages = [message for _, message in evening.plan.messages]
    return Totals(
        phones=sum(message.channel == "sms" for message in messages),
        letters=sum(message.channel == "email" for message in messages),
        segments=evening.plan.segments,
        families=len(evening.plan.audience.households),
        without_address=len(evening.plan.audience.without_address),
        without_tv=len(evening.without_tv),
    )


def next_day_with_lessons(rules: Rules, school: School, first: date) -> date:
    """Return the day of the next lessons from `first` on; `first` itself when there are none for a while."""
    query = lessons_on(school.id, first, 14, school.zone, Wanted()).where(TvLesson.cancelled_at.is_(None))
    for starts_at in db.session.scalars(query.with_only_columns(TvLesson.starts_at)):
        day = starts_at.astimezone(school.zone).date()
        if not rules.day_off(day):
            return day
    return first


def behind_the_same_phones(families: Iterable[int]) -> set[int]:
    """Return these families and all that share an address with them: one message tells them together."""
    found = set(families)
    mine = (
        select(GuardianContact.contact_point_id)
        .join(Guardian, Guardian.id == GuardianContact.guardian_id)
        .where(Guardian.family_id.in_(found))
    )
    sharing = (
        select(Guardian.family_id)
        .join(GuardianContact, GuardianContact.guardian_id == Guardian.id)
        .where(GuardianContact.contact_point_id.in_(mine))
    )
    return found | set(db.session.scalars(sharing))


def message_for(evening: Evening, family_id: int) -> tuple[Envelope, Finished] | None:
    """Find what a family will get."""
    return next(
        (
            (envelope, message)
            for envelope, message in evening.plan.messages
            if any(household.family_id == family_id for household in envelope.households)
        ),
        None,
    )


def clashes_by_class(
    person: StaffMember, guide: Guide, school: School
) -> dict[SchoolClass, list[FamilyClash]]:
    """List the clashes in the families of each class this person sees."""
    groups = groups_of(school.id)
    watching = [number for number, group in groups.items() if guide.watched_by(group)]
    audience = audience_of(school, watching)
    seen = {school_class.id: school_class for school_class in visible_classes(person)}
    found: dict[SchoolClass, list[FamilyClash]] = {}
    for household in audience.households:
        classes = {child.class_id for child in household.children} & seen.keys()
        if len(household.children) < 2 or not classes:
            continue
        clashes = list(_clashes(household, guide, groups))
        for number in sorted(classes):
            found.setdefault(seen[number], []).extend(clashes)
    found = {school_class: clashes for school_class, clashes in found.items() if clashes}
    return dict(sorted(found.items(), key=lambda item: (item[0].grade, item[0].letter)))


def _clashes(household: Household, guide: Guide, groups: dict[int, Group]) -> Iterable[FamilyClash]:
    for one, other, clashes in clashes_among(guide, viewers_in(household, groups)):
        for clash in clashes:
            yield FamilyClash(
                household.family_id,
                f"{one.name}, {one.class_name}",
                f"{other.name}, {other.class_name}",
                clash,
            )


def without_tv(person: StaffMember) -> Select[tuple[Family]]:
    """Select the families known to have no television: they get no digest, somebody has to tell them."""
    classes = [school_class.id for school_class in device_classes(person)]
    here = select(Pupil.family_id).where(Pupil.class_id.in_(classes), Pupil.left_at.is_(None))
    facts = newest((DeviceFact.school_id == person.school_id) & (DeviceFact.fact == Fact.TV))
    return (
        select(Family)
        .join(facts, facts.c.family_id == Family.id)
        .where(facts.c.value == NO, Family.id.in_(here))
        .order_by(facts.c.learned_at.desc(), Family.id)
        .options(selectinload(Family.pupils).joinedload(Pupil.school_class), selectinload(Family.guardians))
    )


def among_whom(evening: Evening, families: Iterable[Family], school_class: SchoolClass) -> list[Family]:
    """Keep the families that an evening is about because of a child in this class."""
    ids = {
        household.family_id
        for household in (*evening.plan.audience.households, *evening.without_tv)
        if any(child.class_id == school_class.id for child in household.children)
    }
    return [family for family in families if family.id in ids]
