"""The forms of a page, as a browser would send them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

CHOSEN = frozenset({"checkbox", "radio", "option"})


@dataclass
class Field:
    name: str
    value: str
    kind: str  # of an input; else textarea or option


@dataclass
class Form:
    action: str
    method: str
    fields: list[Field] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def shape(self) -> tuple[object, ...]:
        """Equal for forms that do the same thing."""
        return self.action, self.method, tuple(each.name for each in self.fields), tuple(self.buttons)

    def send(
        self, client: FlaskClient, write: Callable[[Field], str], button: tuple[str, str] | None = None
    ) -> TestResponse:
        """Send it with all its boxes ticked, what `write` says in its fields, and a small file."""
        data: dict[str, Any] = {}
        for each in self.fields:
            data.setdefault(each.name, []).append(write(each))
        if button:
            data.setdefault(button[0], []).append(button[1])
        if self.method == "GET":
            return client.get(self.action.partition("?")[0], query_string=data)
        for name in self.files:
            data[name] = (io.BytesIO(b"a;b\n"), "x.csv")
        kind = "multipart/form-data" if self.files else None
        return client.post(self.action, data=data, content_type=kind)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.found = page, list[Form]()
        self.form: Form | None = None
        self.select, self.area = "", None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name, value, kind = said.get("name") or "", said.get("value") or "", said.get("type") or "text"
        if tag == "form":
            self.form = Form(said.get("action") or self.page, (said.get("method") or "get").upper())
            self.found.append(self.form)
        if self.form is None:
            return
        if tag == "input" and name and kind == "file":
            self.form.files.append(name)
        elif tag == "input" and name:
            self.form.fields.append(Field(name, value or ("on" if kind == "checkbox" else ""), kind))
        elif tag == "button" and name:
            self.form.buttons.append((name, value))
        elif tag == "textarea" and name:
            self.area = Field(name, "", "textarea")
            self.form.fields.append(self.area)
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            self.form.fields.append(Field(self.select, value, "option"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area.value += data


def forms_of(page: str, html: str) -> list[Form]:
    """Read the forms of a page that was fetched from the address `page`."""
    reader = _Reader(page)
    reader.feed(html)
    return reader.found
