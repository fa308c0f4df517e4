"""Make the demo school, and take it away again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, or_, select

from notifier.database import db
from notifier.models import Delivery, Inbound, Suppression
from notifier.stationery import Enclosure, PaperEnclosure
from webapp.announcements.models import Announcement, AnnouncementFile
from webapp.announcements.recipients import Climb, Recipient
from webapp.demo.invented import CLASS_LIST
from webapp.demo.office import furnish
from webapp.families.importing import bring_in, read_file
from webapp.families.models import ContactPoint, SchoolClass
from webapp.staff import passwords
from webapp.staff.models import Role, School, StaffMember, StaffRole
from webapp.staffroom.models import StaffCopy

NAME = "№95 мектеп-гимназия (машыгуу)"


@dataclass(frozen=True, slots=True)
class Invented:
    """A person of the demo school's staff; the surnames are the jobs."""

    login: str
    name: str
    roles: tuple[Role, ...]
    leads: str = ""


STAFF = (
    Invented("demo-director", "Айсулуу Башчиева", (Role.DIRECTOR,)),
    Invented("demo-deputy", "Жамиля Орунбасарова", (Role.DEPUTY_DIRECTOR,)),
    Invented("demo-5a", "Гүлмира Класстаева", (Role.CLASS_TEACHER, Role.SUBJECT_TEACHER), "5-А"),
    Invented("demo-5b", "Ольга Классная", (Role.CLASS_TEACHER,), "5-Б"),
    Invented("demo-7a", "Нурлан Жетекчиев", (Role.CLASS_TEACHER,), "7-А"),
    Invented("demo-subject", "Талант Сабакбаев", (Role.SUBJECT_TEACHER,)),
    Invented("demo-pedagogue", "Бермет Камкорова", (Role.SOCIAL_PEDAGOGUE,)),
    Invented("demo-psychologist", "Асель Жандүйнөева", (Role.PSYCHOLOGIST,)),
    Invented("demo-office", "Зейнеп Кеңсебаева", (Role.OFFICE,)),
)


def make_demo_school(now: datetime) -> School:
    """Make the school, its staff, and its classes by importing the class list; the caller commits."""
    file = read_file(CLASS_LIST.read_bytes())
    if file.found.errors:
        raise ValueError(f"the demo class list has errors: {file.found.errors[0].message}")
    school = School(
        name=NAME,
        short_name="№95",
        phone="+996 312 000 095",
        is_demo=True,
        # Invented, like everything here; so that composing shows what a message would cost.
        sms_price=Decimal("1.5"),
        created_at=now,
    )
    db.session.add(school)
    db.session.flush()
    kept = passwords.hashed(passwords.DEMO)
    for person in STAFF:
        member = StaffMember(
            school_id=school.id, name=person.name, login=person.login, password_hash=kept, created_at=now
        )
        member.role_rows = [StaffRole(role=role) for role in person.roles]
        db.session.add(member)
    db.session.flush()
    bring_in(file.found, school, now, leaving=False)
    db.session.flush()
    _give_teachers_their_classes(school)
    furnish(school, now)
    return school


def _give_teachers_their_classes(school: School) -> None:
    leads = {person.leads: person.login for person in STAFF if person.leads}
    members = {
        member.login: member.id
        for member in db.session.scalars(select(StaffMember).where(StaffMember.school_id == school.id))
    }
    for school_class in db.session.scalars(select(SchoolClass).where(SchoolClass.school_id == school.id)):
        school_class.teacher_id = members[leads[school_class.name]]
    db.session.flush()


def demo_schools() -> list[School]:
    """List the demo schools: one at most, unless somebody made another by hand."""
    return list(db.session.scalars(select(School).where(School.is_demo).order_by(School.id)))


def remove(school: School) -> None:
    """Take a demo school away with everybody in it and every message to them; the caller commits."""
    sent = (
        select(Recipient.delivery_id)
        .join(Announcement, Announcement.id == Recipient.announcement_id)
        .where(Announcement.school_id == school.id, Recipient.delivery_id.is_not(None))
    )
    climbed = (
        select(Climb.delivery_id)
        .join(Recipient, Recipient.id == Climb.recipient_id)
        .join(Announcement, Announcement.id == Recipient.announcement_id)
        .where(Announcement.school_id == school.id, Climb.delivery_id.is_not(None))
    )
    files = (
        select(AnnouncementFile.enclosure_id).join(Announcement).where(Announcement.school_id == school.id)
    )
    enclosed = list(db.session.scalars(files))
    to_staff = (
        select(StaffCopy.delivery_id)
        .join(Announcement, Announcement.id == StaffCopy.announcement_id)
        .where(Announcement.school_id == school.id, StaffCopy.delivery_id.is_not(None))
    )
    theirs = select(ContactPoint.address).where(ContactPoint.school_id == school.id)
    elsewhere = select(ContactPoint.address).where(ContactPoint.school_id != school.id)
    for statement in (
        delete(Delivery).where(
            or_(Delivery.id.in_(sent), Delivery.id.in_(climbed), Delivery.id.in_(to_staff))
        ),
        delete(Inbound).where(Inbound.sender.in_(theirs), Inbound.sender.not_in(elsewhere)),
        delete(Suppression).where(Suppression.address.in_(theirs), Suppression.address.not_in(elsewhere)),
        delete(School).where(School.id == school.id),
        delete(PaperEnclosure).where(PaperEnclosure.enclosure_id.in_(enclosed)),
        delete(Enclosure).where(Enclosure.id.in_(enclosed)),
    ):
        db.session.execute(statement, execution_options={"synchronize_session": False})
    db.session.expire_all()
