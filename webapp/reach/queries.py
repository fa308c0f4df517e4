"""How many families were reached, each counted once, at its highest level; and which were not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Label,
    Select,
    Subquery,
    case,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import selectinload

from notifier.database import db
from webapp.announcements.audience.find import has_usable_address
from webapp.announcements.levels import Level, level
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient, RecipientPupil
from webapp.families.models import Family, Guardian, Pupil, SchoolClass

# A family that could not be tried: there is no address to try.
NO_ADDRESS = -1


@dataclass(frozen=True, slots=True)
class Reach:
    """How many families stand at which level: the numbers add up to `families`."""

    at: dict[int, int]  # Level or NO_ADDRESS → families

    @property
    def families(self) -> int:
        return sum(self.at.values())

    @property
    def reached(self) -> int:
        return sum(families for place, families in self.at.items() if place >= Level.DELIVERED)

    @property
    def no_address(self) -> int:
        return self.at.get(NO_ADDRESS, 0)

    def __getitem__(self, wanted: Level) -> int:
        return self.at.get(wanted, 0)

    def as_dict(self) -> dict[str, int]:
        return {
            "families": self.families,
            **{place.key: self[place] for place in Level},
            "no_address": self.no_address,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The reach of a school or a part of it; a family with children in two classes is counted in both."""

    total: Reach
    classes: list[tuple[SchoolClass, Reach]]

    def as_dict(self) -> dict[str, object]:
        return {
            **self.total.as_dict(),
            "classes": [{"class": each.name, **reach.as_dict()} for each, reach in self.classes],
        }


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked about: these classes of a school, and what they were told by which announcements."""

    school_id: int
    class_ids: Collection[int]
    since: datetime | None = None
    until: datetime | None = None  # the moment itself belongs to what follows
    announcement_id: int | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """What was told from one moment to another: of the families told something, how many were reached."""

    since: datetime
    until: datetime
    at: dict[int, int]  # Level → families

    @property
    def told(self) -> int:
        return sum(self.at.values())

    @property
    def reached(self) -> int:
        return sum(families for level, families in self.at.items() if level >= Level.DELIVERED)


def report(scope: Scope, classes: Iterable[SchoolClass]) -> Report:
    """Count the families of these classes by level."""
    total: dict[int, int] = {}
    by_class: dict[int, dict[int, int]] = defaultdict(dict)
    # Read once for both: what families were told is by far the most there is to read.
    furthest = families_by_class(scope).cte("by_class")
    whole = _furthest(furthest)
    in_class, in_whole = _place(furthest), _place(whole)
    rows = db.session.execute(
        union_all(
            select(furthest.c.class_id, in_class, func.count()).group_by(furthest.c.class_id, in_class),
            select(type_coerce(null(), Integer), in_whole, func.count())
            .select_from(whole)
            .group_by(in_whole),
        )
    )
    for class_id, place, families in rows:
        (total if class_id is None else by_class[class_id])[place] = families
    return Report(Reach(total), [(each, Reach(by_class[each.id])) for each in classes if each.id in by_class])


def by_week(scope: Scope, edges: Sequence[datetime]) -> list[Week]:
    """Count for each stretch between two of these moments as a report of it alone does.

    Families that were told nothing in it are not counted; `since` and `until` of the scope don't matter.
    """
    spans = list(pairwise(edges))
    week = case(
        *((Announcement.published_at < until, literal(number)) for number, (_, until) in enumerate(spans))
    ).label("week")
    furthest = (
        select(week, Pupil.family_id, func.max(level()).label("level"))
        .select_from(Announcement)
        .join(Recipient, Recipient.announcement_id == Announcement.id)
        .join(RecipientPupil, RecipientPupil.recipient_id == Recipient.id)
        .join(Pupil, Pupil.id == RecipientPupil.pupil_id)
        .outerjoin(Recipient.delivery)
        .where(
            *published(replace(scope, since=edges[0], until=edges[-1])),
            Recipient.taken_back_at.is_(None),
            Pupil.class_id.in_(scope.class_ids),
            Pupil.left_at.is_(None),
        )
        .group_by(week, Pupil.family_id)
        .subquery()
    )
    rows = db.session.execute(
        select(furthest.c.week, furthest.c.level, func.count()).group_by(furthest.c.week, furthest.c.level)
    )
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for number, place, families in rows:
        found[number][place] = families
    return [Week(since, until, found[number]) for number, (since, until) in enumerate(spans)]


def families_not_reached(scope: Scope) -> Select[tuple[Family, int]]:
    """Select the families below DELIVERED, each with its level or NO_ADDRESS, the hardest to reach first."""
    furthest = _furthest(families_by_class(scope).subquery())
    place = _place(furthest)
    return (
        select(Family, place)
        .join(furthest, furthest.c.family_id == Family.id)
        .where(furthest.c.level < int(Level.DELIVERED))
        .options(
            selectinload(Family.pupils).joinedload(Pupil.school_class),
            selectinload(Family.guardians).selectinload(Guardian.contacts),
        )
        .order_by(place, Family.id)
    )


def published(scope: Scope) -> list[ColumnElement[bool]]:
    """That an announcement is one of those that are asked about."""
    published = [Announcement.school_id == scope.school_id, Announcement.published_at.is_not(None)]
    if scope.since:
        published.append(Announcement.published_at >= scope.since)
    if scope.until:
        published.append(Announcement.published_at < scope.until)
    if scope.announcement_id:
        published.append(Announcement.id == scope.announcement_id)
    return published


def families_by_class(scope: Scope) -> Select[tuple[int, int, int]]:
    """Select the highest level of every family in every class, by what named a pupil of that class."""
    told = (
        select(RecipientPupil.pupil_id, level().label("level"))
        .join(Recipient, Recipient.id == RecipientPupil.recipient_id)
        .join(Announcement, Announcement.id == Recipient.announcement_id)
        .outerjoin(Recipient.delivery)
        .where(*published(scope), Recipient.taken_back_at.is_(None))
        .subquery()
    )
    query = (
        select(
            Pupil.family_id,
            Pupil.class_id,
            func.coalesce(func.max(told.c.level), int(Level.NOT_TRIED)).label("level"),
        )
        .where(Pupil.school_id == scope.school_id, Pupil.class_id.in_(scope.class_ids))
        .group_by(Pupil.family_id, Pupil.class_id)
    )
    if scope.announcement_id:
        # Whoever was told then, also a pupil who has left since.
        return query.join(told, told.c.pupil_id == Pupil.id)
    return query.outerjoin(told, told.c.pupil_id == Pupil.id).where(Pupil.left_at.is_(None))


def _furthest(by_class: CTE | Subquery) -> Subquery:
    """The highest level of every family, once."""
    return (
        select(by_class.c.family_id, func.max(by_class.c.level).label("level"))
        .group_by(by_class.c.family_id)
        .subquery()
    )


def _place(furthest: CTE | Subquery) -> Label[int]:
    return case(
        (furthest.c.level > int(Level.NOT_TRIED), furthest.c.level),
        (has_usable_address(furthest.c.family_id), literal(int(Level.NOT_TRIED))),
        else_=literal(NO_ADDRESS),
    ).label("place")
