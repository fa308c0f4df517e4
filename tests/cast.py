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


def staff_member(school: School, name: str, login: str, *roles: Role, now: datetime) -> StaffMember:
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
    db.session.flush()
    return person


def family(
    school: School,
    pupils: dict[str, SchoolClass],
    guardian: str,
    language: str = "ky",
    phone: str = "",
    email: str = "",
) -> Family:
    household = Family(school_id=school.id)
    db.session.add(household)
    db.session.flush()
    for name, school_class in pupils.items():
        db.session.add(
            Pupil(school_id=school.id, family_id=household.id, class_id=school_class.id, name=name)
        )
    person = Guardian(school_id=school.id, family_id=household.id, name=guardian, language=language)
    db.session.add(person)
    db.session.flush()
    for priority, (channel, address) in enumerate((("sms", phone), ("email", email))):
        if address:
            point = db.session.scalar(
                db.select(ContactPoint).filter_by(school_id=school.id, channel=channel, address=address)
            ) or ContactPoint(school_id=school.id, channel=channel, address=address)
            db.session.add(point)
            db.session.flush()
            db.session.add(
                GuardianContact(guardian_id=person.id, contact_point_id=point.id, priority=priority)
            )
    db.session.flush()
    return household


def engage(now: datetime) -> Cast:
    """Put the cast into the database."""
    school = School(name="№95 мектеп-гимназия", short_name="№95", phone="+996 312 000 095", created_at=now)
    other = School(name="Башка мектеп", short_name="№0", created_at=now)
    db.session.add_all([school, other])
    db.session.flush()
    teacher = staff_member(school, "Айгүл Үлгүбаева", "aigul", Role.CLASS_TEACHER, now=now)
    other_teacher = staff_member(school, "Ольга Образцова", "olga", Role.CLASS_TEACHER, now=now)
    class_5a = SchoolClass(school_id=school.id, grade=5, letter="А", language="ky", teacher_id=teacher.id)
    class_5b = SchoolClass(
        school_id=school.id, grade=5, letter="Б", language="ru", teacher_id=other_teacher.id
    )
    other_class = SchoolClass(school_id=other.id, grade=5, letter="А", language="ky")
    db.session.add_all([class_5a, class_5b, other_class])
    db.session.flush()
    cast = Cast(
        school=school,
        director=staff_member(school, "Директор Үлгүлүев", "director", Role.DIRECTOR, now=now),
        pedagogue=staff_member(school, "Педагог Мисалова", "pedagogue", Role.SOCIAL_PEDAGOGUE, now=now),
        teacher=teacher,
        other_teacher=other_teacher,
        office=staff_member(school, "Кеңсе Үлгүева", "office", Role.OFFICE, now=now),
        class_5a=class_5a,
        class_5b=class_5b,
        button_phone=family(school, {"Асан Мисалов": class_5a}, "Гүлнара Мисалова", phone="+996555000101"),
        email_only=family(
            school, {"Вера Примерова": class_5a}, "Раиса Примерова", language="ru", email="raisa@example.kg"
        ),
        no_address=family(school, {"Чолпон Дарексизова": class_5a}, "Бермет Дарексизова"),
        siblings=family(
            school,
            {"Нурлан Экөөбаев": class_5a, "Нурай Экөөбаева": class_5b},
            "Сабыр Экөөбаев",
            phone="+996700000102",
        ),
        neighbour=family(
            school, {"Пётр Соседов": class_5b}, "Анна Соседова", language="ru", phone="+996555000101"
        ),
        other_school=other,
        other_director=staff_member(other, "Башка Директор", "other", Role.DIRECTOR, now=now),
        other_class=other_class,
        other_family=family(other, {"Башка Бала": other_class}, "Башка Апа", phone="+996777000103"),
    )
    db.session.commit()
    return cast
