"""The few places a person can go from anywhere."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, request, url_for
from flask_babel import gettext
from flask_login import current_user

from webapp.inbox.queries import how_many_unread
from webapp.staff.models import Role


@dataclass(frozen=True, slots=True)
class Place:
    url: str
    label: str
    icon: str
    active: bool
    waiting: int = 0  # what waits there for a person
    wide: bool = False  # only where there is room: on a phone the emblem leads there


def places() -> list[Place]:
    """List where the signed-in person can go, in the order of use."""
    if not current_user.is_authenticated:
        return []
    here = request.blueprint
    leads = current_user.sees_whole_school or current_user.may(frozenset({Role.CLASS_TEACHER}))
    rows = [
        ("home.page", gettext("Home"), "home", {"home"}),
        (
            "announcements.sent",
            gettext("Announcements"),
            "megaphone",
            {"announcements", "message_templates", "message_sheets", "staff_notices"},
        ),
        (
            "families.classes",
            gettext("Families"),
            "families",
            {"families", "families_import", "devices", "survey", "atschool"},
        ),
        (
            "lessons.day",
            gettext("TV lessons"),
            "tv",
            {"lessons", "lessons_edit", "lessons_import", "lessons_digest", "lessons_settings"},
        ),
        (
            "reach_board.board_page",
            gettext("Reach"),
            "reach",
            {
                "reach",
                "reach_overview",
                "reach_period",
                "reach_board",
                "reach_contact",
                "reach_family",
                "reach_rounds",
                "reach_answers",
                "reach_tasks",
            },
        ),
        ("inbox.messages", gettext("Replies"), "inbox", {"inbox"}),
    ]
    if not leads:
        # Who has no class has no families to write to, reach or hear from.
        rows = [row for row in rows if row[0] in {"home.page", "announcements.sent", "lessons.day"}]
    waiting = {"inbox.messages": how_many_unread(current_user)} if leads else {}
    return [
        Place(
            url_for(endpoint), label, icon, here in areas, waiting.get(endpoint, 0), endpoint == "home.page"
        )
        for endpoint, label, icon, areas in rows
    ]


def init_app(app: Flask) -> None:
    sandbox, mail_leaves = app.config["SETTINGS"].sandbox, app.config["SETTINGS"].mail_leaves

    @app.context_processor
    def navigation() -> dict[str, object]:
        return {"navigation": places(), "sandbox": sandbox, "mail_leaves": mail_leaves}
