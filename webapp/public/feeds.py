"""The public notices for programs: Atom (RFC 4287), JSON Feed 1.1, a piece of HTML for other sites (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any
from xml.etree import ElementTree as ET

from webapp.public.models import PublicNotice

ATOM = "http://www.w3.org/2005/Atom"
ET.register_namespace("", ATOM)


def atom(title: str, page: str, notices: Sequence[PublicNotice], language: str) -> bytes:
    """Write the notices as an Atom feed; `page` is the public page's whole address."""
    feed = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": language})
    newest = max((each.changed_at for each in notices), default=datetime(2020, 1, 1, tzinfo=UTC))
    _element(feed, "id", page)
    _element(feed, "title", title)
    _element(feed, "updated", newest.isoformat())
    _element(feed, "link", href=page)
    _element(feed, "link", rel="self", href=f"{page}/atom.xml")
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
        _element(entry, "link", href=f"{page}/{notice.id}")
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
        "home_page_url": page,
        "feed_url": f"{page}/feed.json",
        "items": [
            {
                "id": f"{page}/{notice.id}",
                "url": f"{page}/{notice.id}",
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


def snippet(title: str, page: str, notices: Sequence[PublicNotice], language: str) -> str:
    """Write the newest notices as a list for the school's own web site."""
    items = "".join(
        f'<li lang="{spoken}"><a href="{escape(page)}/{notice.id}">{escape(heading)}</a> '
        f'<time datetime="{notice.published_at:%Y-%m-%d}">{notice.published_at:%d.%m.%Y}</time></li>'
        for notice in notices[:5]
        for heading, _, spoken in [notice.said(language)]
    )
    return (
        f'<section lang="{language}"><h2><a href="{escape(page)}">{escape(title)}</a></h2>'
        f"<ul>{items}</ul></section>"
    )
