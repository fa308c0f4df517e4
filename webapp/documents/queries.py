"""Who knows a document: families by what they were told and answered, staff by what they said or signed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from notifier.database import db
from webapp.announcements.levels import Level, level
from webapp.announcements.models import Announcement
from webapp.announcements.moments import arrived_at, sent_at
from webapp.announcements.recipients import AckHow, Recipient
from webapp.documents.models import Document, DocumentAnnouncement, DocumentReader
from webapp.families.models import Pupil, SchoolClass
from webapp.staff.models import StaffMember


@dataclass(slots=True)
class Knowledge:
    """One family: its children here, how far the document came, and how it said that it knows."""

    family_id: int
    children: list[str] = field(default_factory=list)
    level: Level = Level.NOT_TRIED
    how: str | None = None  # an AckHow
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClassCount:
    """How many families of a class stand where."""

    school_class: SchoolClass
    families: int
    by_level: Counter[Level]
    by_how: Counter[str]

    @property
    def knows(self) -> int:
        return self.by_level[Level.ACKNOWLEDGED] + self.by_level[Level.SPOKEN_TO]

    @property
    def numbers(self) -> dict[str, int]:
        """By the keys of the levels, as the pages' bar takes them."""
        return {each.key: self.by_level[each] for each in Level} | {"no_address": 0}


def documents_of(school_id: int) -> Select[tuple[Document]]:
    """Select the school's documents, the newest first."""
    return (
        select(Document)
        .where(Document.school_id == school_id)
        .order_by(Document.created_at.desc(), Document.id.desc())
    )


def document_numbered(school_id: int, number: int) -> Document | None:
    return db.session.scalar(select(Document).where(Document.id == number, Document.school_id == school_id))


def document_with_token(school_id: int, token: str) -> Document | None:
    return db.session.scalar(select(Document).where(Document.school_id == school_id, Document.token == token))


def to_read(person: StaffMember) -> Sequence[DocumentReader]:
    """List what this person has not said that they know, the oldest first."""
    return db.session.scalars(
        select(DocumentReader)
        .where(DocumentReader.staff_id == person.id, DocumentReader.acknowledged_at.is_(None))
        .order_by(DocumentReader.asked_at, DocumentReader.document_id)
        .options(joinedload(DocumentReader.document))
    ).all()


def readers_of(document: Document) -> Select[tuple[DocumentReader]]:
    """Select the staff who are to know it, by name; who has not said so first."""
    return (
        select(DocumentReader)
        .join(DocumentReader.staff)
        .where(DocumentReader.document_id == document.id)
        .order_by(DocumentReader.acknowledged_at.is_not(None), StaffMember.name, StaffMember.id)
        .options(joinedload(DocumentReader.staff))
    )


def reading_of(document: Document, person: StaffMember) -> DocumentReader | None:
    return db.session.get(DocumentReader, (document.id, person.id))


def announcements_about(document: Document) -> Select[tuple[int]]:
    """Select the sent announcements by which families were told, and the reminders of them."""
    first = select(DocumentAnnouncement.announcement_id).where(
        DocumentAnnouncement.document_id == document.id
    )
    return select(Announcement.id).where(
        or_(Announcement.id.in_(first), Announcement.reminds_of_id.in_(first)),
        Announcement.published_at.is_not(None),
    )


def families_of(document: Document, classes: Sequence[SchoolClass]) -> dict[int, dict[int, Knowledge]]:
    """Say by class and family how far the document came: the best of all it was told by.

    Every family with a child in the class is there, also one that nobody has told.
    """
    wanted = [each.id for each in classes]
    found: dict[int, dict[int, Knowledge]] = {number: {} for number in wanted}
    pupils = db.session.execute(
        select(Pupil.class_id, Pupil.family_id, Pupil.name)
        .where(Pupil.class_id.in_(wanted), Pupil.left_at.is_(None))
        .order_by(Pupil.name, Pupil.id)
    )
    for class_id, family_id, name in pupils:
        found[class_id].setdefault(family_id, Knowledge(family_id)).children.append(name)
    best = _best_of(document, {family for families in found.values() for family in families})
    for families in found.values():
        for family_id, known in families.items():
            if family_id in best:
                known.level, known.how, known.at = best[family_id]
    return found


def _best_of(
    document: Document, family_ids: Collection[int]
) -> dict[int, tuple[Level, str | None, datetime | None]]:
    """Say how far the document came with each family that was told, how it answered, and since when."""
    copies = db.session.execute(
        select(
            Recipient.family_id,
            level().label("level"),
            Recipient.acknowledged_how,
            Recipient.acknowledged_at.label("answered"),
            Recipient.spoken_at.label("spoken"),
            func.coalesce(Recipient.relayed_at, arrived_at(by_relay=True)).label("relayed"),
            arrived_at(by_relay=False).label("arrived"),
            sent_at().label("sent"),
        )
        .outerjoin(Recipient.delivery)
        .where(Recipient.announcement_id.in_(announcements_about(document)))
        # The best comes last, and of equals the first that was sent.
        .order_by("level", Recipient.id.desc())
    )
    best: dict[int, tuple[Level, str | None, datetime | None]] = {}
    for copy in copies:
        if copy.family_id not in family_ids:
            continue
        place = Level(copy.level)
        since = {
            Level.SPOKEN_TO: copy.spoken,
            Level.ACKNOWLEDGED: copy.answered,
            Level.DELIVERED: copy.arrived,
            Level.RELAYED: copy.relayed,
            Level.SENT: copy.sent,
        }
        how = copy.acknowledged_how if place is Level.ACKNOWLEDGED else None
        best[copy.family_id] = place, how, since.get(place)
    return best


def counts_of(document: Document, classes: Sequence[SchoolClass]) -> list[ClassCount]:
    """Count the families of each class by how far the document came."""
    found = families_of(document, classes)
    counted = []
    for each in classes:
        families = found[each.id].values()
        how: Counter[str] = Counter(
            family.how or AckHow.SMS for family in families if family.level is Level.ACKNOWLEDGED
        )
        counted.append(ClassCount(each, len(families), Counter(family.level for family in families), how))
    return [each for each in counted if each.families]


def how_many_read(document_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Say for each document how many of the staff know it, and how many are to."""
    rows = db.session.execute(
        select(
            DocumentReader.document_id,
            func.count(DocumentReader.acknowledged_at),
            func.count(),
        )
        .where(DocumentReader.document_id.in_(document_ids))
        .group_by(DocumentReader.document_id)
    )
    read: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    read.update({number: (done, asked) for number, done, asked in rows})
    return read
