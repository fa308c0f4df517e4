"""Every door of the house, tried as a stranger, as every role and as a person of another school.

New routes are walked by themselves. A route with a parameter needs a line in `ANSWERS`; one that is open to
strangers or goes without a form token needs a reason in `OPEN` or `WITHOUT_TOKEN`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from config import read_settings
from notifier.database import db
from notifier.models import Delivery
from tests.cast import Cast, staff_member
from webapp import create_app
from webapp.announcements.files.attaching import attach
from webapp.announcements.files.check import GoodFile
from webapp.announcements.kinds import STAFF
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.atschool.models import Group, Member
from webapp.documents.models import Document
from webapp.families.models import ClassListUpload, Family, Guardian
from webapp.families.modes import ClassMode, Mode
from webapp.inbox.models import Conversation
from webapp.lessons.models import LessonImport, TvChannel, TvLesson
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
    document = Document(
        school_id=cast.school.id,
        token="walk",
        kind="order",
        title_ky="Дистанттык окутуу жөнүндө",
        filename="order.pdf",
        size=8,
        content=b"%PDF-1.4",
        created_at=now,
    )
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
    upload = ClassListUpload(
        school_id=cast.school.id,
        staff_id=people[Role.DIRECTOR].id,
        filename="5-А.csv",
        content="класс;окуучу;телефон\n5-А;Асан Мисалов;0555 000 101\n".encode(),
        created_at=now,
    )
    lesson = TvLesson(
        school_id=cast.school.id,
        channel=db.session.scalars(select(TvChannel).filter_by(school_id=cast.school.id)).first(),
        starts_at=now,
        minutes=30,
        first_grade=5,
        last_grade=5,
        language="ky",
        subject="Математика",
        changed_at=now,
    )
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
    survey = Survey(
        school_id=cast.school.id,
        author_id=cast.teacher.id,
        question_ky="Үйүңүздө эмне бар?",
        choices=[{"ky": "телевизор", "ru": "", "sets": ""}, {"ky": "эч нерсе", "ru": "", "sets": ""}],
        created_at=now,
        closes_at=now.replace(day=30),
        classes=[cast.class_5a],
    )
    group = Group(
        school_id=cast.school.id,
        name="1-топ",
        place="12-кабинет",
        meetings=[{"weekday": 0, "starts": 540, "ends": 600}],
        seats=5,
        responsible_id=cast.teacher.id,
        first_day=now.date(),
        last_day=now.date().replace(day=30),
        created_at=now,
    )
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


def test_no_route_is_open_to_strangers_without_a_reason(app: Flask) -> None:
    open_ones = {
        rule.endpoint
        for rule in rules(app)
        if rule.endpoint == "static" or getattr(app.view_functions[rule.endpoint], "is_public", False)
    }
    assert open_ones <= set(OPEN), "say why strangers may come in, in OPEN"


def test_a_stranger_is_sent_to_the_sign_in_page_from_everywhere(
    app: Flask, client: FlaskClient, world: World
) -> None:
    for rule, method, address in walk(app, world, "GET", "POST"):
        answer = client.open(address, method=method)
        assert answer.status_code == 302, rule
        assert answer.location.startswith("/login"), rule
        fragment = client.open(address, method=method, headers={"HX-Request": "true"})
        assert fragment.status_code == 401, rule
        assert fragment.headers["HX-Redirect"] == "/login", rule


@pytest.mark.parametrize(
    ("current", "back"),
    [
        ("http://localhost/announcements/new", "/announcements/new"),
        ("http://localhost/tv/?day=2026-11-25", "/tv/?day=2026-11-25"),
        ("http://localhost/", None),
        ("http://evil.example/announcements/new", None),
        ("http://localhost@evil.example/tv/", None),
        ("http://localhost//evil.example/", None),
        ("http://localhost/\\evil.example", None),
        ("http://[", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_a_fragment_leads_by_the_sign_in_page_back_to_the_page_around_it(
    client: FlaskClient, cast: Cast, current: str, back: str | None
) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": current}
    answer = client.post("/announcements/cost", headers=headers)
    assert answer.status_code == 401
    place = urlsplit(answer.headers["HX-Redirect"])
    assert (place.netloc, place.path) == ("", "/login")
    assert parse_qs(place.query).get("next") == (back and [back])


def test_no_form_is_taken_without_its_token(app: Flask, sign_in: Any, world: World) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = sign_in(world.cast.director)
    tried = set()
    for rule in rules(app):
        if "POST" in (rule.methods or ()) and rule.endpoint not in WITHOUT_TOKEN:
            tried.add(rule.endpoint)
            assert client.post(path(app, rule, world)).status_code == 400, rule
    assert len(tried) > 5


@pytest.mark.parametrize("role", list(Role))
def test_every_role_gets_an_answer_at_every_door_and_nothing_of_another_school(
    app: Flask, sign_in: Any, world: World, role: Role
) -> None:
    client = sign_in(world.people[role])
    for rule, method, address in walk(app, world, "GET"):
        answer = client.open(address, method=method)
        assert answer.status_code in {200, 302, 303, 403, 404}, rule
        assert not named_in(answer, ELSEWHERE), rule


def test_a_person_of_another_school_finds_nothing_of_ours(app: Flask, sign_in: Any, world: World) -> None:
    client = sign_in(world.cast.other_director)
    for rule, method, address in walk(app, world, "GET", "POST"):
        answer = client.open(address, method=method)
        if rule.arguments:
            assert answer.status_code in {403, 404}, (rule, method)
        assert not named_in(answer, OURS), rule
    assert db.session.get(Announcement, world.draft.id) is not None
    assert db.session.get(Family, world.cast.button_phone.id) is not None


@pytest.mark.parametrize("who", ["other_teacher", Role.SUBJECT_TEACHER, Role.CLASS_TEACHER])
def test_a_teacher_finds_nothing_of_a_class_that_is_not_theirs(
    app: Flask, sign_in: Any, world: World, who: str
) -> None:
    person = world.cast.other_teacher if who == "other_teacher" else world.people[Role(who)]
    client = sign_in(person)
    for rule, method, address in walk(app, world, "GET", "POST"):
        if rule.arguments and rule.endpoint.split(".")[0] not in SCHOOL_WIDE:
            assert client.open(address, method=method).status_code in {403, 404}, (rule, method)


def test_ids_that_nothing_has_are_not_found(app: Flask, sign_in: Any, world: World) -> None:
    client = sign_in(world.cast.director)
    for rule in rules(app):
        numbers = [
            name for name, kind in rule._converters.items() if type(kind).__name__ == "IntegerConverter"
        ]
        if not numbers or rule.endpoint in OPEN:
            continue
        for number in (999_999, 2**63 - 1, 2**70):
            with app.test_request_context():
                address = app.url_map.bind("localhost").build(
                    rule.endpoint, dict.fromkeys(rule.arguments, number)
                )
            for method in {"GET", "POST"} & (rule.methods or set()):
                assert client.open(address, method=method).status_code in {403, 404}, (rule, number)


def test_every_answer_carries_the_headers_that_protect(app: Flask, sign_in: Any, world: World) -> None:
    client = sign_in(world.cast.director)
    addresses = [address for _, _, address in walk(app, world, "GET")]
    for address in [*addresses, "/login", "/no-such-page", "/static/app.css"]:
        with client.get(address) as answer:
            headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        if not address.startswith("/static/"):
            assert headers["Cache-Control"] == "no-store", address
        assert "Server" not in headers


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", ""])
def test_a_foreign_host_name_is_refused(client: FlaskClient, cast: Cast, host: str) -> None:
    answer = client.get("/login", headers={"Host": host}, base_url="http://localhost")
    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_over_https_cookies_never_travel_in_the_open(environ: dict[str, str], cast: Cast) -> None:
    app = create_app(read_settings(environ | {"PUBLIC_BASE_URL": "https://kabarchy.example.kg"}))
    answer = app.test_client().get("/login", base_url="https://kabarchy.example.kg")
    cookie = answer.headers["Set-Cookie"]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(("proxies", "counted"), [("0", "127.0.0.1"), ("1", "203.0.113.9")])
def test_only_a_proxy_we_know_of_may_say_who_is_calling(
    environ: dict[str, str], cast: Cast, proxies: str, counted: str
) -> None:
    app = create_app(read_settings(environ | {"TRUSTED_PROXIES": proxies}))
    seen = []
    app.before_request(lambda: seen.append(__import__("flask").request.remote_addr))
    forged = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    app.test_client().get("/login", headers=forged)
    assert seen == [counted]
    with app.app_context():
        db.engine.dispose()


def test_a_page_that_breaks_says_so_and_tells_nothing_else(
    app: Flask, sign_in: Any, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down() -> str:
        raise RuntimeError("family +996555000101")

    app.view_functions["staff.account"] = break_down
    answer = sign_in(world.cast.director).get("/account")
    assert answer.status_code == 500
    assert "<h1>" in answer.text
    assert "RuntimeError" not in answer.text
    assert "555000101" not in answer.text


@pytest.mark.parametrize(("address", "status"), [("/no-such-page", 404), ("/logout", 405)])
def test_errors_are_pages_in_the_persons_language(client: FlaskClient, address: str, status: int) -> None:
    client.post("/language/en")
    answer = client.get(address)
    assert answer.status_code == status
    assert '<html lang="en">' in answer.text
    assert "There is no such page" in answer.text
