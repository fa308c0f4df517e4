"""The page everybody may read: what stands on it, what may not, and how programs fetch it."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from notifier.database import db
from tests.announcements.writing import send, write
from tests.cast import Cast
from webapp.families.modes import ClassMode, Mode, mode_of
from webapp.public.models import Posting, PublicNotice, PublicPage
from webapp.staff.models import AuditEntry

ATOM = "{http://www.w3.org/2005/Atom}"
NOTICE = {
    "title_ky": "Билим күнү",
    "text_ky": "1-сентябрда Билим күнү өтөт.\nБаарыңыздар келиңиздер!",
    "title_ru": "День знаний",
    "text_ru": "1 сентября — День знаний <для всех> & каждого.",
}


@pytest.fixture
def office(cast: Cast, sign_in: Any) -> Any:
    """The office, whose school has a page."""
    db.session.add(PublicPage(school_id=cast.school.id, slug="mektep-95"))
    db.session.commit()
    return sign_in(cast.office)


def put(office: Any, **changed: str) -> PublicNotice:
    answer = office.post("/public/new", data=NOTICE | changed)
    assert answer.status_code == 303, unescape(answer.text)
    return db.session.scalars(db.select(PublicNotice).order_by(PublicNotice.id.desc())).first()  # type: ignore[return-value]


def test_the_office_gives_the_page_an_address_and_everybody_reads_a_notice(
    cast: Cast, sign_in: Any, client: Any
) -> None:
    office = sign_in(cast.office)
    assert "/public" in office.post("/public/new", data=NOTICE).location
    assert office.post("/public", data={"slug": " Mektep-95 "}).status_code == 303
    put(office)
    stranger = client.application.test_client()
    page = unescape(stranger.get("/news/mektep-95").text)
    assert "Билим күнү" in page
    assert "Баарыңыздар" in page
    assert "<script" not in page
    russian = stranger.get("/news/mektep-95?lang=ru").text
    assert "День знаний" in russian
    assert "&lt;для всех&gt; &amp; каждого" in russian
    assert {entry.action for entry in db.session.scalars(db.select(AuditEntry))} == {
        "public.address_set",
        "public.published",
    }


def test_the_page_leaves_nothing_of_the_reader_and_may_be_kept_for_a_minute(office: Any, client: Any) -> None:
    put(office)
    answer = client.application.test_client().get("/news/mektep-95")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in answer.headers
    assert "no-store" in office.get("/public").headers["Cache-Control"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"text_ky": "", "text_ru": ""}, "Write the text"),
        ({"title_ky": ""}, "Write a heading"),
        ({"text_ky": "Окуучу Асан Мисалов мыкты окуду."}, "Асан Мисалов"),
        ({"text_ky": "Мисалов Асан, 5-А"}, "Асан Мисалов"),
        ({"title_ru": "Раиса Примерова"}, "Раиса Примерова"),
        ({"text_ru": "Звоните: 0555 000 101"}, "phone number or e-mail address of a family"),
        ({"text_ru": "0312 000 095\n0555 000 101"}, "phone number or e-mail address of a family"),
        ({"text_ru": "0555.00.01.01"}, "phone number or e-mail address of a family"),
        ({"text_ru": "+996–555–000–101"}, "phone number or e-mail address of a family"),
        ({"text_ky": "Raisa@example.kg. Жазыңыздар"}, "phone number or e-mail address of a family"),
        ({"text_ky": "Асан Мисаловдун иши"}, "Асан Мисалов"),
        ({"text_ru": "Поздравляем Веру Примерову"}, "Вера Примерова"),
        ({"text_ru": "Спасибо Вере Примеровой!"}, "Вера Примерова"),
        ({"title_ky": "x" * 161}, "at most 160"),
    ],
)
def test_what_is_not_for_everybody_is_refused(office: Any, changed: dict[str, str], sentence: str) -> None:
    answer = office.post("/public/new", data=NOTICE | changed)
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert db.session.scalar(db.select(PublicNotice)) is None


def test_a_first_name_alone_and_the_phone_of_the_school_are_anybodys(office: Any) -> None:
    put(
        office, text_ky="Асан, Чолпон дагы келсин. Телефон: 0312 000 095, 24.11.2026 10:00, mektep@example.kg"
    )


def test_a_link_shows_messengers_what_it_leads_to(office: Any, client: Any) -> None:
    notice = put(office)
    page = client.application.test_client().get(f"/news/mektep-95/{notice.id}?lang=ru").text
    assert '<meta property="og:title" content="День знаний">' in page
    assert 'content="1 сентября — День знаний &lt;для всех&gt; &amp; каждого."' in page
    assert f"/news/mektep-95/{notice.id}?lang=ru" in re.findall(r'og:url" content="([^"]+)', page)[0]


def test_a_long_notice_is_cut_for_messengers_whose_link_leads_to_all_of_it(office: Any) -> None:
    notice = put(office, text_ky="Сабак " * 1000, text_ru="Кыска.")
    page = unescape(office.get(f"/public/{notice.id}").text)
    links = re.findall(r'href="(https://(?:wa\.me|t\.me)[^"]+)"', page)
    assert len(links) == 4
    assert max(map(len, links)) < 8000
    whole = f"/news/mektep-95/{notice.id}?lang="
    for link, language in zip(links, ("ky", "ky", "ru", "ru"), strict=True):
        assert unquote(link).count(whole + language) == 1, link


def test_a_printed_page_names_the_day_and_does_not_call_it_today(office: Any, client: Any) -> None:
    notice = put(office)
    notice.published_at = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)  # past midnight in Bishkek
    db.session.commit()
    reader = client.application.test_client()
    for page in ("", f"/{notice.id}"):
        assert "25 ноября 2026" in unescape(reader.get(f"/news/mektep-95{page}?lang=ru").text)


def test_the_days_of_the_piece_of_html_are_the_schools(office: Any, client: Any) -> None:
    notice = put(office)
    notice.published_at = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)  # past midnight in Bishkek
    db.session.commit()
    for language in ("ky", "ru"):
        html = client.application.test_client().get(f"/news/mektep-95/snippet.html?lang={language}").text
        assert "25.11.2026" in html
        assert f"/news/mektep-95/{notice.id}?lang={language}" in html


def test_an_announcement_comes_on_the_page_once(cast: Cast, office: Any, now: datetime) -> None:
    number = send(write(cast, ky="Эртең сабак болбойт.", now=now), now).announcement
    form = office.get(f"/public/from/{number}")
    assert "Эртең сабак болбойт." in unescape(form.text)
    for heading in ("Сабак жок", "Эртең сабак жок"):
        answer = office.post(f"/public/from/{number}", data=NOTICE | {"title_ky": heading})
        assert answer.status_code == 303
    assert db.session.scalars(db.select(PublicNotice.title_ky)).all() == ["Эртең сабак жок"]


def test_programs_get_atom_and_json_and_a_piece_of_html(office: Any, client: Any) -> None:
    notice = put(office)
    reader = client.application.test_client()
    feed = ET.fromstring(reader.get("/news/mektep-95/atom.xml?lang=ru").data)
    for name in ("id", "title", "updated", "author/{0}name", "link"):
        assert feed.find(ATOM + name.format(ATOM)) is not None, name
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}title") == "День знаний"
    assert entry.findtext(f"{ATOM}id", "").endswith(f"/news/mektep-95/{notice.id}")
    answer = reader.get("/news/mektep-95/feed.json?lang=ru")
    assert answer.mimetype == "application/feed+json"
    items = json.loads(answer.data)["items"]
    assert [item["title"] for item in items] == ["День знаний"]
    html = reader.get("/news/mektep-95/snippet.html").text
    assert "<li" in html
    assert "<script" not in html
    assert reader.get("/news/mektep-95/qr.svg").mimetype == "image/svg+xml"


def test_a_notice_that_is_taken_down_is_gone_everywhere(office: Any, client: Any) -> None:
    notice = put(office)
    reader = client.application.test_client()
    assert reader.get(f"/news/mektep-95/{notice.id}").status_code == 200
    assert office.post(f"/public/{notice.id}/withdraw").status_code == 303
    assert reader.get(f"/news/mektep-95/{notice.id}").status_code == 404
    for path in ("", "/atom.xml", "/feed.json", "/snippet.html"):
        assert "Билим күнү" not in unescape(reader.get(f"/news/mektep-95{path}").text), path
    assert office.post(f"/public/{notice.id}/edit", data=NOTICE).status_code == 303
    assert reader.get(f"/news/mektep-95/{notice.id}").status_code == 200


def test_the_page_of_an_announcement_leads_to_the_public_one(
    cast: Cast, office: Any, sign_in: Any, now: datetime
) -> None:
    number = send(write(cast, ky="Эртең сабак болбойт.", author=cast.office, now=now), now).announcement
    assert f"/public/from/{number}" in office.get(f"/announcements/{number}").text
    assert f"/public/from/{number}" not in sign_in(cast.teacher).get(f"/announcements/{number}").text


def test_what_is_taken_back_leaves_the_public_page_by_itself(
    cast: Cast, office: Any, client: Any, now: datetime
) -> None:
    number = send(write(cast, ky="Эртең сабак болбойт.", author=cast.office, now=now), now).announcement
    form = NOTICE | {"title_ky": "Сабак жок"}
    assert office.post(f"/public/from/{number}", data=form).status_code == 303
    reader = client.application.test_client()
    notice = db.session.scalars(db.select(PublicNotice)).one()
    assert "Сабак жок" in unescape(reader.get("/news/mektep-95").text)
    office.post(f"/announcements/{number}/back")
    for path in ("", "/atom.xml", "/feed.json", "/snippet.html"):
        assert "Сабак жок" not in unescape(reader.get(f"/news/mektep-95{path}").text), path
    assert reader.get(f"/news/mektep-95/{notice.id}").status_code == 404
    assert "was taken back" in unescape(office.get(f"/public/{notice.id}").text)
    assert f"/public/from/{number}" not in office.get(f"/announcements/{number}").text
    # Written anew, it is a text of its own.
    office.post(f"/public/{notice.id}/edit", data=form | {"title_ky": "Сабак бар"})
    assert "Сабак бар" in unescape(reader.get("/news/mektep-95").text)


def test_the_way_to_the_page_begins_where_one_chooses_what_to_tell(cast: Cast, sign_in: Any) -> None:
    assert 'href="/public"' in sign_in(cast.director).get("/announcements/kinds").text
    assert 'href="/public"' not in sign_in(cast.teacher).get("/announcements/kinds").text
    assert 'href="/modes"' in sign_in(cast.teacher).get("/families/").text


def test_where_it_was_posted_stays_on_record(cast: Cast, office: Any) -> None:
    notice = put(office)
    page = unescape(office.get(f"/public/{notice.id}").text)
    assert re.search(r"https://wa\.me/\?text=", page)
    assert re.search(r"https://t\.me/share/url\?url=http", page)
    assert office.post(f"/public/{notice.id}", data={"place": ""}).status_code == 422
    assert office.post(f"/public/{notice.id}", data={"place": "Мектептин дубалы"}).status_code == 303
    posting = db.session.scalars(db.select(Posting)).one()
    assert (posting.place, posting.staff_id) == ("Мектептин дубалы", cast.office.id)
    assert "Мектептин дубалы" in unescape(office.get(f"/public/{notice.id}").text)


@pytest.mark.parametrize("slug", ["", "мектеп", "a b", "-a", "a" * 41, "../x"])
def test_an_address_that_cannot_be_one_is_refused(cast: Cast, sign_in: Any, slug: str) -> None:
    assert sign_in(cast.office).post("/public", data={"slug": slug}).status_code == 422
    assert db.session.scalar(db.select(PublicPage)) is None


def test_two_schools_do_not_share_an_address(cast: Cast, office: Any, sign_in: Any) -> None:
    answer = sign_in(cast.other_director).post("/public", data={"slug": "mektep-95"})
    assert answer.status_code == 422
    assert "Another school" in answer.text


def test_a_page_tells_how_classes_are_taught_until_the_last_day(
    cast: Cast, office: Any, client: Any, now: datetime
) -> None:
    today = datetime.now(cast.school.zone).date()
    for class_id, mode, first, last in (
        (cast.class_5a.id, Mode.DISTANCE, today, today + timedelta(days=3)),
        (None, Mode.MIXED, today - timedelta(days=9), today - timedelta(days=1)),
    ):
        db.session.add(
            ClassMode(
                school_id=cast.school.id,
                class_id=class_id,
                mode=mode,
                starts=first,
                ends=last,
                order_number="01-12/34",
                created_at=now,
            )
        )
    db.session.commit()
    page = unescape(client.application.test_client().get("/news/mektep-95?lang=ru").text)
    assert "5-А" in page
    assert "01-12/34" in page
    assert page.count("01-12/34") == 1
    assert mode_of(cast.class_5a, today) is Mode.DISTANCE
    assert mode_of(cast.class_5b, today) is Mode.AT_SCHOOL
    assert mode_of(cast.class_5b, today - timedelta(days=1)) is Mode.MIXED
    assert mode_of(cast.class_5a, today + timedelta(days=4)) is Mode.AT_SCHOOL


MODE = {
    "classes": ["0"],
    "mode": "distance",
    "starts": "2028-09-04",
    "ends": "2028-09-18",
    "quarantine": "y",
    "order_number": "282/1",
    "order_date": "2028-09-01",
}


def test_the_director_sends_the_school_home_extends_it_and_takes_it_back(cast: Cast, sign_in: Any) -> None:
    director = sign_in(cast.director)
    assert director.post("/modes/new", data=MODE).status_code == 303
    mode = db.session.scalars(db.select(ClassMode)).one()
    assert (mode.class_id, mode.mode, mode.ends) == (None, "distance", date(2028, 9, 18))
    assert "282/1" in unescape(director.get("/modes").text)
    assert director.post(f"/modes/{mode.id}", data={"ends": "2028-09-30"}).status_code == 303
    db.session.expire_all()
    assert mode.ends == date(2028, 9, 30)
    assert director.post(f"/modes/{mode.id}", data={"ends": "2028-09-01"}).status_code == 303
    db.session.expire_all()
    assert db.session.scalar(db.select(ClassMode)) is None


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"classes": []}, "Choose classes"),
        ({"starts": ""}, "Choose the first day"),
        ({"ends": "2028-09-01"}, "before the first one"),
        ({"ends": "2038-09-01"}, "longer than a year"),
        ({"ends": "31.02.2028"}, "last day"),
    ],
)
def test_a_period_that_cannot_be_is_told_at_its_field(
    cast: Cast, sign_in: Any, changed: dict[str, Any], sentence: str
) -> None:
    answer = sign_in(cast.director).post("/modes/new", data=MODE | changed)
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert db.session.scalar(db.select(ClassMode)) is None


def test_a_new_period_takes_the_place_of_an_older_one_on_its_days(cast: Cast, sign_in: Any) -> None:
    director = sign_in(cast.director)
    director.post("/modes/new", data=MODE | {"mode": "mixed", "starts": "2028-09-01", "ends": "2028-09-30"})
    director.post("/modes/new", data=MODE | {"classes": [str(cast.class_5a.id)]})
    director.post("/modes/new", data=MODE)
    director.post(
        "/modes/new", data=MODE | {"mode": "at_school", "starts": "2028-09-03", "ends": "2028-09-20"}
    )
    rows = db.session.scalars(db.select(ClassMode).order_by(ClassMode.starts, ClassMode.id))
    assert [(each.class_id, each.mode, each.starts.day, each.ends.day) for each in rows] == [
        (None, "mixed", 1, 2),
        (None, "at_school", 3, 20),
        (cast.class_5a.id, "distance", 4, 18),  # the class's own stays
        (None, "mixed", 21, 30),
    ]


def test_a_teacher_reads_how_classes_are_taught_and_cannot_change_it(cast: Cast, sign_in: Any) -> None:
    teacher = sign_in(cast.teacher)
    assert teacher.get("/modes").status_code == 200
    assert teacher.post("/modes/new", data=MODE).status_code == 403
