"""XMLTV, the language of programme guides: timetables in and out.

The order of elements follows its DTD: in a programme title, sub-title, desc, category,
keyword, language, length, previously-shown; in a channel display-name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring
from zoneinfo import ZoneInfo

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from webapp.families.sheets import MAX_BYTES, BadSheet
from webapp.lessons.cells import lesson_in
from webapp.lessons.models import TvChannel, TvLesson
from webapp.lessons.rows import MAX_ROWS, RawRow

_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(?:\d\d)?\s*(?:([+-])(\d\d)(\d\d)|UTC|GMT|Z)?")
_KEYWORD_GRADE = re.compile(r"grade:\s*(\d{1,2})")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DOCTYPE = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n'


def is_xmltv(content: bytes) -> bool:
    """Whether a file looks like XMLTV, whatever it is called."""
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:4000]
    return start.startswith(b"<") and re.search(rb"<(?:!DOCTYPE )?tv[\s>]", start) is not None


def read_xmltv(content: bytes, zone: ZoneInfo) -> list[RawRow]:
    """Return the programmes that are lessons, numbered as they stand in the file; raise BadSheet.

    A programme is a lesson when it names a grade; the news between lessons are not our concern.
    """
    if len(content) > MAX_BYTES:
        raise BadSheet("too_big")
    try:
        guide = fromstring(content, forbid_entities=True, forbid_external=True)
    except (ParseError, DefusedXmlException, ValueError):
        # A guide that defines entities is an attack, or damage.
        raise BadSheet("broken") from None
    names = {
        channel.get("id", ""): _text(channel.find("display-name")) or channel.get("id", "")
        for channel in guide.iter("channel")
    }
    rows = []
    for number, programme in enumerate(guide.iter("programme"), start=1):
        fields = _lesson(programme, zone)
        if fields.get("grade"):
            fields["channel"] = names.get(programme.get("channel", ""), programme.get("channel", ""))
            rows.append(RawRow(number, fields))
        if len(rows) > MAX_ROWS:
            raise BadSheet("too_many_rows")
    return rows


def _text(element: Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _lesson(programme: Element, zone: ZoneInfo) -> dict[str, str]:
    title = programme.find("title")
    fields = lesson_in(_text(title))
    grades = [match[1] for k in programme.iter("keyword") if (match := _KEYWORD_GRADE.fullmatch(_text(k)))]
    if grades:
        fields["grade"] = ", ".join(grades)
    if topic := _text(programme.find("sub-title")):
        fields["topic"] = topic
    language = _text(programme.find("language")) or (title.get("lang", "") if title is not None else "")
    if language:
        fields["language"] = language
    if programme.find("previously-shown") is not None:
        fields["repeat"] = "yes"
    start, stop = programme.get("start", ""), programme.get("stop", "")
    begins, ends = _moment(start), _moment(stop)
    if begins:
        local = begins.astimezone(zone)
        fields["date"], fields["start"] = local.date().isoformat(), f"{local:%H:%M}"
        if ends and ends > begins and ends - begins < timedelta(days=1):
            fields["minutes"] = str(int((ends - begins).total_seconds() // 60))
        elif ends:
            fields["end"] = f"{ends.astimezone(zone):%H:%M}"
        elif minutes := _length(programme.find("length")):
            fields["minutes"] = minutes
    else:
        fields["date"], fields["start"] = start, ""
    return fields


def _moment(text: str) -> datetime | None:
    match = _MOMENT.fullmatch(text.strip())
    if not match:
        return None
    offset = timedelta()
    if match[6]:
        offset = timedelta(hours=int(match[7]), minutes=int(match[8])) * (-1 if match[6] == "-" else 1)
    try:
        return datetime(*(int(match[n]) for n in range(1, 6)), tzinfo=timezone(offset))  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def _length(element: Element | None) -> str:
    text = _text(element)
    if element is None or not text.isdecimal() or len(text) > 5:
        return ""
    return {"minutes": text, "hours": str(int(text) * 60), "seconds": str(int(text) // 60)}.get(
        element.get("units", ""), ""
    )


def write_xmltv(
    lessons: Iterable[TvLesson], channels: Sequence[TvChannel], zone: ZoneInfo, now: datetime, school: str
) -> bytes:
    """Return the lessons as an XMLTV guide in the school's time."""
    tv = Element("tv", {"date": f"{now.astimezone(zone):%Y%m%d}", "source-info-name": _safe(school)})
    tv.set("generator-info-name", "Kabarchy")
    for channel in channels:
        element = SubElement(tv, "channel", {"id": channel_id(channel)})
        SubElement(element, "display-name").text = _safe(channel.name)
    for lesson in lessons:
        _write_programme(tv, lesson, zone)
    return f"{DOCTYPE}{tostring(tv, encoding='unicode')}\n".encode()


def channel_id(channel: TvChannel) -> str:
    """The channel's name in other programme guides if it is known, such as Balastan.kg."""
    return _safe(
        next((name for name in channel.aliases if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", name)), channel.name)
    )


def _write_programme(tv: Element, lesson: TvLesson, zone: ZoneInfo) -> None:
    start, stop = (moment.astimezone(zone) for moment in (lesson.starts_at, lesson.ends_at))
    programme = SubElement(
        tv,
        "programme",
        {
            "start": f"{start:%Y%m%d%H%M%S %z}",
            "stop": f"{stop:%Y%m%d%H%M%S %z}",
            "channel": channel_id(lesson.channel),
        },
    )
    word = "класс" if lesson.language == "ru" else "-класс"
    gap = " " if lesson.language == "ru" else ""
    SubElement(programme, "title", lang=lesson.language).text = _safe(
        f"{lesson.grades}{gap}{word}. {lesson.subject}"
    )
    if lesson.topic:
        SubElement(programme, "sub-title", lang=lesson.language).text = _safe(lesson.topic)
    SubElement(programme, "category", lang="en").text = "Education"
    for grade in range(lesson.first_grade, lesson.last_grade + 1):
        SubElement(programme, "keyword", lang="en").text = f"grade:{grade}"
    SubElement(programme, "language").text = lesson.language
    SubElement(programme, "length", units="minutes").text = str(lesson.minutes)
    if lesson.repeat_of_id:
        before = {}
        if lesson.repeat_of:
            before["start"] = f"{lesson.repeat_of.starts_at.astimezone(UTC):%Y%m%d%H%M%S +0000}"
        SubElement(programme, "previously-shown", before)


def _safe(text: str) -> str:
    """XML has no place for control characters."""
    return _NOT_IN_XML.sub("", text)
