"""`flask announce`: what the pages do, for scripts and for the demo."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext
from sqlalchemy import select

from notifier import jobs
from notifier.database import db
from notifier.text import tidy
from webapp.announcements.audience.selection import Selection
from webapp.announcements.models import Announcement, AnswerReminder
from webapp.announcements.publish import Unready, publish
from webapp.families.commands import require_file
from webapp.families.models import SchoolClass
from webapp.families.names import LOOKALIKES, fold
from webapp.staff.models import School
from webapp.staff.queries import school_named, schools


@click.command()
@click.option("--class", "class_names", multiple=True, help="A class, e.g. 5-А; may be repeated.")
@click.option("--grade", "grades", multiple=True, type=int, help="All classes of a grade; may be repeated.")
@click.option("--whole-school", is_flag=True, help="All classes.")
@click.option(
    "--taught-in", "languages", multiple=True, type=click.Choice(["ky", "ru"]), help="Only these of them."
)
@click.option("--text-file", type=click.Path(), help="The text in Kyrgyz, in UTF-8; - for standard input.")
@click.option("--text-ru-file", type=click.Path(), help="The text in Russian, in UTF-8.")
@click.option("--urgent", is_flag=True, help="Send at once, also in quiet hours.")
@click.option("--ask-acknowledgement", is_flag=True, help="Ask families to answer that they know.")
@click.option(
    "--answer-by",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    help="The day and hour, on the school's clock, by which the child is to get in touch: 2026-11-25T18:00.",
)
@click.option(
    "--answer-reminder",
    type=click.Choice([choice.value for choice in AnswerReminder]),
    default=AnswerReminder.NO.value,
    help="Remind those who were not in touch: two hours before, or on the evening before.",
)
@click.option("--school", "school_name", help="Which school, when there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@with_appcontext
def announce(
    *,
    class_names: Sequence[str],
    grades: Sequence[int],
    whole_school: bool,
    languages: Sequence[str],
    text_file: str | None,
    text_ru_file: str | None,
    urgent: bool,
    ask_acknowledgement: bool,
    answer_by: datetime | None,
    answer_reminder: str,
    school_name: str | None,
    as_json: bool,
) -> None:
    """Send an announcement to the families of classes."""
    now = datetime.now(UTC)
    school = the_school(school_name)
    hour = answer_by.replace(tzinfo=school.zone).astimezone(UTC) if answer_by else None
    if hour and hour <= now:
        raise click.ClickException(gettext("This hour is over. Choose one that is still to come."))
    announcement = Announcement(
        school_id=school.id,
        text_ky=_text(text_file),
        text_ru=_text(text_ru_file),
        urgent=urgent,
        asks_acknowledgement=ask_acknowledgement,
        answer_by=hour,
        answer_reminder=answer_reminder if hour else AnswerReminder.NO.value,
        created_at=now,
        classes=_meant(school, class_names, grades, languages, whole_school=whole_school),
    )
    db.session.add(announcement)
    try:
        published = publish(announcement, now)
    except Unready as unready:
        db.session.rollback()
        raise click.ClickException(" ".join(flaw.text for flaw in unready.flaws)) from None
    db.session.commit()
    jobs.nudge()
    result = {key: value for key, value in asdict(published).items() if key != "first"}
    if as_json:
        click.echo(json.dumps(result))
    else:
        click.echo("\n".join(f"{key.replace('_', ' ')}: {value}" for key, value in result.items()))


def the_school(name: str | None) -> School:
    """Find the school a command is about; there is nothing to say when there is only one."""
    found = schools()
    only = found[0] if len(found) == 1 else None
    school = school_named(name) if name else only
    if school:
        return school
    if not found:
        raise click.ClickException(gettext("There is no school yet. Run: flask --app webapp setup"))
    names = ", ".join(each.name for each in found)
    raise click.ClickException(gettext("Say which school with --school. There are: %(names)s", names=names))


def _meant(
    school: School,
    names: Sequence[str],
    grades: Sequence[int],
    languages: Sequence[str],
    *,
    whole_school: bool,
) -> list[SchoolClass]:
    """Find the classes a command names; two spellings may name one."""
    selection = Selection(
        classes=tuple(class_named(school, name).id for name in names),
        school=whole_school,
        grades=tuple(grades),
        languages=tuple(languages),
    )
    found = selection.classes_among(classes_of_school(school))
    if not found:
        raise click.ClickException(gettext("Name classes with --class or --grade, or say --whole-school."))
    return found


def classes_of_school(school: School) -> Sequence[SchoolClass]:
    return db.session.scalars(
        select(SchoolClass)
        .where(SchoolClass.school_id == school.id)
        .order_by(SchoolClass.grade, SchoolClass.letter)
    ).all()


def class_named(school: School, name: str) -> SchoolClass:
    """Find a class by its name as people type it: 5-А, 5а, 5-A with a Latin letter."""
    classes = classes_of_school(school)
    for school_class in classes:
        if _plain(school_class.name) == _plain(name):
            return school_class
    raise click.ClickException(
        gettext(
            "There is no class %(name)s. There are: %(names)s",
            name=name,
            names=", ".join(school_class.name for school_class in classes),
        )
    )


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", fold(name)).translate(LOOKALIKES)


def _text(file: str | None) -> str:
    if file is None:
        return ""
    if file != "-":
        require_file(Path(file))
    try:
        with click.open_file(file, "rb") as stream:
            return tidy(stream.read().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise click.ClickException(
            gettext("The text is not in UTF-8. Save %(file)s as UTF-8 and try again.", file=file)
        ) from None
