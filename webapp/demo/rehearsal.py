"""The main job without a screen: a class list comes in, a notice goes out, and one sees who was reached."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from flask_babel import force_locale, gettext, ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from config import ROOT, read_settings
from notifier.database import db
from notifier.models import Delivery
from webapp.announcements.levels import REACHED, Level, Standing, standing
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.announcements.reasons import why
from webapp.announcements.recipients import Recipient
from webapp.demo.school import make_demo_school
from webapp.families.models import Family, Pupil, SchoolClass
from webapp.reach.queries import NO_ADDRESS, Reach, Scope, report
from webapp.staff.models import School
from webapp.staff.ready import lay_tables

HERE = Path(__file__).parent
PATIENCE = 50  # seconds for the worker; it needs about five


class WorkerFailed(Exception):
    """The worker did not end well; its own words are on the screen."""


def throw_away(folder: Path) -> dict[str, str]:
    """The settings of an instance in `folder` that touches nothing else, whatever the real one's say."""
    # An empty value counts more than a line of .env.
    nothing = dict.fromkeys(
        ("DATABASE_URL", "REDIS_URL", "PUBLIC_BASE_URL", "MAIL_SERVER", "MAIL_USERNAME", "SECRET_KEY"), ""
    )
    return nothing | {"INSTANCE_DIR": str(folder), "SMS_PROVIDER": "sandbox", "SMS_PER_SECOND": "100"}


def rehearse(
    create_app: Callable[..., Flask], folder: Path, say: Callable[[str], None], language: str
) -> None:
    """Do the main job in an instance of its own in `folder`, telling each step. Raises WorkerFailed.

    1. Lay the tables and make the demo school, its families from the class list.
    2. Write the notice and publish it to every class, as a deputy director would.
    3. Let the worker deliver it.
    4. Tell who was reached, and who was not and why.
    """
    environ = dict(os.environ) | throw_away(folder)
    app = create_app(read_settings(environ))
    with app.app_context(), force_locale(language):
        try:
            lay_tables()
            now = datetime.now(UTC)
            school = make_demo_school(now)
            db.session.commit()
            say(_brought_in(school))
            announcement = _announce(school, now, say)
            school_id, announcement_id = school.id, announcement.id
            # The worker writes to the same database.
            db.session.remove()
            say(gettext("The worker delivers the messages …"))
            _work(environ)
            school = db.session.get_one(School, school_id)
            say(_table(school, announcement_id))
            say(_not_reached(announcement_id, datetime.now(UTC)))
        finally:
            db.session.remove()
            db.engine.dispose()


def _brought_in(school: School) -> str:
    pupils = db.session.scalar(select(func.count()).where(Pupil.school_id == school.id)) or 0
    families = db.session.scalar(select(func.count()).where(Family.school_id == school.id)) or 0
    sentence: str = gettext(
        "Class list brought in: %(families)s families with %(pupils)s children.",
        families=families,
        pupils=pupils,
    )
    return f"{school.name}\n{sentence}"


def _announce(school: School, now: datetime, say: Callable[[str], None]) -> Announcement:
    texts = {code: (HERE / f"notice.{code}.txt").read_text().strip() for code in ("ky", "ru")}
    announcement = Announcement(
        school_id=school.id,
        text_ky=texts["ky"],
        text_ru=texts["ru"],
        created_at=now,
        classes=_classes(school),
    )
    db.session.add(announcement)
    published = publish(announcement, now)
    db.session.commit()
    say("\n".join(f"  | {text}" for text in texts.values()))
    messages: str = ngettext(
        "%(num)s message is on its way", "%(num)s messages are on their way", published.deliveries
    )
    parts: str = ngettext("%(num)s SMS part", "%(num)s SMS parts", published.segments)
    without: str = ngettext(
        "%(num)s family has no address", "%(num)s families have no address", published.without_address
    )
    say(f"{messages}, {parts}, {without}.")
    return announcement


def _classes(school: School) -> list[SchoolClass]:
    query = select(SchoolClass).where(SchoolClass.school_id == school.id)
    return list(db.session.scalars(query.order_by(SchoolClass.grade, SchoolClass.letter)))


def _work(environ: dict[str, str]) -> None:
    """Run the real worker, with an embedded Valkey of its own, until nothing is due."""
    command = [sys.executable, str(ROOT / "worker.py"), "--burst"]
    try:
        done = subprocess.run(command, cwd=ROOT, env=environ, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise WorkerFailed(gettext("The worker did not finish in time.")) from None
    if done.returncode:
        raise WorkerFailed(gettext("The worker ended with an error; see above."))


def _table(school: School, announcement_id: int) -> str:
    """Write the reach table: a line for each class, one for the school."""
    classes = _classes(school)
    found = report(Scope(school.id, [each.id for each in classes], announcement_id=announcement_id), classes)
    columns: list[tuple[str, Callable[[Reach], int]]] = [
        (gettext("Families"), lambda reach: reach.families),
        (gettext("Delivered"), lambda reach: reach.reached),
        (gettext("Sent"), lambda reach: reach[Level.SENT]),
        (gettext("Not sent"), lambda reach: reach[Level.NOT_TRIED]),
        (gettext("No address"), lambda reach: reach.at.get(NO_ADDRESS, 0)),
    ]
    rows = [(each.name, reach) for each, reach in found.classes] + [(gettext("School"), found.total)]
    first = max(len(name) for name, _ in rows)
    lines = [" " * first + "".join(f"  {label}" for label, _ in columns)]
    for name, reach in rows:
        numbers = "".join(f"  {count(reach):>{len(label)}}" for label, count in columns)
        lines.append(f"{name:<{first}}{numbers}")
    return "\n" + "\n".join(lines) + "\n"


def _not_reached(announcement_id: int, now: datetime) -> str:
    """List the families nobody can say were reached, with the reason."""
    where = standing(now).label("standing")
    query = (
        select(Recipient, Delivery, where)
        .outerjoin(Recipient.delivery)
        .where(Recipient.announcement_id == announcement_id, where.not_in([one.value for one in REACHED]))
        .options(
            joinedload(Recipient.guardian), selectinload(Recipient.pupils).joinedload(Pupil.school_class)
        )
        .order_by(where, Recipient.id)
    )
    lines = []
    for recipient, delivery, stands in db.session.execute(query):
        reason = why(Standing(stands), delivery, recipient.no_address)
        children = ", ".join(f"{pupil.name} ({pupil.school_class.name})" for pupil in recipient.pupils)
        lines.append(f"  {children}: {reason.what if reason else ''}")
    heading: str = ngettext(
        "%(num)s family was not surely reached:", "%(num)s families were not surely reached:", len(lines)
    )
    return "\n".join([heading, *lines])
