"""The public notices for programs: Atom (RFC 4287), JSON Feed 1.1, a piece of HTML for other sites (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from webapp.public.models import PublicNotice

ATOM = "http://www.w3.org/2005/Atom"
ET.register_namespace("", ATOM)


def atom(title: str, page: str, notices: Sequence[PublicNotice], language: str) -> bytes:
    """Write the notices as an Atom feed; `page` is the public page's whole address.

    Links lead to the feed's own language; an entry's id is the same in both, for it is one notice.
    """
    feed = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": language})
    newest = max((each.changed_at for each in notices), default=datetime(2020, 1, 1, tzinfo=UTC))
    _element(feed, "id", page)
    _element(feed, "title", title)
    _element(feed, "updated", newest.isoformat())
    _element(feed, "link", href=f"{page}?lang={language}")
    _element(feed, "link", rel="self", href=f"{page}/atom.xml?lang={language}")
    author = _element(feed, "author")
    _element(author, "name", title)
    for notice in notices:
        heading, text, spoken = notice.said(language)
        entry = ET.SubElement(
            feed, f"{{{ATOM}}}entry", {"{http://www.w3.org/XML/1998/namespace}lang": spoken}
        )
        _element(entry, "id", f"{page}/{notice.id}")
        _element(entry, "title", heading)
        _element(entry, "published", notice.published_at.isoformat())
        _element(entry, "updated", notice.changed_at.isoformat())
        _element(entry, "link", href=f"{page}/{notice.id}?lang={language}")
        _element(entry, "content", _sayable(text), type="text")
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))


def _element(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = text if text is None else _sayable(text)
    return element


def _sayable(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(c for c in text if c in "\t\n" or c >= " ")


def json_feed(title: str, page: str, notices: Sequence[PublicNotice], language: str) -> dict[str, Any]:
    """Write the notices as a JSON Feed (jsonfeed.org, version 1.1)."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "language": language,
        "home_page_url": f"{page}?lang={language}",
        "feed_url": f"{page}/feed.json?lang={language}",
        "items": [
            {
                "id": f"{page}/{notice.id}",
                "url": f"{page}/{notice.id}?lang={language}",
                "title": heading,
                "content_text": text,
                "language": spoken,
                "date_published": notice.published_at.isoformat(),
                "date_modified": notice.changed_at.isoformat(),
            }
            for notice in notices
            for heading, text, spoken in [notice.said(language)]
        ],
    }


def snippet(title: str, page: str, notices: Sequence[PublicNotice], language: str, zone: ZoneInfo) -> str:
    """Write the newest notices as a list for the school's own web site, with the days of its own clock."""
    items = "".join(
        f'<li lang="{spoken}"><a href="{escape(page)}/{notice.id}?lang={language}">{escape(heading)}</a> '
        f'<time datetime="{day:%Y-%m-%d}">{day:%d.%m.%Y}</time></li>'
        for notice in notices[:5]
        for heading, _, spoken in [notice.said(language)]
        for day in [notice.published_at.astimezone(zone)]
    )
    return (
        f'<section lang="{language}"><h2><a href="{escape(page)}?lang={language}">{escape(title)}</a></h2>'
        f"<ul>{items}</ul></section>"
    )
