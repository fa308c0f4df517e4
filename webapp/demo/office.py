"""What the demo school's office has written down: who is on duty, how classes are taught, a public notice."""

from __future__ import annotations

from datetime import datetime, timedelta

from notifier.database import db
from webapp.demo.templates import keep_templates
from webapp.documents.models import Document, DocumentKind, DocumentReader, ReadHow
from webapp.families.modes import ClassMode, Mode
from webapp.public.models import PublicNotice, PublicPage
from webapp.roster.models import DutyTurn, Roster
from webapp.staff.models import School
from webapp.staff.queries import staff_of

SLUG = "demo-mektep"
# Invented names: the surnames say what they are; who has a login has it beside the name. Friday has two, as
# in the regulation.
ADMINISTRATION = (
    (0, "Башчиева А.", "demo-director"),
    (1, "Орунбасарова Ж.", "demo-deputy"),
    (2, "Кеңсебаева З.", "demo-office"),
    (3, "Камкорова Б.", "demo-pedagogue"),
    (4, "Башчиева А.", "demo-director"),
    (4, "Нөөмөтчүева Г.", ""),
)
ASSOCIATIONS = (
    (0, "Гуманитардык бирикме", ""),
    (1, "Башталгыч класстар", ""),
    (2, "Табигый-математикалык бирикме", ""),
    (3, "Эстетикалык бирикме", ""),
    (4, "Гуманитардык бирикме", ""),
)
NOTICE = {
    "title_ky": "Мектеп дистанттык окутууга өтөт",
    "text_ky": "Урматтуу ата-энелер! Сабактар убактылуу аралыктан өтөт. Телесабактардын жадыбалын класс "
    "жетекчи SMS аркылуу билдирет. Суроолор боюнча мектепке чалыңыздар.",
    "title_ru": "Школа переходит на дистанционное обучение",
    "text_ru": "Уважаемые родители! Уроки временно проходят на расстоянии. Расписание телеуроков классный "
    "руководитель сообщит по SMS. С вопросами звоните в школу.",
}


def furnish(school: School, now: datetime) -> None:
    """Write it all down for a new demo school; the caller commits."""
    hours = {Roster.ADMINISTRATION: (8 * 60, 17 * 60), Roster.ASSOCIATION: (9 * 60, 15 * 60)}
    accounts = {person.login: person.id for person in staff_of(school)}
    for roster, turns in ((Roster.ADMINISTRATION, ADMINISTRATION), (Roster.ASSOCIATION, ASSOCIATIONS)):
        for weekday, name, login in turns:
            starts, ends = hours[roster]
            phone = school.phone if roster is Roster.ADMINISTRATION else ""
            db.session.add(
                DutyTurn(
                    school_id=school.id,
                    roster=roster,
                    weekday=weekday,
                    starts=starts,
                    ends=ends,
                    name=name,
                    phone=phone,
                    staff_id=accounts.get(login),
                )
            )
    today = now.astimezone(school.zone).date()
    db.session.add_all(
        [
            PublicPage(school_id=school.id, slug=SLUG),
            PublicNotice(school_id=school.id, published_at=now, changed_at=now, **NOTICE),
            ClassMode(
                school_id=school.id,
                mode=Mode.MIXED,
                starts=today,
                ends=today + timedelta(days=13),
                order_number="01-5/95",
                order_date=today,
                created_at=now,
            ),
        ]
    )
    db.session.flush()
    _hang_out_an_order(school, now)
    keep_templates(school, now)


def _hang_out_an_order(school: School, now: datetime) -> None:
    """Put an order among the documents that some of the staff have read already."""
    order = Document(
        school_id=school.id,
        token="demo-order",  # noqa: S106  (a form's mark, no secret)
        kind=DocumentKind.ORDER,
        number="01-5/95",
        signed_on=now.astimezone(school.zone).date(),
        title_ky="Дистанттык окутууга өтүү жөнүндө буйрук",
        title_ru="Приказ о переходе на дистанционное обучение",
        text_ky="Сабактар убактылуу аралыктан өтөт.",
        text_ru="Уроки временно проходят на расстоянии.",
        created_at=now,
    )
    db.session.add(order)
    db.session.flush()
    for number, person in enumerate(staff_of(school)):
        reader = DocumentReader(document_id=order.id, staff_id=person.id, asked_at=now)
        if number % 3 == 0:
            reader.acknowledged_at = now
            reader.acknowledged_how = ReadHow.PAPER if number else ReadHow.APP
        db.session.add(reader)
    db.session.flush()
