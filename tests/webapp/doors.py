"""Every door of the house, and a world in which something is behind each.

New routes are walked by themselves. A route with a parameter needs a line in `ANSWERS`; one that is open to
strangers or goes without a form token needs a reason in `OPEN` or `WITHOUT_TOKEN`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from notifier.database import db
from notifier.models import Delivery
from tests.cast import Cast, staff_member
from tests.webapp.invented import a_class_list, a_document, a_group, a_lesson, a_survey
from webapp.announcements.files.attaching import attach
from webapp.announcements.files.check import GoodFile
from webapp.announcements.kinds import STAFF
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.atschool.models import Group, Member
from webapp.documents.models import Document
from webapp.families.models import ClassListUpload, Guardian
from webapp.families.modes import ClassMode, Mode
from webapp.inbox.models import Conversation
from webapp.lessons.models import LessonImport, TvLesson
from webapp.message_templates.keeping import make_template
from webapp.message_templates.models import MessageSheet, MessageTemplate
from webapp.public.models import PublicNotice, PublicPage
from webapp.reach.models import FollowUp
from webapp.reach.rounds.models import Round, RoundRow
from webapp.reach.tasks.followups import open_follow_up
from webapp.roster.models import DutySwap, DutyTurn
from webapp.staff.models import Role, StaffMember
from webapp.staffroom.models import Association, StaffNotice
from webapp.survey.models import Survey

OPEN = {
    "static": "style and drawings, nobody's data",
    "staff.login": "the door itself",
    "staff.logout": "a stranger may leave, too",
    "staff.set_language": "the sign-in page speaks three languages",
    "home.manifest": "a browser asks for it without saying who it is",
    "health.healthz": "whoever runs the house asks whether it stands",
    "health.readyz": "whoever runs the house asks whether it works",
    "health.worker_at_work": "whoever runs the house asks whether messages leave",
    "twilio.status": "receipts, signed by the provider",
    "twilio.inbound": "parents' messages, signed by the provider",
    "lessons.calendar": "a calendar program cannot sign in, and what a channel shows names nobody",
    "public.news": "the notices of the school are for everybody",
    "public.notice": "the notices of the school are for everybody",
    "public.atom": "the notices of the school are for everybody",
    "public.json_feed": "the notices of the school are for everybody",
    "public.snippet": "the notices of the school are for everybody",
    "public.qr": "the address of the notices",
    "unsubscribe.ask": "a family leaves by the secret address in its letter",
    "unsubscribe.unsubscribe": "a family leaves by the secret address in its letter",
    "unsubscribe.again": "a family comes back by the same address",
}
WITHOUT_TOKEN = {
    "twilio.status": "the provider's signature stands for it",
    "twilio.inbound": "the provider's signature stands for it",
    "unsubscribe.unsubscribe": "a mail program sends it, RFC 8058",
    "unsubscribe.again": "the secret address in the letter stands for it",
}


# Of the school and not of a class: every class teacher may change them.
SCHOOL_WIDE = {
    "lessons",
    "lessons_edit",
    "lessons_import",
    "modes",
    "documents",
    "public",
    "public_desk",
    "roster",
    "message_templates",
    "message_sheets",
}


@dataclass
class World:
    cast: Cast
    draft: Announcement  # to 5-А, by its teacher
    sent: Announcement  # to 5-А, by its teacher
    people: dict[Role, StaffMember]  # one for each role, without classes
    upload: ClassListUpload  # of that director
    lesson: TvLesson
    timetable: LessonImport  # applied, by that director
    task: FollowUp  # for the button-phone family
    round: Round  # by that director, with that family
    survey: Survey  # a draft to 5-А, by its teacher
    group: Group  # whose only child is of 5-А

    @property
    def message(self) -> Delivery:
        return db.session.scalars(select(Delivery).order_by(Delivery.id)).first() or pytest.fail("no message")

    @property
    def guardian(self) -> Guardian:
        return self.cast.button_phone.guardians[0]


def stranger(world: World) -> int:
    """The conversation of our school with a number that no family has."""
    found = db.session.scalars(select(Conversation).where(Conversation.address == "+996555000777")).first()
    if found is None:
        found = Conversation(
            school_id=world.cast.school.id, address="+996555000777", last_at=world.lesson.starts_at
        )
        db.session.add(found)
        db.session.commit()
    return found.id


def a_file_of(draft: Announcement) -> int:
    """A file that goes with the draft."""
    if not draft.files:
        attach(draft, GoodFile("буйрук.txt", "text/plain", "Асан Мисалов".encode()), draft.created_at)
        db.session.commit()
    return draft.files[0].enclosure_id


def association_of(world: World) -> int:
    """An association of our school: some of them are removed on the walk."""
    found = db.session.scalars(
        select(Association.id).where(Association.school_id == world.cast.school.id).order_by(Association.id)
    ).first()
    return found or pytest.fail("no association")


# What stands for a route's parameters: things of 5-А. By endpoint, else by blueprint.
ANSWERS: dict[str, Callable[[World], dict[str, Any]]] = {
    "staff.set_language": lambda world: {"code": "ru"},
    "home.manifest": lambda world: {"language": "ky"},
    "announcements": lambda world: {"number": world.sent.id},
    "announcements.edit": lambda world: {"number": world.draft.id},
    "announcements.review": lambda world: {"number": world.draft.id},
    "announcements.who": lambda world: {"number": world.draft.id},
    "announcements.choose_who": lambda world: {"number": world.draft.id},
    "announcements.discard": lambda world: {"number": world.draft.id},
    "announcements.send": lambda world: {"number": world.draft.id},
    "attachments": lambda world: {"number": world.draft.id, "file": a_file_of(world.draft)},
    "families": lambda world: {"number": world.cast.button_phone.id, "guardian_id": world.guardian.id},
    "families.number_is_right": lambda world: {
        "number": world.cast.button_phone.id,
        "point_id": world.guardian.contacts[0].contact_point_id,
    },
    "devices": lambda world: {"number": world.cast.class_5a.id},
    "devices.family": lambda world: {"number": world.cast.button_phone.id},
    "survey": lambda world: {"number": world.survey.id, "class_id": world.cast.class_5a.id},
    "atschool": lambda world: {
        "number": world.group.id,
        "pupil_id": world.cast.button_phone.pupils[0].id,
    },
    "families.class_page": lambda world: {"number": world.cast.class_5a.id},
    "families_import": lambda world: {"number": world.upload.id},
    "lessons": lambda world: {"number": world.cast.class_5a.id},
    "lessons_edit": lambda world: {"number": world.lesson.id},
    "lessons_import": lambda world: {"number": world.timetable.id},
    "lessons_digest.class_page": lambda world: {"number": world.cast.class_5a.id},
    "lessons_digest.family": lambda world: {"number": world.cast.button_phone.id},
    "lessons_settings": lambda world: {"number": world.lesson.channel_id},
    "inbox": lambda world: {"number": world.cast.button_phone.id},
    "inbox.number": lambda world: {"number": stranger(world)},
    "inbox.match": lambda world: {"number": stranger(world)},
    "inbox.block": lambda world: {"number": stranger(world)},
    "messages": lambda world: {"ref": world.message.ref},
    "reach_answers": lambda world: {"number": world.sent.id, "class_id": world.cast.class_5a.id},
    "reach_contact": lambda world: {"number": world.cast.button_phone.id, "means": "call"},
    "reach_family": lambda world: {"number": world.cast.button_phone.id},
    "reach_going": lambda world: {"number": world.sent.id},
    "reach_rounds": lambda world: {"number": world.round.id},
    "reach_tasks": lambda world: {"number": world.task.id},
    "reach": lambda world: {"class_id": world.cast.class_5a.id},
    "documents": lambda world: {
        "number": db.session.scalars(select(Document.id)).one(),
        "class_id": world.cast.class_5a.id,
    },
    "message_templates": lambda _: {
        "number": db.session.scalars(select(MessageTemplate.id)).one(),
        "key": "none",
    },
    "message_sheets": lambda _: {"number": db.session.scalars(select(MessageSheet.id)).one()},
    "message_sheets.upload": lambda _: {"number": db.session.scalars(select(MessageTemplate.id)).one()},
    "message_sheets.example_xlsx": lambda _: {"number": db.session.scalars(select(MessageTemplate.id)).one()},
    "modes": lambda _: {"number": db.session.scalars(select(ClassMode.id)).one()},
    "public": lambda _: {"slug": "mektep-95", "number": db.session.scalars(select(PublicNotice.id)).one()},
    "public_desk": lambda _: {"number": db.session.scalars(select(PublicNotice.id)).one()},
    "public_desk.from_announcement": lambda world: {"number": world.sent.id},
    "roster": lambda _: {"number": db.session.scalars(select(DutyTurn.id)).one()},
    "roster.remove_swap": lambda _: {"number": db.session.scalars(select(DutySwap.id)).one()},
    "staffroom": lambda world: {"number": world.cast.teacher.id},
    "staffroom.association": lambda world: {"number": association_of(world)},
    "staffroom.remove_association": lambda world: {"number": association_of(world)},
    "staff_notices": lambda _: {"number": db.session.scalars(select(StaffNotice.announcement_id)).one()},
    "staff_notices.decide": lambda world: {"ref": world.message.ref},
    "plans": lambda world: {"number": world.cast.class_5a.id},
    "twilio": lambda world: {"ref": "unknown"},
    "unsubscribe": lambda world: {"ref": "unknown"},
    "static": lambda world: {"filename": "app.css"},
}
ELSEWHERE = ("Башка мектеп", "Башка Директор", "Башка Апа", "Башка Бала", "777000103", "777 000 103")
OURS = (
    "Асан Мисалов",
    "Гүлнара Мисалова",
    "Вера Примерова",
    "Дарексизова",
    "Экөөбаев",
    "Соседов",
    "Айгүл Үлгүбаева",
    "555000101",
    "555 000 101",
    "№95 мектеп",
)


@pytest.fixture
def app(app: Flask) -> Flask:
    # What the walk tries would otherwise be stopped by a missing token, before it comes to a door.
    app.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    return app


@pytest.fixture
def world(cast: Cast, now: datetime) -> World:
    drafts = [
        Announcement(
            school_id=cast.school.id,
            author_id=cast.teacher.id,
            text_ky="Эртең сабак болбойт.",
            created_at=now,
            classes=[cast.class_5a],
        )
        for _ in range(2)
    ]
    db.session.add_all(drafts)
    db.session.flush()
    publish(drafts[1], now, cast.teacher)
    people = {
        role: staff_member(cast.school, f"Кызматкер {role}", f"walk-{role}", role, now=now) for role in Role
    }
    turn = DutyTurn(school_id=cast.school.id, weekday=0, starts=480, ends=1020, name="Үлгүлүев")
    turn.swaps.append(DutySwap(day=date(2028, 1, 3), name="Мисалова"))
    today = now.date()
    mode = ClassMode(
        school_id=cast.school.id, mode=Mode.DISTANCE, starts=today, ends=date(2099, 1, 1), created_at=now
    )
    page = PublicPage(school_id=cast.school.id, slug="mektep-95")
    notice = PublicNotice(
        school_id=cast.school.id,
        title_ky="Билим күнү",
        text_ky="Келиңиздер!",
        published_at=now,
        changed_at=now,
    )
    document = a_document(cast, now, "walk")
    to_staff = Announcement(
        school_id=cast.school.id,
        author_id=people[Role.DIRECTOR].id,
        kind=STAFF,
        text_ky="Эртең чогулуш.",
        created_at=now,
    )
    db.session.add_all(
        [turn, mode, page, notice, document, StaffNotice(announcement=to_staff, everybody=True)]
    )
    upload = a_class_list(cast, now, "5-А;Асан Мисалов;0555 000 101", by=people[Role.DIRECTOR])
    lesson = a_lesson(cast, now, starts_at=now)
    timetable = LessonImport(
        school_id=cast.school.id,
        staff_id=people[Role.DIRECTOR].id,
        source="жадыбал.xlsx",
        created_at=now,
        applied_at=now,
    )
    db.session.add_all([upload, lesson, timetable])
    template = make_template(
        cast.school, "Тамак", {"ky": "((сумма)) сом", "ru": ""}, now, token="walk", author=cast.teacher
    )
    assert template
    db.session.add(
        MessageSheet(
            school_id=cast.school.id,
            staff_id=people[Role.DIRECTOR].id,
            version_id=template.current.id,
            digest="walk",
            content={
                "columns": [[0, "Окуучу", "", "pupil"], [1, "Сумма", "сумма", ""]],
                "rows": [[2, ["Асан Мисалов", "50"]]],
            },
            created_at=datetime.now(UTC),
        )
    )
    survey = a_survey(cast, now)
    group = a_group(cast, now)
    db.session.add_all([survey, group])
    db.session.flush()
    db.session.add(
        Member(group_id=group.id, pupil_id=cast.button_phone.pupils[0].id, added_at=now, has_seat=True)
    )
    db.session.commit()
    open_follow_up(cast.button_phone, "by_hand", "walk", now)
    a_round = Round(
        school_id=cast.school.id,
        staff_id=people[Role.DIRECTOR].id,
        token="walk",
        means="visit",
        order="street",
        made_at=now,
        rows=[RoundRow(position=1, family_id=cast.button_phone.id, code="0000")],
    )
    db.session.add(a_round)
    db.session.commit()
    task = db.session.scalars(select(FollowUp)).one()
    return World(cast, *drafts, people, upload, lesson, timetable, task, a_round, survey, group)


def named_in(answer: TestResponse, names: tuple[str, ...]) -> list[str]:
    """Which of these names the answer gives away, be it a page or a file."""
    return [name for name in names if name.encode() in answer.data]


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def path(app: Flask, rule: Rule, world: World) -> str:
    """The address of a route, its parameters answered from the table."""
    answer = ANSWERS.get(rule.endpoint) or ANSWERS.get(rule.endpoint.split(".", maxsplit=1)[0])
    answers = answer(world) if answer else {}
    if missing := rule.arguments - set(answers):
        pytest.fail(f"{rule.rule}: say in ANSWERS what stands for {', '.join(missing)} of {rule.endpoint}")
    with app.test_request_context():
        values = {name: value for name, value in answers.items() if name in rule.arguments}
        return app.url_map.bind("localhost").build(rule.endpoint, values)


def walk(app: Flask, world: World, *methods: str) -> Iterator[tuple[Rule, str, str]]:
    """Every route that is not open to strangers, by every method it takes."""
    found = 0
    for rule in rules(app):
        for method in sorted(methods):
            if rule.endpoint not in OPEN and method in (rule.methods or ()):
                found += 1
                yield rule, method, path(app, rule, world)
    assert found > 10
