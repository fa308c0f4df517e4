"""A notice for the staff: written, sent, read; and who has not."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
import python_calamine
from flask import Flask
from sqlalchemy import func, select, update

from notifier import outbox
from notifier.database import db
from notifier.models import Delivery, State
from tests.announcements.writing import write
from tests.at_once import at_once
from tests.cast import Cast, staff_member
from tests.staffroom.writing import NOTICE, copies, draft, messages, send
from webapp.announcements.models import Announcement
from webapp.announcements.money import budget
from webapp.announcements.publish import Unready, publish
from webapp.announcements.recipients import Recipient
from webapp.reach.period.queries import announcements
from webapp.reach.queries import Scope
from webapp.staff.models import AuditEntry, Role, StaffMember
from webapp.staffroom.directory import put_into
from webapp.staffroom.handing import hand_out
from webapp.staffroom.models import Association, StaffCopy, StaffNotice

pytestmark = pytest.mark.usefixtures("phones")


def test_the_director_tells_all_of_the_staff_one_sms_for_a_phone_and_one_letter(
    cast: Cast, sign_in: Any
) -> None:
    cast.teacher.language, cast.other_teacher.language, cast.office.language = "ky", "ru", "ru"
    db.session.commit()
    number = send(sign_in(cast.director))
    sms, letter = sorted(messages(), key=lambda each: each.channel, reverse=True)
    assert (sms.channel, sms.address) == ("sms", "+996555000201")
    assert sms.body == "№95: Эртең саат 15:00дө педкеңеш."
    assert (letter.channel, letter.address) == ("email", "office@example.kg")
    assert letter.body.startswith("Завтра в 15:00 педсовет.")
    found = copies(number)
    assert set(found) == {
        "aigul",
        "olga",
        "office",
        "pedagogue",
    }  # all but the director, and nobody elsewhere
    assert found["aigul"].delivery_id == found["olga"].delivery_id == sms.id
    assert (found["pedagogue"].delivery_id, found["pedagogue"].not_sent) == (None, "no_address")
    entry = db.session.scalars(select(AuditEntry).filter_by(action="staff_notice.sent")).one()
    assert (entry.detail["people"], entry.detail["deliveries"]) == (4, 2)


def test_it_stands_on_everybodys_page_until_they_say_they_have_read_it(cast: Cast, sign_in: Any) -> None:
    number = send(sign_in(cast.director))
    client = sign_in(cast.pedagogue)
    assert "A notice for you to read" in unescape(client.get("/").text)
    for language, called in (("ru", "Завтра в 15:00 педсовет."), ("en", "Эртең саат 15:00дө педкеңеш.")):
        client.post(f"/language/{language}")
        assert called in unescape(client.get("/").text)
    page = unescape(client.get("/staff-notices").text)
    assert "Эртең саат 15:00дө педкеңеш." in page
    assert "Not read yet" in page
    assert client.post(f"/staff-notices/{number}/read").status_code == 303
    first = copies(number)["pedagogue"].read_at
    client.post(f"/staff-notices/{number}/read")  # a second tap changes nothing
    assert first is not None
    assert copies(number)["pedagogue"].read_at == first
    assert "Not read yet" not in unescape(client.get("/staff-notices").text)
    assert "A notice for you to read" not in unescape(client.get("/").text)


def test_the_sender_sees_by_name_who_has_read_it_who_got_it_and_who_did_not(cast: Cast, sign_in: Any) -> None:
    number = send(sign_in(cast.director))
    sign_in(cast.pedagogue).post(f"/staff-notices/{number}/read")
    db.session.execute(update(Delivery).where(Delivery.channel == "sms").values(state=State.UNDELIVERED))
    db.session.execute(update(Delivery).where(Delivery.channel == "email").values(state=State.DELIVERED))
    db.session.commit()
    page = unescape(sign_in(cast.director).get(f"/staff-notices/{number}/progress").text)
    assert "1 of 4 people have read it" in page
    rows = page.partition("<tbody")[2]
    # Those to look at come first; no mail server tells that a mailbox was reached.
    assert rows.index("Айгүл Үлгүбаева") < rows.index("Кеңсе Үлгүева") < rows.index("Педагог Мисалова")
    assert rows.count("Did not arrive") == 2
    assert "Delivered" not in rows
    assert "Has read it" in rows


def test_a_role_and_an_association_together_mean_each_person_once(cast: Cast, sign_in: Any) -> None:
    association = db.session.scalars(select(Association).filter_by(school_id=cast.school.id)).first()
    assert association is not None
    put_into(cast.teacher, association.id, leads=False)
    put_into(cast.pedagogue, association.id, leads=False)
    db.session.commit()
    client = sign_in(cast.office)
    page = unescape(client.get("/staff-notices/new").text)
    assert "Class teacher <small>2 people" in page
    assert f"{association.name} <small>2 people" in page
    number = send(client, everybody="", roles=["class_teacher"], associations=[association.id])
    assert set(copies(number)) == {"aigul", "olga", "pedagogue"}


def test_the_head_of_an_association_writes_to_its_members_and_to_nobody_else(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    first, second, *_ = db.session.scalars(
        select(Association).filter_by(school_id=cast.school.id).order_by(Association.id)
    )
    put_into(cast.teacher, first.id, leads=True)
    put_into(cast.other_teacher, first.id, leads=False)
    db.session.commit()
    client = sign_in(cast.teacher)
    assert "All of the staff" not in unescape(client.get("/staff-notices/new").text)
    for beyond in (
        {},
        {"everybody": "", "roles": ["director"]},
        {"everybody": "", "associations": [second.id]},
    ):
        assert client.post("/staff-notices/new", data=NOTICE | beyond).status_code == 422
    number = draft(client, everybody="", associations=[first.id])
    # Between writing and sending somebody else became the head.
    put_into(cast.teacher, second.id, leads=True)
    db.session.commit()
    fingerprint = db.session.get_one(StaffNotice, number).fingerprint
    assert client.post(f"/staff-notices/{number}/send", data={"seen": fingerprint}).location.endswith("/edit")
    put_into(cast.teacher, first.id, leads=True)
    db.session.commit()
    client.post(f"/staff-notices/{number}/send", data={"seen": fingerprint})
    assert set(copies(number)) == {"olga"}
    assert sign_in(cast.other_teacher).get(f"/staff-notices/{number}/progress").status_code == 404
    assert sign_in(cast.director).get(f"/staff-notices/{number}/progress").status_code == 200


@pytest.mark.parametrize("who", ["teacher", "pedagogue"])
def test_who_leads_nothing_writes_to_nobody(cast: Cast, sign_in: Any, who: str) -> None:
    number = draft(sign_in(cast.director))
    client = sign_in(getattr(cast, who))
    assert client.get("/staff-notices/new").status_code == 404
    assert client.post("/staff-notices/new", data=NOTICE).status_code == 404
    assert client.get("/staff-notices/sent").status_code == 404
    for page in ("", "/review", "/edit", "/progress"):
        assert client.get(f"/staff-notices/{number}{page}").status_code == 404
    for act in ("send", "discard", "read"):
        assert client.post(f"/staff-notices/{number}/{act}").status_code == 404


def test_a_closed_account_is_told_nothing(cast: Cast, sign_in: Any) -> None:
    cast.pedagogue.active = False
    db.session.commit()
    assert "pedagogue" not in copies(send(sign_in(cast.director)))


def test_whoever_asked_for_silence_has_it_on_their_page_or_by_mail(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    cast.teacher.email = "aigul@example.kg"
    outbox.suppress("sms", "+996555000201", "opted_out", now)
    db.session.commit()
    number = send(sign_in(cast.director))
    assert {each.address for each in messages()} == {"office@example.kg", "aigul@example.kg"}
    assert copies(number)["olga"].not_sent == "opted_out"


def test_what_is_not_to_be_sent_only_stands_on_pages_and_costs_nothing(cast: Cast, sign_in: Any) -> None:
    number = send(sign_in(cast.director), sends="")
    assert messages() == []
    assert {copy.not_sent for copy in copies(number).values()} == {"not_wished"}


def test_families_lists_and_reports_know_nothing_of_it_but_the_budget_does(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    cast.school.sms_price = Decimal(2)
    db.session.commit()
    client = sign_in(cast.director)
    waiting = draft(client)
    number = send(client)
    text = "педкеңеш"
    for page in ("/announcements", "/reach/", "/reach/overview", "/reach/period/", "/inbox/", "/public"):
        assert text not in unescape(client.get(page).text), page
    for page in ("", "/review", "/edit", "/progress", "/who"):
        assert client.get(f"/announcements/{number}{page}").status_code in {404, 405}, page
        assert client.get(f"/announcements/{waiting}{page}").status_code in {404, 405}, page
    assert db.session.scalar(select(func.count()).select_from(Recipient)) == 0
    today = datetime.now(UTC)
    scope = Scope(
        cast.school.id,
        [cast.class_5a.id, cast.class_5b.id],
        since=today - timedelta(days=1),
        until=today + timedelta(days=1),
    )
    assert [row for row in announcements(scope, whole_school=True) if row[1] == "staff"] == []
    assert budget.spent(cast.school, datetime.now(UTC)) == 2


def test_the_report_of_the_whole_school_says_what_the_staffs_sms_cost(
    cast: Cast, app: Flask, sign_in: Any, now: datetime
) -> None:
    cast.school.sms_price = Decimal(2)
    db.session.commit()
    send(sign_in(cast.director))
    announcement = write(cast, now=datetime.now(UTC))
    families = publish(announcement, datetime.now(UTC)).segments
    db.session.commit()
    found = json.loads(app.test_cli_runner().invoke(args=["reach", "period", "--school", "№95"]).stdout)
    assert found["staff"] == {"notices": 1, "segments": 1, "cost": 2.0}
    assert (found["segments"], found["cost"]) == (families, 2.0 * families)
    assert found["together"] == {"segments": families + 1, "cost": 2.0 * (families + 1)}
    page = unescape(sign_in(cast.director).get("/reach/period/").text)
    assert "And to the staff" in page
    assert f"<dt>Cost of all, som</dt><dd>{2 * (families + 1)}</dd>" in page
    today = datetime.now(UTC).astimezone(cast.school.zone).date()
    query = {"first": today, "last": today, "language": "en"}
    sheet = sign_in(cast.director).get("/reach/period/file", query_string=query | {"format": "xlsx"})
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sheet.data))
    rows = book.get_sheet_by_name("By class").to_python()
    assert [row[-2:] for row in rows if row[0] in {"All", "Staff", "Together"}] == [
        [families, 2.0 * families],
        [1, 2],
        [families + 1, 2.0 * (families + 1)],
    ]
    paper = sign_in(cast.director).get("/reach/period/file", query_string=query | {"format": "pdf"})
    assert paper.data.startswith(b"%PDF-")
    # A class teacher's report is of a class, and no class pays for them.
    assert "And to the staff" not in unescape(sign_in(cast.teacher).get("/reach/period/").text)


def test_a_notice_over_the_limit_waits_unless_it_is_urgent(cast: Cast, sign_in: Any) -> None:
    cast.school.sms_price, cast.school.monthly_limit = Decimal(2), Decimal(1)
    db.session.commit()
    client = sign_in(cast.director)
    number = draft(client)
    page = unescape(client.get(f"/staff-notices/{number}/review").text)
    assert "the director to lift" in page
    assert 'name="seen"' not in page
    answer = client.post(
        f"/staff-notices/{number}/send", data={"seen": db.session.get_one(StaffNotice, number).fingerprint}
    )
    assert answer.location.endswith("/edit")
    assert copies(number) == {}
    assert len(copies(send(client, urgent="y"))) == 4


def test_a_draft_changed_in_another_window_is_looked_at_again(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.director)
    number = draft(client)
    seen = db.session.get_one(StaffNotice, number).fingerprint
    client.post(f"/staff-notices/{number}/edit", data=NOTICE | {"everybody": "", "roles": ["office"]})
    assert client.post(f"/staff-notices/{number}/send", data={"seen": seen}).location.endswith("/review")
    assert copies(number) == {}


def test_the_same_form_sent_twice_is_one_draft_and_a_draft_can_be_deleted(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.director)
    number = draft(client, token="the-same-form")
    assert draft(client, token="the-same-form", text_ky="Эртең эмес.") == number
    assert client.post(f"/staff-notices/{number}/discard").status_code == 303
    assert db.session.get(Announcement, number) is None


def test_two_windows_do_not_overwrite_each_other_unseen(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.director)
    number = draft(client, window="first")
    edit = f"/staff-notices/{number}/edit"
    page = client.get(edit).text
    assert re.search(r'name="saw"[^>]* value="first"', page)
    one, other = ({"window": name, "saw": "first"} for name in ("one", "other"))
    assert client.post(edit, data=NOTICE | one | {"text_ky": "Эртең саат 16:00дө."}).status_code == 303
    answer = client.post(edit, data=NOTICE | other | {"text_ky": "Эртең саат 17:00дө."})
    assert answer.status_code == 409
    assert "changed in another window" in unescape(answer.text)
    assert "16:00дө" in answer.text
    assert "17:00дө" in answer.text
    assert db.session.get_one(StaffNotice, number).words_ky == "Эртең саат 16:00дө."
    saw = re.search(r'name="saw"[^>]* value="(\w+)"', answer.text)
    assert saw is not None
    assert saw[1] == "one"
    again = NOTICE | other | {"saw": saw[1], "text_ky": "Эртең саат 17:00дө."}
    assert client.post(edit, data=again).status_code == 303
    db.session.expire_all()
    assert db.session.get_one(StaffNotice, number).words_ky == "Эртең саат 17:00дө."


def test_two_who_press_send_at_once_send_it_once(app: Flask, cast: Cast, sign_in: Any, now: datetime) -> None:
    number = draft(sign_in(cast.director))
    director = cast.director.id

    db.session.rollback()  # SQLite has one writer

    def press() -> int | None:
        notice = db.session.get_one(StaffNotice, number)
        sent = hand_out(notice, now, db.session.get_one(StaffMember, director))
        db.session.commit()
        return sent

    assert sorted(at_once(app, press, press), key=str) == [4, None]
    assert len(messages()) == 2
    assert len(copies(number)) == 4


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"everybody": ""}, "Choose who is to read it."),
        ({"everybody": "", "roles": ["psychologist", "king"]}, "Choose who is to read it."),
        # The author alone has this role.
        ({"everybody": "", "roles": ["director"]}, "Choose who is to read it."),
        ({"everybody": "", "associations": ["x", "999"]}, "Choose who is to read it."),
        ({"everybody": "", "associations": ["1"]}, "Choose who is to read it."),  # nobody is in it
        ({"text_ky": " \u200b\n", "text_ru": ""}, "Write the text"),
        ({"text_ky": "ө" * 800}, "Take out 1"),
        ({"text_ky": "ө" * 6000}, "Take out"),
    ],
)
def test_what_cannot_be_a_notice_is_told_at_its_field(
    cast: Cast, sign_in: Any, fields: dict[str, Any], sentence: str
) -> None:
    answer = sign_in(cast.director).post("/staff-notices/new", data=NOTICE | fields)
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert db.session.scalar(select(StaffNotice)) is None


def test_words_from_word_and_html_arrive_as_letters_a_phone_can_show(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.director)
    number = send(client, text_ky="\ufeffЭртең \u200b<b>чогулуш</b>\r\n\x07", text_ru="")
    assert messages()[0].body == "№95: Эртең <b>чогулуш</b>"
    page = sign_in(cast.teacher).get(f"/staff-notices/{number}").text
    assert "&lt;b&gt;чогулуш" in page


class TestAtNight:
    """Messages that are real wait for the morning, also those to colleagues (clause 4.1)."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {
            "SMS_PROVIDER": "twilio",
            "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
            "TWILIO_AUTH_TOKEN": "t",
            "TWILIO_MESSAGING_SERVICE_SID": "MG00000000000000000000000000000000",
            "PUBLIC_BASE_URL": "https://kabarchy.example.kg",
        }

    @pytest.mark.parametrize(("urgent", "waits"), [(False, True), (True, False)])
    def test_a_notice_of_the_night_waits_and_an_urgent_one_does_not(
        self, cast: Cast, now: datetime, urgent: bool, waits: bool
    ) -> None:
        night = now.replace(hour=16)  # 22:00 in Bishkek
        announcement = Announcement(
            school_id=cast.school.id,
            author_id=cast.director.id,
            kind="staff",
            text_ky="Чогулуш.",
            urgent=urgent,
            created_at=night,
        )
        notice = StaffNotice(announcement=announcement, everybody=True)
        db.session.add(notice)
        db.session.flush()
        hand_out(notice, night, cast.director)
        db.session.commit()
        leaves = {each.not_before for each in messages()}
        assert leaves == {night + timedelta(hours=10) if waits else night}
        rests = set(db.session.scalars(select(Delivery.quiet_from)))
        assert rests == {night + timedelta(hours=22) if waits else None}
        entry = db.session.scalars(select(AuditEntry).filter_by(action="staff_notice.sent")).one()
        assert ("quiet_hours_overridden" in entry.detail) is urgent


def test_a_notice_to_nobody_is_refused_when_it_goes(cast: Cast, now: datetime) -> None:
    announcement = Announcement(
        school_id=cast.school.id, author_id=cast.director.id, kind="staff", text_ky="…", created_at=now
    )
    notice = StaffNotice(announcement=announcement, roles=["director"])
    db.session.add(notice)
    db.session.flush()
    with pytest.raises(Unready, match="Nobody is in what you chose"):
        hand_out(notice, now, cast.director)


def test_a_colleague_who_comes_later_has_no_copy_and_finds_nothing(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    number = send(sign_in(cast.director))
    newcomer = staff_member(cast.school, "Жаңы Келгенов", "new", Role.SUBJECT_TEACHER, now=now)
    db.session.commit()
    assert sign_in(newcomer).get(f"/staff-notices/{number}").status_code == 404
    assert db.session.scalar(select(func.count()).select_from(StaffCopy)) == 4
