"""How many families were reached, each counted once, at its highest level; and which were not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Label, Select, Subquery, case, func, literal, select
from sqlalchemy.orm import selectinload

from notifier.database import db
from webapp.announcements.audience import has_usable_address
from webapp.announcements.levels import Level, level
from webapp.announcements.models import Announcement, Recipient, RecipientPupil
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
    announcement_id: int | None = None


def report(scope: Scope, classes: Iterable[SchoolClass]) -> Report:
    """Count the families of these classes by level."""
    by_class: dict[int, dict[int, int]] = defaultdict(dict)
    furthest = _furthest_by_class(scope)
    place = _place(furthest)
    for class_id, where, families in db.session.execute(
        select(furthest.c.class_id, place, func.count()).group_by(furthest.c.class_id, place)
    ):
        by_class[class_id][where] = families
    furthest = _furthest(scope)
    place = _place(furthest)
    total = db.session.execute(select(place, func.count()).select_from(furthest).group_by(place))
    return Report(
        Reach({row[0]: row[1] for row in total}),
        [(each, Reach(by_class[each.id])) for each in classes if each.id in by_class],
    )


def families_not_reached(scope: Scope) -> Select[tuple[Family, int]]:
    """Select the families below DELIVERED, each with its level or NO_ADDRESS, the hardest to reach first."""
    furthest = _furthest(scope)
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


def _furthest_by_class(scope: Scope) -> Subquery:
    """The highest level of every family in every class, by what named a pupil of that class."""
    announcements = select(Announcement.id).where(
        Announcement.school_id == scope.school_id, Announcement.published_at.is_not(None)
    )
    if scope.since:
        announcements = announcements.where(Announcement.published_at >= scope.since)
    if scope.announcement_id:
        announcements = announcements.where(Announcement.id == scope.announcement_id)
    told = (
        select(RecipientPupil.pupil_id, level().label("level"))
        .join(Recipient, Recipient.id == RecipientPupil.recipient_id)
        .outerjoin(Recipient.delivery)
        .where(Recipient.announcement_id.in_(announcements))
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
        return query.join(told, told.c.pupil_id == Pupil.id).subquery()
    return query.outerjoin(told, told.c.pupil_id == Pupil.id).where(Pupil.left_at.is_(None)).subquery()


def _furthest(scope: Scope) -> Subquery:
    """The highest level of every family, once."""
    by_class = _furthest_by_class(scope)
    return (
        select(by_class.c.family_id, func.max(by_class.c.level).label("level"))
        .group_by(by_class.c.family_id)
        .subquery()
    )


def _place(furthest: Subquery) -> Label[int]:
    return case(
        (furthest.c.level > int(Level.NOT_TRIED), furthest.c.level),
        (has_usable_address(furthest.c.family_id), literal(int(Level.NOT_TRIED))),
        else_=literal(NO_ADDRESS),
    ).label("place")
