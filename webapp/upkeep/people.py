"""`flask --app webapp staff …`: accounts from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import click
from flask_babel import gettext

from notifier.database import db
from webapp.announcements.commands import class_named, the_school
from webapp.staff import audit, passwords
from webapp.staff.models import Role, StaffMember, StaffRole
from webapp.staff.queries import person_with_login, plain_login, staff_of


@click.group()
def staff() -> None:
    """The people who sign in."""


@staff.command("create")
@click.option("--login", required=True, help="What the person types to sign in.")
@click.option("--name", required=True, help="The person's name, as colleagues write it.")
@click.option(
    "--role",
    "roles",
    required=True,
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="May be repeated.",
)
@click.option(
    "--class", "class_names", multiple=True, help="A class the person leads, e.g. 5-А; may be repeated."
)
@click.option("--school", "school_name", help="Which school, when there are several.")
@click.option("--generate", is_flag=True, help="Make a password and print it, once.")
def create(
    *,
    login: str,
    name: str,
    roles: Sequence[str],
    class_names: Sequence[str],
    school_name: str | None,
    generate: bool,
) -> None:
    """Make an account."""
    school = the_school(school_name)
    login, name = plain_login(login), " ".join(name.split())
    if not login or len(login) > 80 or any(sign.isspace() for sign in login):
        raise click.ClickException(gettext("A login is one word of at most 80 characters."))
    if not name or len(name) > 120:
        raise click.ClickException(gettext("A name has from 1 to 120 characters."))
    if person_with_login(login):
        raise click.ClickException(
            gettext("Somebody signs in as %(login)s already. Choose another login.", login=login)
        )
    classes = [class_named(school, class_name) for class_name in class_names]
    if led := [each.name for each in classes if each.teacher_id]:
        raise click.ClickException(
            gettext(
                "%(classes)s has a class teacher already. Close that account first.", classes=", ".join(led)
            )
        )
    # Nobody should wait for the database while a person thinks of a password.
    school_id, class_ids = school.id, [each.id for each in classes]
    db.session.rollback()
    password = passwords.generate() if generate else _asked_for()
    now = datetime.now(UTC)
    person = StaffMember(
        school_id=school_id, login=login, name=name, password_hash=passwords.hashed(password), created_at=now
    )
    person.role_rows = [StaffRole(role=Role(role)) for role in dict.fromkeys(roles)]
    db.session.add(person)
    db.session.flush()
    for school_class in classes:
        if school_class.id in class_ids:
            school_class.teacher_id = person.id
    detail = {"login": login, "roles": list(dict.fromkeys(roles)), "classes": [each.name for each in classes]}
    audit.record("staff.created", name[:80], detail, None, now, school=person.school)
    db.session.commit()
    click.echo(gettext("%(name)s can sign in as %(login)s.", name=name, login=login))
    if generate:
        click.echo(gettext("Password, shown only now: %(password)s", password=password))


@staff.command("password")
@click.option("--login", required=True, help="Whose password.")
@click.option("--generate", is_flag=True, help="Make a password and print it, once.")
def password_command(login: str, generate: bool) -> None:
    """Give a person a new password and sign their devices out."""
    _person(login)
    db.session.rollback()
    password = passwords.generate() if generate else _asked_for()
    person = _person(login)
    person.password_hash = passwords.hashed(password)
    person.session_version += 1
    audit.record("staff.password_changed", person.login, {}, None, datetime.now(UTC), school=person.school)
    db.session.commit()
    click.echo(gettext("%(name)s has a new password.", name=person.name))
    if generate:
        click.echo(gettext("Password, shown only now: %(password)s", password=password))


@staff.command("close")
@click.option("--login", required=True, help="Whose account.")
def close(login: str) -> None:
    """Close an account: the person is signed out and cannot sign in; what they did stays."""
    person = _person(login)
    person.active = False
    person.session_version += 1
    audit.record("staff.closed", person.login, {}, None, datetime.now(UTC), school=person.school)
    db.session.commit()
    click.echo(gettext("The account of %(name)s is closed.", name=person.name))


@staff.command("list")
@click.option("--school", "school_name", help="Which school, when there are several.")
def list_command(school_name: str | None) -> None:
    """Show who signs in at a school."""
    people = staff_of(the_school(school_name))
    if not people:
        click.echo(gettext("Nobody yet. Make an account: flask --app webapp staff create"))
    for person in people:
        roles = ", ".join(str(role) for role in person.role_names)
        # Not inside the f-string: there the extraction of texts would not find it.
        closed = gettext("closed")
        click.echo(f"{person.login}  {person.name} · {roles}{'' if person.active else f' ({closed})'}")


def _person(login: str) -> StaffMember:
    person = person_with_login(login)
    if person is None:
        raise click.ClickException(gettext("Nobody signs in as %(login)s.", login=login))
    return person


def _asked_for() -> str:
    """Ask for a password, twice, without showing it."""
    password: str = click.prompt(gettext("Password"), hide_input=True, confirmation_prompt=True)
    if not passwords.MIN_LENGTH <= len(password) <= passwords.MAX_LENGTH:
        raise click.ClickException(
            gettext("The password must have at least 10 characters. Three or four words make a good one.")
        )
    return password
