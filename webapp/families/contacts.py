"""Who can be reached where: put phones and e-mail addresses to a guardian, and flag what deserves a look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select

from notifier.database import db
from notifier.phones import suspicious
from webapp.families.models import ContactPoint, ContactStatus, Family, Guardian, GuardianContact, Pupil

Address = tuple[str, str]  # channel, address


def addresses(guardian: Guardian, channel: str | None = None) -> list[Address]:
    """List where this guardian is told, in the order of trying; a neighbour's phone is not among them."""
    links = sorted(guardian.contacts, key=lambda link: link.priority)
    return [
        (link.contact_point.channel, link.contact_point.address)
        for link in links
        if not link.is_relay and channel in {None, link.contact_point.channel}
    ]


class ContactBook:
    """The contact points of one school, made when first needed; remembers which ones changed hands.

    `known` are those that need no looking up; `complete` when they are all there are.
    """

    def __init__(self, school_id: int, known: Iterable[ContactPoint], complete: bool = False) -> None:
        self.school_id, self.complete = school_id, complete
        self.points = {(point.channel, point.address): point for point in known}
        self.joined: set[Address] = set()
        self.left: set[Address] = set()

    def point(self, channel: str, address: str) -> ContactPoint:
        """Find or make the contact point; a new one that looks cut off is flagged."""
        key = (channel, address)
        if key not in self.points:
            self.points[key] = self._found(channel, address) or self._new(channel, address)
        return self.points[key]

    def _found(self, channel: str, address: str) -> ContactPoint | None:
        if self.complete:
            return None
        return db.session.scalar(
            select(ContactPoint).filter_by(school_id=self.school_id, channel=channel, address=address)
        )

    def _new(self, channel: str, address: str) -> ContactPoint:
        point = ContactPoint(school_id=self.school_id, channel=channel, address=address)
        cut_off = channel == "sms" and suspicious(address)
        point.status, point.note = (ContactStatus.LOOK, "suspicious") if cut_off else (ContactStatus.OK, "")
        db.session.add(point)
        return point

    def assign(self, guardian: Guardian, wanted: Sequence[Address]) -> None:
        """Make `wanted` the addresses of a guardian, in this order; a neighbour's phone stays where it is."""
        links = {(link.contact_point.channel, link.contact_point.address): link for link in guardian.contacts}
        for key, link in links.items():
            if key not in wanted and not link.is_relay:
                guardian.contacts.remove(link)
                self.left.add(key)
        for priority, key in enumerate(wanted):
            if key not in links:
                links[key] = GuardianContact(contact_point=self.point(*key), is_relay=False)
                guardian.contacts.append(links[key])
                self.joined.add(key)
            links[key].priority = priority

    def flag_shared(self) -> None:
        """Flag the addresses that came to be shared by families, unflag those that no longer are.

        An address that somebody has looked at is flagged again only when one more family begins to share it.
        """
        db.session.flush()
        touched = [self.points[key] for key in self.joined | self.left if key in self.points]
        families = dict(
            db.session.execute(
                select(GuardianContact.contact_point_id, func.count(Guardian.family_id.distinct()))
                .join(Guardian, Guardian.id == GuardianContact.guardian_id)
                .join(Pupil, Pupil.family_id == Guardian.family_id)
                .where(Guardian.school_id == self.school_id, Pupil.left_at.is_(None))
                .group_by(GuardianContact.contact_point_id)
                .having(func.count(Guardian.family_id.distinct()) > 1)
            )
            .tuples()
            .all()
        )
        for point in touched:
            if point.status == ContactStatus.BAD:
                continue
            if point.id in families:
                if (point.channel, point.address) in self.joined:
                    point.status, point.note = ContactStatus.LOOK, "shared"
            elif point.note == "shared":
                point.status, point.note = ContactStatus.OK, ""


def book_of_family(family: Family) -> ContactBook:
    """The contact book to change one family with."""
    known = [link.contact_point for guardian in family.guardians for link in guardian.contacts]
    return ContactBook(family.school_id, known)


def book_of_school(school_id: int) -> ContactBook:
    """The contact book to change a whole school with: every point loaded at once."""
    known = db.session.scalars(select(ContactPoint).filter_by(school_id=school_id))
    return ContactBook(school_id, known, complete=True)
