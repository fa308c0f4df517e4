"""The board: who has not been reached, the longest first; and what a thumb can do about it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, func, select

from notifier.database import db
from tests.announcements.writing import copy_for
from tests.cast import Cast
from tests.reach.going_after import field, logs_of, task, unheard
from webapp.families.models import ContactStatus
from webapp.reach.board import views as board_views
from webapp.reach.models import ContactLog, FollowUp, FollowUpState, Means, Outcome


@pytest.fixture
def today(now: datetime) -> Any:
    with time_machine.travel(now + timedelta(days=3), tick=False):
        yield now + timedelta(days=3)


def answer(page: str, outcome: str, **other: Any) -> dict[str, Any]:
    """What the form sends when a button is pressed."""
    return {
        "token": field(page, "token"),
        "seen": field(page, "seen"),
        "everything": "y",
        "outcome": outcome,
        "day": "2026-11-27",
    } | other


def test_the_longest_unreached_family_comes_first_with_its_reason(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    unheard(cast, now - timedelta(days=5), cast.button_phone)
    unheard(cast, now, cast.button_phone, cast.siblings)
    page = sign_in(cast.pedagogue).get("/reach/board").text
    assert page.index("Асан Мисалов, 5-А") < page.index("Нурлан Экөөбаев, 5-А")
    assert "Unreached for 8 days" in page
    assert "Unreached for 3 days" in page
    assert "The phone is switched off or out of reach." in page
    assert "2 announcements missed." in page
    assert 'href="tel:+996555000101"' in page


def test_a_class_teacher_has_a_board_of_their_own_families(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    unheard(cast, now, cast.button_phone, cast.neighbour)
    page = sign_in(cast.other_teacher).get("/reach/board").text
    assert "Пётр Соседов" in page
    assert "Асан Мисалов" not in page
    assert sign_in(cast.other_director).get("/reach/board").text.count("Соседов") == 0


def test_the_pills_count_and_choose(cast: Cast, sign_in: Any, now: datetime, today: datetime) -> None:
    unheard(cast, now, cast.button_phone, cast.email_only, cast.no_address, cast.siblings)
    task(cast.siblings, now, priority=0, due_at=today + timedelta(days=5), assignee_id=cast.pedagogue.id)
    task(cast.button_phone, now, due_at=today - timedelta(hours=1), means=Means.LESSON)
    client = sign_in(cast.pedagogue)

    def shown(**asked: Any) -> set[str]:
        page = client.get("/reach/board", query_string=asked).text
        return {name for name in ("Асан", "Вера", "Чолпон", "Нурай") if f">{name}" in page}

    assert shown() == {"Асан", "Вера", "Чолпон", "Нурай"}
    assert shown(show="urgent") == {"Нурай"}
    assert shown(show="due") == {"Асан"}
    assert shown(show="mine") == {"Нурай", "Асан"}
    assert shown(show="lesson") == {"Асан"}
    assert shown(show="no_address") == {"Чолпон"}
    assert shown(show="no_phone") == {"Вера", "Чолпон"}
    assert shown(show="switched_off") == {"Асан", "Вера", "Нурай"}
    assert shown(**{"class": cast.class_5b.id}) == {"Нурай"}
    assert shown(grade=6) == set()
    page = client.get("/reach/board").text
    assert "5-Б <b" in page
    assert shown(show="nonsense", page="x", grade="x") == {"Асан", "Вера", "Чолпон", "Нурай"}


def test_a_task_for_a_family_that_was_never_written_to_is_on_the_board(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    task(cast.neighbour, now, due_at=today)
    page = sign_in(cast.pedagogue).get("/reach/board?show=due").text
    assert "Пётр Соседов" in page
    assert "Never reached yet." in page


def test_tasks_of_one_kind_are_one_line_of_a_card(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    for number in range(11):
        task(cast.button_phone, now, f"call {number}", due_at=today + timedelta(days=1 + number))
    task(cast.button_phone, now, "late", due_at=today - timedelta(days=1))
    task(cast.button_phone, now, "visit", means=Means.VISIT, due_at=today + timedelta(days=9))
    page = sign_in(cast.pedagogue).get(f"/reach/families/{cast.button_phone.id}").text
    card = page.split(f'id="family-{cast.button_phone.id}"')[1].split("</section>")[0]
    pills = re.findall(r"</svg>([^<]*)</span></li>", card)
    day = "{0.day} {0:%B}".format
    assert pills == [
        f"Call: {day(today - timedelta(days=1))}",
        f"Call: 11, the first by {day(today + timedelta(days=1))}",
        f"Visit: {day(today + timedelta(days=9))}",
    ]


def test_a_call_is_noted_in_two_taps_and_the_family_leaves_the_board(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    announcement = unheard(cast, now, cast.siblings)
    todo = task(cast.siblings, now, announcement_id=announcement.id)
    client = sign_in(cast.pedagogue)
    address = f"/reach/families/{cast.siblings.id}/call"
    form = client.get(address).text
    done = client.post(address, data=answer(form, "spoke", note="Эжеси угат", task=str(todo.id)))
    assert done.status_code == 303
    (log,) = logs_of(cast.siblings)
    assert (log.means, log.outcome, log.at, log.note) == (Means.CALL, Outcome.SPOKE, today, "Эжеси угат")
    assert copy_for(announcement, cast.siblings).spoken_at == today
    assert db.session.get_one(FollowUp, todo.id).state == FollowUpState.DONE
    assert "Нурлан" not in client.get("/reach/board").text
    # The form sent twice, as when the connection breaks, is one call.
    again = client.post(address, data=answer(form, "spoke"), follow_redirects=True)
    assert "This was noted before." in again.text
    assert len(logs_of(cast.siblings)) == 1


def test_with_htmx_the_card_is_swapped_in_its_place(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    unheard(cast, now, cast.siblings)
    client, htmx = sign_in(cast.pedagogue), {"HX-Request": "true"}
    address = f"/reach/families/{cast.siblings.id}/call"
    form = client.get(address, headers=htmx).text
    assert "<html" not in form
    card = client.post(address, data=answer(form, "no_answer"), headers=htmx).text
    assert card.strip().startswith(f'<section class="card" id="family-{cast.siblings.id}">')
    assert "Noted. No answer" in card
    assert "Unreached for 3 days" in card


def test_not_answering_leaves_everything_as_it_was(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    announcement = unheard(cast, now, cast.siblings)
    todo = task(cast.siblings, now, announcement_id=announcement.id)
    client, address = sign_in(cast.pedagogue), f"/reach/families/{cast.siblings.id}/call"
    client.post(address, data=answer(client.get(address).text, "no_answer", task=str(todo.id)))
    assert db.session.get_one(FollowUp, todo.id).state == FollowUpState.OPEN
    assert copy_for(announcement, cast.siblings).spoken_at is None
    assert "Нурлан" in client.get("/reach/board").text


def test_a_wrong_number_is_the_one_that_was_dialled(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    unheard(cast, now, cast.siblings)
    client, address = sign_in(cast.pedagogue), f"/reach/families/{cast.siblings.id}/call"
    point = cast.siblings.guardians[0].contacts[0].contact_point
    client.post(address, data=answer(client.get(address).text, "wrong_number", number=point.id))
    (log,) = logs_of(cast.siblings)
    assert log.contact_point_id == point.id
    assert log.guardian_id == cast.siblings.guardians[0].id
    db.session.refresh(point)
    assert point.status == ContactStatus.BAD
    foreign = cast.other_family.guardians[0].contacts[0].contact_point
    refused = client.post(address, data=answer(client.get(address).text, "wrong_number", number=foreign.id))
    assert refused.status_code == 422


def test_a_visit_has_a_day_that_is_not_still_to_come(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    unheard(cast, now, cast.button_phone)
    client, address = sign_in(cast.pedagogue), f"/reach/families/{cast.button_phone.id}/visit"
    form = client.get(address).text
    refused = client.post(address, data=answer(form, "nobody_home", day="2026-11-28", note="Дарбаза жабык"))
    assert refused.status_code == 422
    assert "Plan the visit instead." in refused.text
    assert "Дарбаза жабык" in refused.text
    client.post(address, data=answer(form, "nobody_home", day="2026-11-26", note="Дарбаза жабык"))
    (log,) = logs_of(cast.button_phone)
    assert log.at == datetime(2026, 11, 26, 6, tzinfo=log.at.tzinfo), "noon in Bishkek"
    fresh = client.get(address).text
    assert client.post(address, data=answer(fresh, "climbed the roof")).status_code == 400


def test_an_afternoons_visit_tells_what_was_published_that_afternoon(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    three, four = (datetime(2026, 11, 27, hour, tzinfo=UTC) for hour in (9, 10))  # o'clock in Bishkek
    announcement = unheard(cast, three, cast.button_phone)
    with time_machine.travel(four, tick=False):
        client, address = sign_in(cast.pedagogue), f"/reach/families/{cast.button_phone.id}/visit"
        form = client.get(address).text
        client.post(address, data=answer(form, "spoke"))
        assert "Асан Мисалов" not in client.get("/reach/board").text
    (log,) = logs_of(cast.button_phone)
    assert log.at == three
    assert copy_for(announcement, cast.button_phone).spoken_at == three


def test_of_two_pedagogues_the_second_is_told_and_loses_no_word(
    app: Flask, cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    announcement = unheard(cast, now, cast.siblings)
    todo = task(cast.siblings, now, announcement_id=announcement.id)
    address = f"/reach/families/{cast.siblings.id}/call"
    first, second = sign_in(cast.pedagogue), app.test_client()
    with second.session_transaction() as session:
        session["_user_id"], session["_fresh"] = cast.director.get_id(), True
    form_of_first, form_of_second = first.get(address).text, second.get(address).text
    first.post(address, data=answer(form_of_first, "spoke", task=str(todo.id)))
    late = second.post(
        address, data=answer(form_of_second, "relayed", note="Коңшусуна айттым", task=str(todo.id))
    )
    assert late.status_code == 409
    assert "A colleague was quicker." in late.text
    assert "Педагог Мисалова, today, 14:00: Call · Spoke to the family" in late.text
    assert "Коңшусуна айттым" in late.text
    assert len(logs_of(cast.siblings)) == 1
    # Pressed once more, knowing it, theirs is noted as well: one contact each, and done stays done.
    second.post(address, data=answer(late.text, "relayed", note="Коңшусуна айттым"))
    second.post(address, data=answer(late.text, "relayed", note="Коңшусуна айттым"))
    assert [log.staff_id for log in logs_of(cast.siblings)] == [cast.pedagogue.id, cast.director.id]
    assert db.session.get_one(FollowUp, todo.id).closed_by_id == cast.pedagogue.id


def test_somebody_must_have_been_told_something(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    unheard(cast, now, cast.siblings)
    client, address = sign_in(cast.pedagogue), f"/reach/families/{cast.siblings.id}/call"
    data = answer(client.get(address).text, "spoke")
    del data["everything"]
    refused = client.post(address, data=data)
    assert refused.status_code == 422
    assert "Tick what you told them about." in refused.text


def test_who_may_not_write_to_families_notes_nothing(
    app: Flask, cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    unheard(cast, now, cast.siblings)
    foreign = sign_in(cast.other_director)
    for means in ("call", "visit", "task"):
        assert foreign.get(f"/reach/families/{cast.siblings.id}/{means}").status_code == 404
    assert (
        foreign.post(f"/reach/families/{cast.siblings.id}/call", data={"outcome": "spoke"}).status_code == 404
    )
    assert db.session.scalar(select(func.count(ContactLog.id))) == 0


def test_the_history_of_a_family_has_all_that_was_told_and_tried(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    announcement = unheard(cast, now, cast.siblings)
    todo = task(cast.siblings, now + timedelta(minutes=1), announcement_id=announcement.id)
    client, address = sign_in(cast.pedagogue), f"/reach/families/{cast.siblings.id}/call"
    client.post(
        address, data=answer(client.get(address).text, "spoke", note="Баары түшүнүктүү", task=str(todo.id))
    )
    page = client.get(f"/reach/families/{cast.siblings.id}").text
    told, tried, talked = (page.rindex(word) for word in ("Эртең сабак", "Follow-up:", "Баары түшүнүктүү"))
    assert talked < tried < told, "the newest first"
    assert "/messages/" in page
    assert "Spoken to" in page
    assert client.get(f"/reach/families/{cast.siblings.id}?before=nonsense").status_code == 200
    older = client.get(f"/reach/families/{cast.siblings.id}", query_string={"before": now.isoformat()})
    assert "Nothing yet" in older.text
    assert sign_in(cast.other_director).get(f"/reach/families/{cast.siblings.id}").status_code == 404


def test_a_page_of_the_board_asks_the_tables_a_fixed_number_of_times(
    cast: Cast, sign_in: Any, now: datetime, today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    unheard(cast, now, cast.siblings, cast.button_phone, cast.email_only, cast.no_address)
    client = sign_in(cast.pedagogue)

    def asked(families: int) -> list[str]:
        monkeypatch.setattr(board_views, "PER_PAGE", families)
        found: list[str] = []

        def hear(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            found.append(statement)

        db.session.expunge_all()
        event.listen(db.engine, "before_cursor_execute", hear)
        client.get("/reach/board")
        event.remove(db.engine, "before_cursor_execute", hear)
        return found

    assert len(asked(4)) == len(asked(1))
