"""What the demo school's families have at home, a survey they are answering, and a group taught at school."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from notifier import outbox
from notifier.database import db
from webapp.announcements.publish import publish
from webapp.atschool import seats
from webapp.atschool.inviting import invite
from webapp.atschool.models import Answer, Attendance, Group, Member
from webapp.atschool.times import meeting_days
from webapp.documents.keeping import draft_about
from webapp.documents.queries import documents_of
from webapp.families.device_queries import children_without
from webapp.families.devices import HAVINGS, NO, YES, Fact, note_device
from webapp.families.models import Family, Guardian, Pupil, SchoolClass
from webapp.staff.models import School, StaffMember
from webapp.survey.models import Survey
from webapp.survey.ready import READY
from webapp.survey.sending import send

# What families have, in turn; None: nobody has asked yet. Every sixth has nothing to learn with.
HOMES: tuple[dict[Fact, str] | None, ...] = (
    {Fact.SMARTPHONE: YES, Fact.BUTTON_PHONE: NO, Fact.COMPUTER: NO, Fact.INTERNET: YES, Fact.TV: YES},
    None,
    {Fact.SMARTPHONE: NO, Fact.BUTTON_PHONE: YES, Fact.COMPUTER: NO, Fact.INTERNET: NO, Fact.TV: YES},
    {Fact.SMARTPHONE: YES, Fact.COMPUTER: YES, Fact.INTERNET: YES, Fact.TV: YES},
    {Fact.BUTTON_PHONE: YES, Fact.TV: YES},
    {Fact.SMARTPHONE: YES, Fact.COMPUTER: NO, Fact.INTERNET: NO, Fact.TV: YES},
)
# Days since somebody asked, in turn: the last is more than a quarter ago.
ASKED = (3, 20, 45, 70, 120)
# What parents answer from their phones, in turn; the others are silent.
TYPED = ("1", "1.", "", "жооп 2", "3", "")


def furnish(school: School, now: datetime) -> None:
    """Note devices, tell a class of the order, ask a question and make a group; the caller commits."""
    families = db.session.scalars(
        select(Family)
        .where(Family.school_id == school.id)
        .options(selectinload(Family.pupils).joinedload(Pupil.school_class))
        .order_by(Family.id)
    ).all()
    staff = {
        person.login: person
        for person in db.session.scalars(select(StaffMember).filter_by(school_id=school.id))
    }
    for number, family in enumerate(families):
        teacher = family.pupils[0].school_class.teacher
        learned = now - timedelta(days=ASKED[number % len(ASKED)])
        for having in HAVINGS:
            if value := (HOMES[number % len(HOMES)] or {}).get(having):
                note_device(family, having, value, learned, teacher)
    _tell_of_the_order(school, staff["demo-5a"], now)
    pedagogue = staff["demo-pedagogue"]
    _ask(school, pedagogue, now)
    _teach(school, pedagogue, now)


def _tell_of_the_order(school: School, teacher: StaffMember, now: datetime) -> None:
    """Let a class teacher tell the families of the class of the school's newest document."""
    classes = db.session.scalars(select(SchoolClass).filter_by(teacher_id=teacher.id)).all()
    document = db.session.scalars(documents_of(school.id)).first()
    if document and classes:
        publish(draft_about(document, classes, teacher, now), now, teacher)


def _ask(school: School, by: StaffMember, now: datetime) -> None:
    words = READY["reads"]
    classes = db.session.scalars(select(SchoolClass).filter_by(school_id=school.id)).all()
    survey = Survey(
        school_id=school.id,
        author_id=by.id,
        question_ky=words.ky,
        question_ru=words.ru,
        choices=list(words.choices),
        multiple=words.multiple,
        created_at=now,
        closes_at=now + timedelta(days=7),
        classes=list(classes),
    )
    db.session.add(survey)
    db.session.flush()
    send(survey, now, by)
    guardians = db.session.scalars(
        select(Guardian)
        .filter_by(school_id=school.id)
        .options(selectinload(Guardian.contacts))
        .order_by(Guardian.id)
    )
    for number, guardian in enumerate(guardians):
        phones = [link.contact_point for link in guardian.contacts if link.contact_point.channel == "sms"]
        if phones and (typed := TYPED[number % len(TYPED)]):
            outbox.receive(
                provider="sandbox",
                provider_ref=f"demo-{school.id}-{guardian.id}",
                sender=phones[0].address,
                recipient="",
                body=typed,
                # Read by the worker like every other; a moment after the question went out.
                now=now + timedelta(seconds=1),
            )


def _teach(school: School, by: StaffMember, now: datetime) -> None:
    today = now.astimezone(school.zone).date()
    group = Group(
        school_id=school.id,
        name="1-топ, 5–7-класстар",
        place="12-кабинет",
        seats=6,
        meetings=[{"weekday": day, "starts": 540, "ends": 630} for day in (0, 2, 4)],
        sanitary_note="Ар бир столдо бир бала, бет кап, сабак сайын шамалдатуу.",
        responsible_id=by.id,
        first_day=today - timedelta(days=10),
        last_day=today + timedelta(days=30),
        created_at=now,
    )
    db.session.add(group)
    db.session.flush()
    classes = db.session.scalars(select(SchoolClass.id).filter_by(school_id=school.id)).all()
    children = db.session.scalars(children_without(by, classes, now).limit(8)).all()
    seats.add(group, children, by, now)
    invite(group, now, by)
    members = db.session.scalars(select(Member).filter_by(group_id=group.id).order_by(Member.id)).all()
    for member, said in zip(members, (Answer.YES, Answer.YES, Answer.NO), strict=False):
        seats.answer(member, said, now, by=by)
    for day in meeting_days(group.meetings, group.first_day, today - timedelta(days=1))[-2:]:
        for member in members[:2]:
            db.session.add(
                Attendance(member_id=member.id, day=day, came=True, noted_at=now, noted_by_id=by.id)
            )
    db.session.flush()
