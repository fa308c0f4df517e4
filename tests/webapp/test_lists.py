"""Every list of families or children is searched in the same way, by a name in either script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select, update

from notifier.database import db
from notifier.models import Delivery, State
from tests.cast import Cast, family
from tests.webapp.invented import a_class_list, a_document, a_group, a_lesson, a_survey
from webapp.announcements.audience.selection import Selection
from webapp.announcements.kinds import ASSIGNMENT
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.atschool.models import Group, Member
from webapp.documents.models import Document, DocumentReader
from webapp.families.devices import Fact, note_device
from webapp.families.looking import is_called
from webapp.families.models import ClassListUpload, Family, Pupil
from webapp.inbox.models import Conversation
from webapp.reach.board.standings import stand_anew
from webapp.reach.rounds.models import Round, RoundRow
from webapp.reach.tasks.followups import open_follow_up
from webapp.staff.models import StaffMember
from webapp.survey.models import Survey

SignIn = Callable[[StaffMember], FlaskClient]
# As many as a glance does not take in.
OTHERS = tuple(f"Көпбаев {name}" for name in ("Акыл", "Бакыт", "Самат", "Талант", "Улан", "Эмил", "Эрмек"))


@dataclass
class School:
    cast: Cast
    draft: Announcement
    sent: Announcement
    survey: Survey
    group: Group
    round: Round
    document: Document
    upload: ClassListUpload


def written(cast: Cast, now: datetime) -> Announcement:
    made = Announcement(
        school_id=cast.school.id,
        author_id=cast.director.id,
        text_ky="Эртең сабак телекөрсөтүү аркылуу.",
        asks_acknowledgement=True,
        answer_by=now + timedelta(hours=20),
        created_at=now,
        classes=[cast.class_5a],
    )
    db.session.add(made)
    db.session.flush()
    return made


@pytest.fixture
def school(cast: Cast, now: datetime) -> Iterator[School]:
    """A school in which everything has happened to the children of 5-А that a list can show."""
    for number, name in enumerate(OTHERS):
        family(cast.school, {name: cast.class_5a}, f"Апа {number}", phone=f"+99655510{number:04}")
    draft, sent = written(cast, now), written(cast, now)
    sent.kind = ASSIGNMENT
    publish(sent, now, cast.director)
    db.session.execute(update(Delivery).values(state=State.UNDELIVERED))
    families = db.session.scalars(
        select(Family).filter_by(school_id=cast.school.id).order_by(Family.id)
    ).all()
    stand_anew([each.id for each in families], now + timedelta(hours=2))
    for each in families:
        open_follow_up(each, "by_hand", "list", now)
        note_device(each, Fact.SMARTPHONE, "no", now)
        note_device(each, Fact.TV, "no" if each.pupils[0].class_id == cast.class_5a.id else "yes", now)
    survey = a_survey(cast, now, author_id=cast.director.id, sent_at=now)
    group = a_group(cast, now)
    document = a_document(cast, now, "list")
    upload = a_class_list(cast, now, *(f"5-А;Жаңы {name};" for name in OTHERS))
    a_round = Round(
        school_id=cast.school.id,
        staff_id=cast.director.id,
        token="list",
        means="visit",
        order="street",
        made_at=now,
        rows=[
            RoundRow(position=n, family_id=each.id, code=f"{n:04}")
            for n, each in enumerate(families, start=1)
        ],
    )
    lesson = a_lesson(cast, now, starts_at=datetime.combine(date(2026, 11, 25), now.timetz()))
    db.session.add_all([survey, group, document, upload, a_round, lesson])
    db.session.flush()
    pupils = db.session.scalars(select(Pupil).filter_by(class_id=cast.class_5a.id))
    db.session.add_all(
        Member(group_id=group.id, pupil_id=pupil.id, added_at=now, has_seat=True) for pupil in pupils
    )
    db.session.commit()
    with time_machine.travel(now + timedelta(hours=3), tick=False):
        yield School(cast, draft, sent, survey, group, a_round, document, upload)


# The lists of 5-А, each by its address.
LISTS: dict[str, Callable[[School], str]] = {
    "class": lambda s: f"/families/class/{s.cast.class_5a.id}",
    "devices of a class": lambda s: f"/families/devices/class/{s.cast.class_5a.id}",
    "children without a device": lambda s: f"/families/devices/without?of={s.cast.class_5a.id}",
    "answers to a survey": lambda s: f"/surveys/{s.survey.id}/class/{s.cast.class_5a.id}",
    "group at school": lambda s: f"/lessons-at-school/{s.group.id}",
    "attendance": lambda s: f"/lessons-at-school/{s.group.id}/attendance",
    "who an announcement is for": lambda s: f"/announcements/{s.draft.id}/who",
    "who was reached": lambda s: f"/announcements/{s.sent.id}",
    "who goes to them": lambda s: f"/reach/announcements/{s.sent.id}",
    "who answered": lambda s: f"/reach/announcements/{s.sent.id}/acknowledged/{s.cast.class_5a.id}",
    "slips": lambda s: f"/reach/announcements/{s.sent.id}/slips/{s.cast.class_5a.id}",
    "who handed in their work": lambda s: f"/reach/announcements/{s.sent.id}/handed-in/{s.cast.class_5a.id}",
    "who was in touch": lambda s: f"/reach/announcements/{s.sent.id}/in-touch/{s.cast.class_5a.id}",
    "not reached": lambda s: f"/reach/classes/{s.cast.class_5a.id}",
    "board": lambda s: f"/reach/board?class={s.cast.class_5a.id}",
    "follow-ups": lambda _: "/reach/follow-ups?show=all",
    "round": lambda s: f"/reach/rounds/{s.round.id}",
    "who knows a document": lambda s: f"/documents/{s.document.id}/classes/{s.cast.class_5a.id}",
    "without a television": lambda _: "/tv/digest/without-tv",
}


def names_on(page: str) -> set[str]:
    """The words of a page's main part, without what was typed into its boxes."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return set(unescape(re.sub(r"<[^>]+>", " ", main)).replace(",", " ").replace(";", " ").split())


def with_name(address: str, name: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}q={name}"


@pytest.mark.parametrize("of", LISTS)
def test_a_list_is_searched_by_a_childs_name_in_either_script(school: School, sign_in: Any, of: str) -> None:
    client, address = sign_in(school.cast.director), LISTS[of](school)
    whole = client.get(address)
    assert whole.status_code == 200
    assert 'role="search"' in whole.text
    assert {"Чолпон", "Талант"} <= names_on(whole.text) or of == "who was reached"
    for typed in ("Cholpon", "чолп", "Dareksiz"):
        found = client.get(with_name(address, typed))
        assert found.status_code == 200
        assert "Чолпон" in names_on(found.text), typed
        assert not {"Талант", "Асан", "Вера"} & names_on(found.text), typed
        assert f'value="{typed}"' in found.text
    nobody = client.get(with_name(address, "Жокбаев"))
    assert nobody.status_code == 200
    main = nobody.text.partition("<main")[2]
    assert re.search(r"Nobody on this list is called “Жокбаев”|No child was found", unescape(main))
    # The ways on: all of the list again.
    back = re.search(r'<a class="button[^"]*" href="([^"]+)"[^>]*>(?:<svg.*?</svg>)?Show all', main)
    assert back
    assert client.get(unescape(back[1])).text.count("Көпбаев") >= 6
    assert client.get(with_name(address, "<script>")).text.count("<script>") == 0


def test_a_search_keeps_what_else_was_chosen(school: School, sign_in: Any) -> None:
    client = sign_in(school.cast.director)
    page = client.get(f"/families/devices/without?of={school.cast.class_5a.id}&q=cholpon").text
    assert f'<input type="hidden" name="of" value="{school.cast.class_5a.id}">' in page
    page = client.get(f"/announcements/{school.sent.id}?show=not_reached&q=ko").text
    assert '<input type="hidden" name="show" value="not_reached">' in page


def test_a_teacher_finds_only_their_own(school: School, sign_in: Any) -> None:
    client = sign_in(school.cast.teacher)
    page = client.get(f"/reach/announcements/{school.sent.id}?q=000101").text
    assert "Асан" in names_on(page)
    # A neighbour's child of 5-Б stands behind that number, too.
    assert "Пётр" not in page


def test_what_is_noted_in_a_list_that_was_searched_is_kept(school: School, sign_in: Any) -> None:
    client, cast = sign_in(school.cast.director), school.cast
    wanted = cast.no_address.id
    address = f"/families/devices/class/{cast.class_5a.id}"
    answer = client.post(
        f"{address}?q=cholpon", data={f"was{wanted}": "tv", f"has{wanted}": ["tv", "computer"]}
    )
    # And then one looks for the next.
    assert (answer.status_code, answer.location) == (302, address)
    page = client.get(f"{address}?q=cholpon").text
    assert re.search(rf'name="has{wanted}" value="computer" checked', page)
    address = f"/surveys/{school.survey.id}/class/{cast.class_5a.id}"
    answer = client.post(f"{address}?q=cholpon", data={f"was{wanted}": "", f"key{wanted}": "2"})
    assert (answer.status_code, answer.location) == (302, address)
    assert re.search(rf'name="key{wanted}" value="2" checked', client.get(f"{address}?q=cholpon").text)
    row = next(each for each in school.round.rows if each.family_id == wanted)
    address = f"/reach/rounds/{school.round.id}"
    wrong = client.post(f"{address}?q=cholpon", data={f"key-{row.position}": "77"})
    assert wrong.status_code == 422
    assert 'value="77"' in wrong.text
    assert client.post(f"{address}?q=cholpon", data={f"key-{row.position}": "1"}).status_code == 303
    assert f'name="key-{row.position}"' not in client.get(f"{address}?q=cholpon").text


def test_whom_the_author_left_out_is_found_on_its_page(school: School, sign_in: Any, now: datetime) -> None:
    cast = school.cast
    left = written(cast, now)
    left.audience = Selection(
        classes=(cast.class_5a.id,), struck=frozenset({cast.no_address.id, cast.button_phone.id})
    ).written()
    publish(left, now, cast.director)
    db.session.commit()
    page = sign_in(cast.director).get(f"/announcements/{left.id}?q=cholpon").text
    assert "Чолпон" in names_on(page)
    assert "Асан" not in names_on(page)


def test_what_a_class_list_changes_is_searched(school: School, sign_in: Any) -> None:
    client = sign_in(school.cast.director)
    address = f"/families/import/{school.upload.id}/difference"
    assert 'role="search"' in client.get(address).text
    page = names_on(client.get(f"{address}?q=talant").text)
    assert "Талант" in page
    assert "Улан" not in page
    assert "Nobody on this list" in client.get(f"{address}?q=Жокбаев").text
    # Searching hides nothing from what is applied.
    assert client.get(f"{address}?q=talant").text.count('name="agreed"') == 1


def test_colleagues_and_unknown_numbers_are_found_in_their_lists(
    school: School, sign_in: Any, now: datetime
) -> None:
    client, cast = sign_in(school.cast.director), school.cast
    db.session.add_all(
        DocumentReader(document_id=school.document.id, staff_id=each.id, asked_at=now)
        for each in (cast.teacher, cast.other_teacher, cast.office, cast.pedagogue, cast.director)
    )
    db.session.add_all(
        Conversation(school_id=cast.school.id, address=f"+99655500077{n}", last_at=now) for n in range(7)
    )
    db.session.commit()
    for address in (f"/documents/{school.document.id}/signatures", f"/documents/{school.document.id}"):
        page = client.get(f"{address}?q=olga").text
        assert "Ольга Образцова" in page
        assert "Айгүл Үлгүбаева" not in page
        assert "Nobody on this list" in client.get(f"{address}?q=Жокбаев").text
    page = client.get("/inbox/numbers?q=0555 000 774").text
    assert "+996555000774" in page
    assert "+996555000773" not in page
    assert "Nobody on this list" in client.get("/inbox/numbers?q=999").text


def test_what_was_told_about_a_child_is_found_among_announcements(
    school: School, sign_in: Any, now: datetime
) -> None:
    client, cast = sign_in(school.cast.director), school.cast
    for text in ("Бешинчи Б классына", "Жалпы кабар"):
        other = written(cast, now)
        other.text_ky, other.classes = text, [cast.class_5b]
        publish(other, now, cast.director)
    db.session.commit()
    assert 'role="search"' in client.get("/announcements").text
    page = client.get("/announcements?q=cholpon").text
    assert "Эртең сабак" in page
    assert "Бешинчи Б" not in page
    page = client.get("/announcements?q=petr").text
    assert "Бешинчи Б" in page
    assert "Эртең сабак" not in page
    assert "Nobody on this list" in client.get("/announcements?q=Жокбаев").text
    # Of another's class one learns nothing.
    assert "Бешинчи Б" not in sign_in(cast.teacher).get("/announcements?q=petr").text


@pytest.mark.parametrize(
    ("name", "typed", "same"),
    [
        ("Айбек Үсөнов", "aibek", True),
        ("Айбек Үсөнов", "Usonov ayb", True),
        ("Айбек Үсөнов", "Aibek Asan", False),
        ("Айбек", "", False),
        ("Айбек", "…", False),
    ],
)
def test_a_name_that_is_in_no_database_is_told_in_the_same_way(name: str, typed: str, same: bool) -> None:
    assert is_called(name, typed) is same
