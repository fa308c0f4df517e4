"""What teachers of the demo school have told lately: an assignment with its sheet, a lesson, a good mark."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from notifier.database import db
from webapp.announcements import kinds
from webapp.announcements.audience.selection import only_pupils
from webapp.announcements.desk.said import About, Said
from webapp.announcements.desk.table import KINDS
from webapp.announcements.desk.texts import texts_of
from webapp.announcements.files.attaching import attach
from webapp.announcements.files.check import checked
from webapp.announcements.models import Announcement
from webapp.announcements.names import given_name
from webapp.announcements.publish import publish
from webapp.families.models import Pupil, SchoolClass
from webapp.reach.answers.handing_in import children_in, note_work
from webapp.staff.models import School, StaffMember

# By whom, of which kind, with the days from today in the place of days.
TOLD: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "demo-5a",
        kinds.ASSIGNMENT,
        {
            "subject": "Математика",
            "what": "№125–130",
            "page": "45",
            "until_day": 3,
            "until_hour": "18:00",
            "hand_in": "WhatsApp",
            "activity": "own",
        },
    ),
    (
        "demo-5b",
        kinds.ONLINE_LESSON,
        {
            "subject": "Русский язык",
            "lesson_day": 1,
            "lesson_hour": "10:00",
            "minutes": "30",
            "platform": "Zoom",
            "link": "https://zoom.example/j/95",
            "code": "5050",
            "dial_in": "+996 312 000 095",
        },
    ),
    (
        "demo-5a",
        kinds.RESULT,
        {
            "subject": "Кыргыз тили",
            "work": "жат жазуу",
            "mark": "5",
            "journal": True,
            "comment": "Азаматсың!",
        },
    ),
)


# So many children have done the assignment already.
FIRST_IN = 3
# The sheet that goes with the assignment, to families with e-mail.
SHEET_OF_TASKS = "Математика, 125–130.pdf"
TASKS = (
    "Математика, 45-бет. №125–130",
    "125. Эсепте: 3/8 + 1/4",
    "126. Эсепте: 5/6 – 1/3",
    "127. Дүкөндө 24 кг алма бар эле. Анын 3/4 бөлүгү сатылды. Канча кг калды?",
    "128. Тик бурчтуктун узуну 12 см, туурасы 5 см. Аянтын тап.",
    "129. Теңдемени чыгар: x + 1/2 = 7/8",
    "130. Өз маселеңди түз жана чыгар.",
)


def furnish(school: School, now: datetime) -> None:
    """Tell it all to the families of these teachers' classes; the caller commits."""
    for number, (login, kind, answers) in enumerate(TOLD):
        teacher = db.session.scalars(select(StaffMember).filter_by(login=login)).one()
        _tell(school, teacher, kind, answers, now + timedelta(microseconds=number))


def _tell(school: School, teacher: StaffMember, kind: str, answers: dict[str, Any], now: datetime) -> None:
    own = db.session.scalars(select(SchoolClass).filter_by(teacher_id=teacher.id)).one()
    pupil = db.session.scalars(select(Pupil).filter_by(class_id=own.id).order_by(Pupil.id)).first()
    today = now.astimezone(school.zone).date()
    said = Said(
        {
            name: (today + timedelta(days=answer)).isoformat() if name.endswith("_day") else answer
            for name, answer in answers.items()
        }
    )
    announcement = Announcement(
        school_id=school.id,
        author_id=teacher.id,
        author=teacher,
        kind=kind,
        created_at=now,
        classes=[own],
        audience="",
    )
    about = About(school.phone)
    if kind in kinds.PRIVATE and pupil:
        about = About(school.phone, child=given_name(pupil.name), class_name=own.name)
        said = Said({**said.answers, "child": about.child})
        announcement.audience = only_pupils([pupil.id])
    texts = texts_of(kind, said, about)
    announcement.text_ky, announcement.text_ru, announcement.fields = texts["ky"], texts["ru"], said.written()
    if due := KINDS[kind].due:
        announcement.due_at = said.moment(*due, school.zone)
    db.session.add(announcement)
    db.session.flush()
    if kind == kinds.ASSIGNMENT:
        attach(announcement, checked(SHEET_OF_TASKS, _sheet_of_tasks(school)), now)
    publish(announcement, now, by=teacher)
    if kind == kinds.ASSIGNMENT:
        first = [child.id for child in db.session.execute(children_in(announcement, own).limit(FIRST_IN))]
        note_work(announcement, first, [], teacher, now)


def _sheet_of_tasks(school: School) -> bytes:
    # Here, because nothing else of the demo school needs the printer's megabytes.
    from webapp.paper import Paper

    paper = Paper(TASKS[0], school.name, "ky")
    paper.add_page()
    for number, line in enumerate(TASKS):
        paper.say(13 if number else 16, bold=not number)
        paper.multi_cell(0, 10, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(paper.output())
