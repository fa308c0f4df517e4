"""The few places a person can go from anywhere."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, request, url_for
from flask_babel import gettext
from flask_login import current_user


@dataclass(frozen=True, slots=True)
class Place:
    url: str
    label: str
    icon: str
    active: bool


def places() -> list[Place]:
    """List where the signed-in person can go, in the order of use."""
    if not current_user.is_authenticated:
        return []
    here = request.blueprint
    rows = [
        ("announcements.home", gettext("Announcements"), "megaphone", {"announcements"}),
        ("families.classes", gettext("Families"), "families", {"families", "families_import"}),
        (
            "lessons.day",
            gettext("TV lessons"),
            "tv",
            {"lessons", "lessons_edit", "lessons_import", "lessons_digest", "lessons_settings"},
        ),
        ("reach.board", gettext("Reach"), "reach", {"reach"}),
        ("inbox.messages", gettext("Replies"), "inbox", {"inbox"}),
    ]
    return [Place(url_for(endpoint), label, icon, here in areas) for endpoint, label, icon, areas in rows]


def init_app(app: Flask) -> None:
    sandbox = app.config["SETTINGS"].sandbox

    @app.context_processor
    def navigation() -> dict[str, object]:
        return {"navigation": places(), "sandbox": sandbox}
