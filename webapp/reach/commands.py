"""`flask reach report`: how many families were reached."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import click
from flask.cli import with_appcontext
from flask_babel import gettext
from sqlalchemy import select

from notifier.database import db
from webapp.announcements.commands import the_school
from webapp.announcements.kinds import STAFF
from webapp.announcements.models import Announcement
from webapp.families.models import Family, SchoolClass
from webapp.reach.board.standings import CHUNK, stand_anew
from webapp.reach.period.commands import period_command
from webapp.reach.queries import Report, Scope, report
from webapp.reach.tasks.going import going_for


@click.group()
def reach() -> None:
    """Who was reached, and how far."""


reach.add_command(period_command)


@reach.command("report")
@click.option("--announcement", "announcement_id", type=int, help="Count one announcement only.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Count what was sent from this day on.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Count what was sent up to this day.")
@click.option("--school", "school_name", help="Which school, when there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@with_appcontext
def report_command(
    announcement_id: int | None,
    since: datetime | None,
    until: datetime | None,
    school_name: str | None,
    as_json: bool,
) -> None:
    """Count the families at each level, each family once, at its highest."""
    school = the_school(school_name)
    if announcement_id is not None and not db.session.scalar(
        select(Announcement.id).where(
            Announcement.id == announcement_id,
            Announcement.school_id == school.id,
            Announcement.published_at.is_not(None),
            Announcement.kind != STAFF,
        )
    ):
        raise click.ClickException(gettext("No announcement with this number was sent."))
    classes = db.session.scalars(
        select(SchoolClass)
        .where(SchoolClass.school_id == school.id)
        .order_by(SchoolClass.grade, SchoolClass.letter)
    ).all()
    found = report(
        Scope(
            school.id,
            [school_class.id for school_class in classes],
            since=since.replace(tzinfo=school.zone).astimezone(UTC) if since else None,
            until=(until + timedelta(days=1)).replace(tzinfo=school.zone).astimezone(UTC) if until else None,
            announcement_id=announcement_id,
        ),
        classes,
    )
    click.echo(json.dumps(found.as_dict(), ensure_ascii=False) if as_json else _table(found))
    if announcement_id is not None and not as_json:
        announcement = db.session.get_one(Announcement, announcement_id)
        if going := _going(announcement, datetime.now(UTC)):
            click.echo(f"\n{going}")


@reach.command("rebuild")
@with_appcontext
def rebuild_command() -> None:
    """Write anew how long each family has been unreached, for the board."""
    ids = db.session.scalars(select(Family.id).order_by(Family.id)).all()
    now = datetime.now(UTC)
    for start in range(0, len(ids), CHUNK):
        stand_anew(ids[start : start + CHUNK], now)
        db.session.commit()
    click.echo(gettext("Families: %(number)s", number=len(ids)))


def _going(announcement: Announcement, now: datetime) -> str:
    """Name the families that do not know yet, and who goes to each; a line a family."""
    lines = []
    for family, task in going_for(announcement, now):
        children = ", ".join(pupil.name for pupil in family.pupils if pupil.left_at is None)
        who = task.assignee.name if task and task.assignee else "-"
        lines.append(f"{children}: {task.means if task else '-'} {who}")
    return "\n".join(lines)


def _table(found: Report) -> str:
    """Write the numbers below each other, a line for each class and one for the school."""
    rows = [(each.name, reach.as_dict()) for each, reach in found.classes]
    rows.append(("=", found.total.as_dict()))
    keys = list(found.total.as_dict())
    lines = ["class".ljust(8) + "".join(key.rjust(len(key) + 2) for key in keys)]
    lines += [
        name.ljust(8) + "".join(str(numbers[key]).rjust(len(key) + 2) for key in keys)
        for name, numbers in rows
    ]
    return "\n".join(lines)
