"""Whom an announcement is for: the families that are meant, and the one address at which to tell each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence, Set
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from notifier.database import db
from notifier.models import Suppression
from webapp.announcements.audience.conditions import pupils_such
from webapp.announcements.audience.households import Address, Audience, Child, Household
from webapp.announcements.audience.selection import Selection
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import NoAddress
from webapp.families.models import (
    ContactPoint,
    ContactStatus,
    Guardian,
    GuardianContact,
    Pupil,
    SchoolClass,
    class_name,
)
from webapp.families.queries import visible_classes
from webapp.staff.models import School, Script, StaffMember

# A guardian, one of their contact points (Nones for who has none), and why it must not be written to.
Contact = Row[tuple[int, int, str, str, str | None, int, bool, str, str, str, str]]

# SMS first: the phone with buttons is the one every family looks at.
CHANNELS = ("sms", "email")
# To look a member up costs a tenth of making one of its value.
SCRIPTS: dict[str, Script] = {script.value: script for script in Script}


def audience_of(
    school: School, class_ids: Collection[int], pupils: Select[tuple[int]] | None = None
) -> Audience:
    """Find the families with a pupil in one of these classes of the school, in the order of class lists.

    `pupils` selects the ids of those who are concerned; None: all of them.
    """
    meant = Pupil.class_id.in_(class_ids)
    return _gathered(school, meant if pupils is None else and_(meant, Pupil.id.in_(pupils)))


def audience_for(announcement: Announcement, now: datetime) -> Audience:
    """Find whom an announcement tells, as things stand now."""
    school = db.session.get_one(School, announcement.school_id)
    selection, author = Selection.of(announcement), announcement.author
    if not announcement.audience:
        return audience_of(school, selection.classes)
    return chosen(school, selection, visible_classes(author) if author else announcement.classes, author, now)


def chosen(
    school: School,
    selection: Selection,
    seen: Sequence[SchoolClass],
    author: StaffMember | None,
    now: datetime,
    *,
    with_struck: bool = False,
) -> Audience:
    """Find the families a selection means among the classes its author sees; in one go, whatever it says."""
    own = [school_class.id for school_class in seen]
    classes = [school_class.id for school_class in selection.classes_among(seen)]
    meant = [
        and_(
            Pupil.class_id.in_(classes),
            *(pupils_such(condition, school.id, author, now) for condition in selection.conditions),
        )
    ]
    if selection.families:
        meant.append(and_(Pupil.family_id.in_(selection.families), Pupil.class_id.in_(own)))
    if selection.pupils:
        meant.append(and_(Pupil.id.in_(selection.pupils), Pupil.class_id.in_(own)))
    struck = frozenset() if with_struck else selection.struck
    return _gathered(school, or_(*meant), struck, narrows=selection.narrows)


def classes_of(audience: Audience) -> list[SchoolClass]:
    """List the classes of all children an audience names, in the order of grades."""
    ids = {child.class_id for household in audience.households for child in household.children}
    return list(
        db.session.scalars(
            select(SchoolClass).where(SchoolClass.id.in_(ids)).order_by(SchoolClass.grade, SchoolClass.letter)
        )
    )


def _gathered(
    school: School, meant: ColumnElement[bool], struck: Set[int] = frozenset(), *, narrows: bool = False
) -> Audience:
    """Find the families of today's pupils who are `meant`, without those struck out."""
    here = [Pupil.school_id == school.id, Pupil.left_at.is_(None), meant]
    names: dict[int, str] = {}
    children: dict[int, list[Child]] = defaultdict(list)
    left_out = set()
    for pupil_id, name, family_id, class_id, grade, letter in db.session.execute(
        select(Pupil.id, Pupil.name, Pupil.family_id, Pupil.class_id, SchoolClass.grade, SchoolClass.letter)
        .join(Pupil.school_class)
        .where(*here)
        .order_by(SchoolClass.grade, SchoolClass.letter, Pupil.name, Pupil.id)
    ):
        if family_id in struck:
            left_out.add(family_id)
            continue
        if class_id not in names:
            names[class_id] = class_name(grade, letter)
        children[family_id].append(Child(pupil_id, name, class_id, names[class_id]))
    contacts = _contacts(here)
    return Audience(
        tuple(
            _household(school, family_id, tuple(named), contacts.get(family_id, []))
            for family_id, named in children.items()
        ),
        school.language,
        narrows=narrows,
        left_out=len(left_out),
    )


def _contacts(here: list[ColumnElement[bool]]) -> dict[int, list[Contact]]:
    """Every way to every guardian of these pupils' families, the one to try first first.

    Columns and no objects: a school has a thousand families, and somebody waits.
    """
    found: dict[int, list[Contact]] = defaultdict(list)
    for row in db.session.execute(
        select(
            Guardian.family_id,
            Guardian.id.label("guardian_id"),
            Guardian.name,
            Guardian.language,
            Guardian.script,
            ContactPoint.id.label("point_id"),
            GuardianContact.is_relay,
            ContactPoint.channel,
            ContactPoint.address,
            ContactPoint.status,
            Suppression.reason,
        )
        .outerjoin(GuardianContact, GuardianContact.guardian_id == Guardian.id)
        .outerjoin(ContactPoint, ContactPoint.id == GuardianContact.contact_point_id)
        .outerjoin(Suppression, _suppressed())
        .where(Guardian.family_id.in_(select(Pupil.family_id).where(*here)))
        .order_by(
            Guardian.priority,
            Guardian.id,
            GuardianContact.is_relay,
            GuardianContact.priority,
            ContactPoint.id,
        )
    ):
        found[row.family_id].append(row)
    return found


def _suppressed() -> ColumnElement[bool]:
    return and_(Suppression.channel == ContactPoint.channel, Suppression.address == ContactPoint.address)


def _household(
    school: School, family_id: int, children: tuple[Child, ...], contacts: list[Contact]
) -> Household:
    usable = [row for row in contacts if row.point_id is not None and _why_not(row) is None]
    for channel in CHANNELS:
        for row in usable:
            if row.channel == channel:
                address = Address(row.point_id, row.channel, row.address, row.is_relay)
                return _told(school, family_id, children, row, address)
    return _told(school, family_id, children, contacts[0] if contacts else None, None, _reason(contacts))


def _told(
    school: School,
    family_id: int,
    children: tuple[Child, ...],
    guardian: Contact | None,
    address: Address | None,
    no_address: NoAddress | None = None,
) -> Household:
    return Household(
        family_id=family_id,
        children=children,
        guardian_id=guardian.guardian_id if guardian else None,
        guardian=guardian.name if guardian else "",
        language=guardian.language if guardian else "ky",
        # As `Guardian.script_at` has it: their own choice, else the school's.
        script=SCRIPTS[(guardian and guardian.script) or school.script],
        address=address,
        no_address=no_address,
    )


def _why_not(row: Contact) -> NoAddress | None:
    if row.reason is not None:
        return NoAddress.OPTED_OUT
    return NoAddress.BAD if row.status == ContactStatus.BAD else None


def _reason(contacts: Iterable[Contact]) -> NoAddress:
    reasons = {_why_not(row) for row in contacts if row.point_id is not None}
    return next((why for why in (NoAddress.OPTED_OUT, NoAddress.BAD) if why in reasons), NoAddress.NONE)


def has_usable_address(family_id: InstrumentedAttribute[int] | ColumnElement[int]) -> ColumnElement[bool]:
    """Say in SQL whether the family can be written to as things stand now."""
    return exists(
        select(1)
        .select_from(Guardian)
        .join(GuardianContact, GuardianContact.guardian_id == Guardian.id)
        .join(ContactPoint, ContactPoint.id == GuardianContact.contact_point_id)
        .outerjoin(Suppression, _suppressed())
        .where(
            Guardian.family_id == family_id,
            ContactPoint.status != ContactStatus.BAD,
            ContactPoint.channel.in_(CHANNELS),
            Suppression.id.is_(None),
        )
    )
