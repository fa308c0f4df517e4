"""What became of each row of a spreadsheet that was sent: row, child, and how far its family's copy came."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from notifier.database import db
from webapp.announcements.levels import REACHED, Standing, standing
from webapp.announcements.models import Announcement
from webapp.announcements.reasons import Reason, why
from webapp.announcements.recipients import Recipient, RecipientPupil
from webapp.families.models import Guardian, Pupil, SchoolClass
from webapp.families.queries import seen_by
from webapp.families.search import LONGEST_TEXT, matching_guardians, named
from webapp.message_templates.models import SheetRow
from webapp.staff.models import StaffMember

# A row whose child had left its author's classes when it was to go; beside a family's Standings.
GONE = "gone"
PLACES = (GONE, *(place.value for place in Standing))
# What a person asks for, and the places it means.
SHOWN: dict[str, frozenset[str]] = {
    "not_reached": frozenset({GONE, Standing.NOT_REACHED.value}),
    "waiting": frozenset({Standing.WAITING.value}),
    "sent": frozenset({Standing.SENT.value}),
    "relayed": frozenset({Standing.RELAYED.value}),
    "reached": frozenset(place.value for place in REACHED),
    "taken_back": frozenset({Standing.TAKEN_BACK.value}),
}
# Of whom nobody knows that they have heard, or soon will.
NOT_KNOWN_REACHED = frozenset(PLACES) - SHOWN["reached"] - SHOWN["waiting"] - SHOWN["taken_back"]
LONGEST_NUMBER = 4


@dataclass(frozen=True, slots=True)
class SentRow:
    """A row, the child it was about (None: no longer one this person sees), and where it stands."""

    number: int
    pupil: Pupil | None
    recipient: Recipient | None
    place: str
    reason: Reason | None
    in_person: str = ""  # what the family is to be told, having no address


def rows_of(
    person: StaffMember,
    announcement: Announcement,
    now: datetime,
    only: Collection[str] = PLACES,
    wanted: str = "",
) -> Select[tuple[SheetRow, Pupil, Recipient | None, str]]:
    """Select the rows this person may see that stand in one of `only`, the hardest first."""
    where = _place(now).label("place")
    rank = case({place: rank for rank, place in enumerate(PLACES)}, value=where)
    query = (
        _joined(select(SheetRow, Pupil, Recipient, where), person, announcement)
        .where(where.in_(only))
        .options(
            contains_eager(SheetRow.pupil, Pupil.school_class),
            contains_eager(Recipient.delivery),
            joinedload(Recipient.guardian),
        )
        .order_by(rank, SheetRow.number, SheetRow.pupil_id)
    )
    return query.where(_says(person, wanted)) if wanted else query


def left_out_since(person: StaffMember, since: datetime) -> tuple[Announcement, int] | None:
    """Find the latest spreadsheet of this person that left rows out since then, and how many."""
    found = db.session.execute(
        select(Announcement, func.count(SheetRow.number.distinct()))
        .join(SheetRow, SheetRow.announcement_id == Announcement.id)
        .where(
            Announcement.school_id == person.school_id,
            Announcement.author_id == person.id,
            Announcement.published_at > since,
            SheetRow.gone,
        )
        .group_by(Announcement.id)
        .order_by(Announcement.published_at.desc())
        .limit(1)
    ).first()
    return (found[0], found[1]) if found else None


def counted(person: StaffMember, announcement: Announcement, now: datetime) -> dict[str, int]:
    """Count the children this person may see by where their rows stand."""
    where = _place(now).label("place")
    rows = db.session.execute(
        _joined(select(where, func.count()), person, announcement).group_by(where)
    ).tuples()
    return dict(rows.all())


def read(person: StaffMember, query: Select[tuple[SheetRow, Pupil, Recipient | None, str]]) -> list[SentRow]:
    """Fetch rows, each with the reason why its family was not reached."""
    own = set(db.session.scalars(select(SchoolClass.id).where(seen_by(person))))
    found = []
    for row, pupil, recipient, place in db.session.execute(query).tuples():
        reason = None
        if recipient and place != GONE:
            reason = why(Standing(place), recipient.delivery, recipient.no_address)
        seen = pupil if pupil.class_id in own else None
        # Nobody goes to them with what was taken back.
        to_say = row.in_person if seen and place != Standing.TAKEN_BACK else ""
        found.append(SentRow(row.number, seen, recipient if seen else None, place, reason, to_say))
    return found


def _place(now: datetime) -> ColumnElement[str]:
    return case((SheetRow.gone, literal(GONE)), else_=standing(now))


def _joined(query: Select[Any], person: StaffMember, announcement: Announcement) -> Select[Any]:
    """Join to each row its child, and the copy that concerns that child."""
    concerned = (
        select(RecipientPupil.pupil_id, RecipientPupil.recipient_id)
        .join(Recipient, Recipient.id == RecipientPupil.recipient_id)
        .where(Recipient.announcement_id == announcement.id)
        .subquery()
    )
    seen = seen_by(person)
    if announcement.author_id == person.id:
        # Of a child that left their classes the author still learns which row it was.
        seen = or_(seen, SheetRow.gone)
    return (
        query.select_from(SheetRow)
        .join(SheetRow.pupil)
        .join(Pupil.school_class)
        .outerjoin(concerned, concerned.c.pupil_id == SheetRow.pupil_id)
        .outerjoin(Recipient, Recipient.id == concerned.c.recipient_id)
        .outerjoin(Recipient.delivery)
        .where(SheetRow.announcement_id == announcement.id, seen)
    )


def _says(person: StaffMember, wanted: str) -> ColumnElement[bool]:
    """That a row is of this number, or about a child or a guardian of this name or phone."""
    wanted = wanted[:LONGEST_TEXT]
    if wanted.isdecimal() and len(wanted) <= LONGEST_NUMBER:
        return SheetRow.number == int(wanted)
    household = matching_guardians(person, wanted).order_by(None).with_only_columns(Guardian.family_id)
    own = and_(named(Pupil.search_key, wanted), seen_by(person))
    return or_(own, Pupil.family_id.in_(household))
