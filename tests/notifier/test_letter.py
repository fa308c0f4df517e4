"""A letter as its reader gets it: in two forms, in their language, with its files and a way to stop it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from notifier.channels import letter as letters
from notifier.channels import smtp
from notifier.channels.html import as_html
from notifier.message import HEAVY, Enclosed, Fault, Message, Outcome, Stationery
from tests.notifier.test_email import channel, send_all, trusted
from tests.smtp_server import HANG_UP, MailServer, running

__all__ = ["trusted"]

STOP_AT = "https://kabarchy.example.kg/unsubscribe/Xy7-random_ref"
ORDER = Enclosed("1", "Буйрук №282 «каникул».pdf", "application/pdf", b"%PDF-1.4\n" + bytes(range(256)) * 40)
LIST = Enclosed("2", "list.txt", "text/plain", ".китеп\n..дептер\n".encode())
PAPER = Stationery("ky", "№95 <мектеп> & гимназия", "Мектептен кат албайм", (ORDER, LIST))
BODY = "Эртең сабак болбойт.\nhttps://example.kg/a?b=1&c=2.\n\nОкуучу: Асан Мисалов, 5-А\n№95 мектеп"
MESSAGE = Message(
    ref="Xy7-random_ref", address="raisa@example.kg", subject="№95, 5-А", body=BODY, stationery=PAPER
)
TIMETABLE = """Асан Мисалов, 5-А
Шр, 25-ноябрь
  9:00–9:30  Баластан  Математика: Бөлчөктөр
  10:00–10:30  ЭЛТР  Орус тили (кайра)
Бш, 26-ноябрь
  9:00–9:30  Баластан  Тарых

№95 мектеп-гимназия
Жооп берүү үчүн мектепке чалыңыз"""


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running() as server:
        yield server


def arrived(server: MailServer, message: Message = MESSAGE) -> EmailMessage:
    receipts = send_all(channel(server), message)
    assert receipts[0].outcome is Outcome.ACCEPTED
    return server.letters[-1][1]


class Shape(HTMLParser):
    """What a mail program makes of the HTML: tags opened and closed in order, links, visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        values = dict(attrs)
        if tag == "a":
            self.links.append(values["href"] or "")
        assert not {"src", "background", "onclick"} & set(values)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def shape(body: str, stationery: Stationery = PAPER) -> Shape:
    found = Shape(as_html("№95", body, stationery, STOP_AT))
    assert found.open == []
    return found


def test_a_letter_has_plain_text_and_html_and_its_files(server: MailServer) -> None:
    letter = arrived(server)
    assert letter.get_content_type() == "multipart/mixed"
    assert letter.defects == []
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == f"{BODY}\nМектептен кат албайм: {STOP_AT}\n"
    assert '<html lang="ky">' in html.get_content()
    files = list(letter.iter_attachments())
    assert [file.get_filename() for file in files] == [ORDER.name, LIST.name]
    assert [file.get_content_type() for file in files] == [ORDER.media_type, LIST.media_type]
    assert [file.get_payload(decode=True) for file in files] == [ORDER.content, LIST.content]
    assert [file.get_content_disposition() for file in files] == ["attachment"] * 2
    for name in ("Subject", "From", "To", "Date", "Message-ID", "List-Unsubscribe", "MIME-Version"):
        assert len(letter.get_all(name, [])) == 1, name


def test_a_cyrillic_name_stands_in_both_ways_that_programs_read(server: MailServer) -> None:
    arrived(server)
    octets = server.letters[0][0].original_content
    assert isinstance(octets, bytes)
    assert octets.isascii()
    assert b"filename*=utf-8''%D0%91%D1%83%D0%B9" in octets
    assert b'name="=?utf-8?' in octets
    assert max(map(len, octets.split(b"\r\n"))) <= 998


def test_the_phone_of_the_school_is_called_with_a_tap_and_stays_in_one_line() -> None:
    found = shape("Эртең 24.11.2026.\n\nМектепке чалыңыз: +996 312 000 095, же +996555000101.\nЭсеп 12+996 3")
    assert found.links[:2] == ["tel:+996312000095", "tel:+996555000101"]
    assert found.links[2:] == [STOP_AT]
    assert "+996 312 000 095, же +996555000101.\nЭсеп 12+996 3" in found.text
    assert "white-space:nowrap" in as_html("№95", "+996 312 000 095", PAPER, STOP_AT)


def test_a_letter_without_files_has_only_its_two_forms(server: MailServer) -> None:
    letter = arrived(server, Message(ref="r", address="raisa@example.kg", subject="a", body=BODY))
    assert letter.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]


def test_the_way_to_stop_letters_is_in_headers_and_in_both_forms(server: MailServer) -> None:
    letter = arrived(server)
    assert letter["List-Unsubscribe"].strip() == f"<{STOP_AT}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for form in ("plain", "html"):
        part = letter.get_body((form,))
        assert part is not None
        assert STOP_AT in part.get_content()


def test_the_secret_that_stops_letters_is_not_in_what_answers_quote(server: MailServer) -> None:
    letter = arrived(server)
    assert MESSAGE.ref not in letter["Message-ID"]
    assert MESSAGE.ref not in letter["From"]


def test_a_line_lost_after_a_letter_with_files_is_sent_again_under_the_same_name(server: MailServer) -> None:
    server.answers["TEXT"] = [HANG_UP]
    first, second = send_all(channel(server), MESSAGE, MESSAGE)
    assert (first.outcome, second.outcome) == (Outcome.UNCERTAIN, Outcome.ACCEPTED)
    assert len({letter["Message-ID"] for _, letter in server.letters}) == 1


def test_a_file_is_encoded_once_for_many_letters(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[str] = []
    as_part = letters.as_part
    monkeypatch.setattr(letters, "as_part", lambda file: encoded.append(file.key) or as_part(file))
    send_all(channel(server), *[MESSAGE] * 4)
    assert encoded == ["1", "2"]


def test_a_big_file_arrives_whole(server: MailServer) -> None:
    photo = Enclosed("3", "photo.jpg", "image/jpeg", bytes(range(256)) * 4 * 2048)
    heavy = Stationery("ru", "№95", "Стоп", (photo,))
    assert heavy.is_heavy
    assert not PAPER.is_heavy
    letter = arrived(server, Message(ref="r", address="raisa@example.kg", body="a\n\nb", stationery=heavy))
    assert [file.get_payload(decode=True) for file in letter.iter_attachments()] == [photo.content]
    assert len(photo.content) > HEAVY > smtp.CHUNK


def test_a_letter_longer_than_the_server_says_it_takes_is_not_begun(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp.Line, "_takes_less_than", lambda line, size: size > 10_000)
    receipts = send_all(channel(server), MESSAGE, Message(ref="r", address="raisa@example.kg", body="a"))
    assert (receipts[0].outcome, receipts[0].fault) == (Outcome.REFUSED, Fault.OUR_MESSAGE)
    assert receipts[1].outcome is Outcome.ACCEPTED
    assert (server.connections, len(server.letters)) == (1, 1)


def test_the_size_a_server_names_is_understood(server: MailServer) -> None:
    class Host:
        esmtp_features = {"size": "33554432"}

    line = smtp.Line.__new__(smtp.Line)
    line.host = Host()  # type: ignore[assignment]
    assert not line._takes_less_than(33_554_432)
    assert line._takes_less_than(33_554_433)
    for unlimited in ("0", "", "much"):
        Host.esmtp_features = {"size": unlimited}
        assert not line._takes_less_than(10**9)


def test_what_is_typed_is_shown_as_typed() -> None:
    found = shape("<b>Эртең</b> <script>alert(1)</script> & {0} {name} %s\n\nАсан")
    assert "<b>Эртең</b> <script>alert(1)</script> & {0} {name} %s" in found.text
    assert "script" not in found.tags
    assert "b" not in found.tags
    assert "№95 <мектеп> & гимназия" in found.text


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("Кирүү: https://example.kg/a?b=1&c=2.", "https://example.kg/a?b=1&c=2"),
        ("(http://example.kg/x)", "http://example.kg/x"),
        ("«https://example.kg/к»,", "https://example.kg/к"),
        ("javascript:alert(1)", None),
        ("data:text/html,x ftp://example.kg file:///etc", None),
        ('https://example.kg/"onclick="x', "https://example.kg/"),
        ("HTTPS://example.kg", None),
    ],
)
def test_only_addresses_of_the_web_can_be_followed(text: str, link: str | None) -> None:
    found = shape(f"{text}\n\nАсан")
    assert found.links == ([link] if link else []) + [STOP_AT]
    assert text in found.text


def test_a_days_timetable_is_a_table() -> None:
    found = shape(TIMETABLE)
    assert (found.tags.count("h2"), found.tags.count("h3")) == (1, 2)
    assert (found.tags.count("th"), found.tags.count("td")) == (3, 3 + 4)
    for cell in ("9:00–9:30", "Баластан", "Математика: Бөлчөктөр", "Орус тили (кайра)"):
        assert cell in found.text


def test_a_letter_asks_for_nothing_from_outside() -> None:
    html = as_html("№95", TIMETABLE, PAPER, STOP_AT)
    assert set(re.findall(r"https?://[^\s\"<]+", html)) == {STOP_AT}
    assert "url(" not in html
    assert len(html.encode()) < 8000
