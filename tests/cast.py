"""The named cast: who acts in the tests. All of them are invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from werkzeug.security import generate_password_hash

from notifier.database import db
from webapp.families.models import ContactPoint, Family, Guardian, GuardianContact, Pupil, SchoolClass
from webapp.staff.models import Role, School, StaffMember, StaffRole

PASSWORD = "Тоо суусу таза 95"
# The cheapest hash there is: the tests check who may enter, not how slow guessing is.
PASSWORD_HASH = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")


@dataclass
class Cast:
    school: School
    director: StaffMember
    pedagogue: StaffMember
    teacher: StaffMember  # leads 5-А
    other_teacher: StaffMember  # leads 5-Б
    office: StaffMember
    class_5a: SchoolClass  # taught in Kyrgyz
    class_5b: SchoolClass  # taught in Russian
    button_phone: Family  # one child in 5-А, mother's button phone, reads Kyrgyz
    email_only: Family  # one child in 5-А, grandmother reads Russian, e-mail alone
    no_address: Family  # one child in 5-А, nothing to write to
    siblings: Family  # a child in 5-А and one in 5-Б, one phone
    neighbour: Family  # a child in 5-Б behind the button-phone family's number
    other_school: School
    other_director: StaffMember
    other_class: SchoolClass
    other_family: Family


@dataclass
class Household:
    """A family to be: its children and their classes, and whoever looks after them."""

    school: School
    pupils: dict[str, SchoolClass]
    guardian: str
    language: str = "ky"
    phone: str = ""
    email: str = ""

    @property
    def addresses(self) -> list[tuple[str, str]]:
        return [(channel, to) for channel, to in (("sms", self.phone), ("email", self.email)) if to]


def staff_member(school: School, name: str, login: str, *roles: Role, now: datetime) -> StaffMember:
    person = _person(school, name, login, *roles, now=now)
    db.session.flush()
    return person


def _person(school: School, name: str, login: str, *roles: Role, now: datetime) -> StaffMember:
    person = StaffMember(
        school_id=school.id,
        name=name,
        login=login,
        password_hash=PASSWORD_HASH,
        language="en",
        created_at=now,
    )
    person.role_rows = [StaffRole(role=role) for role in roles]
    db.session.add(person)
    return person


def family(
    school: School,
    pupils: dict[str, SchoolClass],
    guardian: str,
    language: str = "ky",
    phone: str = "",
    email: str = "",
) -> Family:
    return families(Household(school, pupils, guardian, language, phone, email))[0]


def families(*households: Household) -> list[Family]:
    """Add families, each kind of row by one statement: nearly every test waits for this."""
    found = [Family(school_id=h.school.id) for h in households]
    db.session.add_all(found)
    db.session.flush()
    guardians = []
    points: dict[tuple[int, str, str], ContactPoint] = {}
    for h, new in zip(households, found, strict=True):
        for name, school_class in h.pupils.items():
            db.session.add(
                Pupil(school_id=h.school.id, family_id=new.id, class_id=school_class.id, name=name)
            )
        guardians.append(
            Guardian(school_id=h.school.id, family_id=new.id, name=h.guardian, language=h.language)
        )
        for channel, address in h.addresses:
            key = (h.school.id, channel, address)
            points[key] = points.get(key) or _point(*key)
    db.session.add_all([*guardians, *points.values()])
    db.session.flush()
    for h, person in zip(households, guardians, strict=True):
        for channel, address in h.addresses:
            point = points[h.school.id, channel, address]
            db.session.add(
                GuardianContact(
                    guardian_id=person.id, contact_point_id=point.id, priority=int(channel == "email")
                )
            )
    db.session.flush()
    return found


def _point(school_id: int, channel: str, address: str) -> ContactPoint:
    known = db.select(ContactPoint).filter_by(school_id=school_id, channel=channel, address=address)
    with db.session.no_autoflush:
        return db.session.scalar(known) or ContactPoint(school_id=school_id, channel=channel, address=address)


def engage(now: datetime) -> Cast:
    """Put the cast into the database."""
    school = School(name="№95 мектеп-гимназия", short_name="№95", phone="+996 312 000 095", created_at=now)
    other = School(name="Башка мектеп", short_name="№0", created_at=now)
    db.session.add_all([school, other])
    db.session.flush()
    teacher = _person(school, "Айгүл Үлгүбаева", "aigul", Role.CLASS_TEACHER, now=now)
    other_teacher = _person(school, "Ольга Образцова", "olga", Role.CLASS_TEACHER, now=now)
    director = _person(school, "Директор Үлгүлүев", "director", Role.DIRECTOR, now=now)
    pedagogue = _person(school, "Педагог Мисалова", "pedagogue", Role.SOCIAL_PEDAGOGUE, now=now)
    office = _person(school, "Кеңсе Үлгүева", "office", Role.OFFICE, now=now)
    other_director = _person(other, "Башка Директор", "other", Role.DIRECTOR, now=now)
    db.session.flush()
    class_5a = SchoolClass(school_id=school.id, grade=5, letter="А", language="ky", teacher_id=teacher.id)
    class_5b = SchoolClass(
        school_id=school.id, grade=5, letter="Б", language="ru", teacher_id=other_teacher.id
    )
    other_class = SchoolClass(school_id=other.id, grade=5, letter="А", language="ky")
    db.session.add_all([class_5a, class_5b, other_class])
    db.session.flush()
    siblings = {"Нурлан Экөөбаев": class_5a, "Нурай Экөөбаева": class_5b}
    button_phone, email_only, no_address, two_children, neighbour, other_family = families(
        Household(school, {"Асан Мисалов": class_5a}, "Гүлнара Мисалова", phone="+996555000101"),
        Household(school, {"Вера Примерова": class_5a}, "Раиса Примерова", "ru", email="raisa@example.kg"),
        Household(school, {"Чолпон Дарексизова": class_5a}, "Бермет Дарексизова"),
        Household(school, siblings, "Сабыр Экөөбаев", phone="+996700000102"),
        Household(school, {"Пётр Соседов": class_5b}, "Анна Соседова", "ru", phone="+996555000101"),
        Household(other, {"Башка Бала": other_class}, "Башка Апа", phone="+996777000103"),
    )
    db.session.commit()
    return Cast(
        school=school,
        director=director,
        pedagogue=pedagogue,
        teacher=teacher,
        other_teacher=other_teacher,
        office=office,
        class_5a=class_5a,
        class_5b=class_5b,
        button_phone=button_phone,
        email_only=email_only,
        no_address=no_address,
        siblings=two_children,
        neighbour=neighbour,
        other_school=other,
        other_director=other_director,
        other_class=other_class,
        other_family=other_family,
    )
