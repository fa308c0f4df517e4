"""The commands: `flask --app webapp …`."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from webapp.announcements.commands import announce
    from webapp.families.commands import families
    from webapp.reach.commands import reach
    from webapp.staff.commands import setup, staff

    for command in (setup, staff, families, announce, reach):
        app.cli.add_command(command)
