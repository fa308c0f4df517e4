"""`flask --app webapp setup`: from nothing to a database with a school in it."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask_babel import gettext

from notifier.database import db
from webapp.demo import desk, sheets, staffroom
from webapp.demo.at_home import furnish
from webapp.demo.school import make_demo_school
from webapp.demo.timetable import bring_timetable_in
from webapp.settings import current_settings
from webapp.staff import audit, passwords
from webapp.staff.access import DEMO_LOGINS_LEFT
from webapp.staff.models import School
from webapp.staff.queries import demo_staff, school_named, schools
from webapp.staff.ready import WHAT_TO_DO, Readiness, lay_tables, readiness


@click.command()
@click.option("--school", "name", help="Make a school of this name, unless there is one.")
@click.option("--short-name", help='What opens every SMS, such as "№95"; without it, the number in the name.')
@click.option("--phone", default="", help="Where a parent can call the school.")
@click.option("--demo", is_flag=True, help="Make the demo school, if there is no school at all.")
def setup(name: str | None, short_name: str | None, phone: str, demo: bool) -> None:
    """Prepare the database and make the school; harmless again."""
    if readiness() is Readiness.NO_ANSWER:
        raise click.ClickException(str(WHAT_TO_DO[Readiness.NO_ANSWER]))
    sandbox = current_settings().sandbox
    if demo and not sandbox:
        raise click.ClickException(gettext("The demo school is only for practice: set SMS_PROVIDER=sandbox."))
    lay_tables()
    now = datetime.now(UTC)
    if name is not None:
        _make_school(name, short_name, phone, now)
    elif demo and not schools():
        school = make_demo_school(now)
        bring_timetable_in(school, now)
        furnish(school, now)
        desk.furnish(school, now)
        staffroom.furnish(school, now)
        sheets.furnish(school, now)
    db.session.commit()
    _tell(sandbox)


def _make_school(name: str, short_name: str | None, phone: str, now: datetime) -> None:
    name = " ".join(name.split())
    if not name:
        raise click.ClickException(gettext("Write the name of the school after --school."))
    if len(name) > 120:
        raise click.ClickException(gettext("The name of a school has at most 120 characters."))
    if school_named(name):
        return
    short = " ".join((short_name or _short(name)).split())
    if not 1 <= len(short) <= 20:
        raise click.ClickException(
            gettext('Give the school a name of at most 20 characters for its SMS: --short-name "№95".')
        )
    school = School(name=name, short_name=short, phone=phone.strip()[:32], created_at=now)
    db.session.add(school)
    db.session.flush()
    audit.record("school.created", name[:80], {}, None, now, school=school)


def _short(name: str) -> str:
    """The word with the school's number, "№95"; without one the whole name, if it is short."""
    numbered = [word for word in name.replace("№ ", "№").split() if any(sign.isdigit() for sign in word)]
    return numbered[0].strip(",.") if numbered else name


def _tell(sandbox: bool) -> None:
    """Say what is there and what comes next."""
    there = schools()
    for school in there:
        click.echo(gettext("School: %(name)s", name=school.name))
    if not there:
        click.echo(
            gettext('The database is ready. Now make your school: flask --app webapp setup --school "…"')
        )
    people = demo_staff()
    if people and not sandbox:
        raise click.ClickException(str(DEMO_LOGINS_LEFT))
    if people:
        click.echo(
            gettext("Logins of the demo school (the password is %(password)s):", password=passwords.DEMO)
        )
        width = max(len(person.login) for person in people)
        for person in people:
            roles = ", ".join(str(role) for role in person.role_names)
            click.echo(f"  {person.login:<{width}}  {person.name} · {roles}")
