"""The school's channels, grades, caps of length and days off."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import select

from notifier.database import db
from webapp.families.names import clean
from webapp.lessons.days import BadDate, date_of, read_day
from webapp.lessons.digest.reopen import channel_renamed, days_off_changed
from webapp.lessons.forms import ChannelForm
from webapp.lessons.models import LessonRules, TvChannel
from webapp.lessons.queries import channel_of, lessons_per_channel
from webapp.lessons.rules import CHANNEL_KEEPERS, HIGHEST_GRADE, channels_of, stored_rules
from webapp.lessons.wording import BadGrade, channel_key, read_grades
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.times import day_name

blueprint = Blueprint("lessons_settings", __name__, url_prefix="/tv/settings")

MOST_MINUTES, MOST_CHANNELS, MOST_DAYS_OFF = 240, 50, 100
_WITH_YEAR, _EVERY_YEAR = "%d.%m.%Y", "%d.%m"


@blueprint.get("/")
@only(CHANNEL_KEEPERS)
def overview() -> str:
    return _page(stored_rules(current_user.school), [])


def _page(rules: LessonRules, faults: list[str], days_off: str | None = None) -> str:
    return render_template(
        "lessons/settings.html",
        rules=rules,
        faults=faults,
        days_off=days_off if days_off is not None else "\n".join(map(_line_of, rules.days_off)),
        channels=channels_of(current_user.school_id),
        highest=HIGHEST_GRADE,
    )


@blueprint.post("/")
@only(CHANNEL_KEEPERS)
def save() -> ResponseReturnValue:
    """Store grades, caps and days off; with a fault in them, nothing."""
    rules, faults = stored_rules(current_user.school), []
    first, last = _number("first_grade", HIGHEST_GRADE), _number("last_grade", HIGHEST_GRADE)
    if first is None or last is None or first > last:
        faults.append(gettext("The grades must be from 0 to %(last)s, the lowest first.", last=HIGHEST_GRADE))
    caps: dict[str, int | None] = {}
    for grade in range(HIGHEST_GRADE + 1):
        text = request.form.get(f"cap-{grade}", "").strip()
        cap = _number(f"cap-{grade}", MOST_MINUTES)
        if text and not cap:
            faults.append(
                gettext(
                    "“%(text)s” is no number of minutes for grade %(grade)s.", text=text[:20], grade=grade
                )
            )
        if cap:
            caps[str(grade)] = cap
    typed = request.form.get("days_off", "")
    days_off, bad_lines = read_days_off(typed)
    faults += [
        gettext(
            "“%(line)s” is no day off. Write it like 07.11 or 28.12.2026 – 10.01.2027 and its name.",
            line=line[:60],
        )
        for line in bad_lines
    ]
    if faults:
        db.session.rollback()
        return _page(stored_rules(current_user.school), faults, typed), 422
    before, now = rules.days_off, datetime.now(UTC)
    rules.first_grade, rules.last_grade = first or 0, last or 0
    rules.caps, rules.days_off = caps, days_off
    db.session.add(rules)
    told = days_off_changed(current_user.school, before, days_off, now)
    _note({"grades": f"{first}–{last}", "days_off": len(days_off)})
    db.session.commit()
    if told:
        days = ", ".join(day_name(day) for day in sorted(told))
        flash(
            gettext(
                "Families were told of TV lessons on a day that is off now: %(days)s. A message will tell "
                "them that there are none.",
                days=days,
            ),
            "warning",
        )
    flash(gettext("The settings are saved."), "success")
    return redirect(url_for(".overview"))


def _number(name: str, most: int) -> int | None:
    text = request.form.get(name, "").strip()
    return int(text) if re.fullmatch(r"\d{1,3}", text) and int(text) <= most else None


def _note(detail: dict[str, object]) -> None:
    person = current_user._get_current_object()
    record("lessons.settings_changed", "", detail, person, datetime.now(UTC))


def read_days_off(text: str) -> tuple[list[dict[str, str]], list[str]]:
    """Read a day off in each line, "07.11 – 08.11 Name"; also return the lines that say none."""
    found, bad = [], []
    for line in filter(None, map(clean, text.splitlines()[:MOST_DAYS_OFF])):
        match = re.match(r"([\d.]+)(?:\s*[-–—]\s*([\d.]+))?\s*[-–—:,]?\s*(.*)", line)
        first = _day_off(match[1]) if match else None
        last = _day_off(match[2]) if match and match[2] else first
        if not match or not first or not last or len(first) != len(last) or (len(first) > 5 and first > last):
            bad.append(line)
            continue
        found.append({"first": first, "last": last, "name": match[3][:60]})
    return found, bad


def _day_off(text: str) -> str | None:
    """A day as the calendar stores it: 2026-11-07, or 11-07 when it comes every year."""
    written = read_day(text.strip("."))
    if not written or not written.day:
        return None
    try:
        # A leap year, so that the 29th of February is a day.
        day = date_of(written, date(2024, 1, 1), year=written.year or 2024)
    except BadDate:
        return None
    return day.isoformat() if written.year else f"{day:%m-%d}"


def _line_of(off: dict[str, str]) -> str:
    first, last = (
        f"{date.fromisoformat(text):{_WITH_YEAR}}"
        if len(text) > 5
        else f"{date.fromisoformat('2024-' + text):{_EVERY_YEAR}}"
        for text in (off["first"], off["last"])
    )
    return f"{first if first == last else f'{first} – {last}'} {off['name']}"


@blueprint.route("/channels/new", methods=["GET", "POST"])
@only(CHANNEL_KEEPERS)
def add_channel() -> ResponseReturnValue:
    return _channel_written(ChannelForm(), None)


@blueprint.route("/channels/<int:number>", methods=["GET", "POST"])
@only(CHANNEL_KEEPERS)
def edit_channel(number: int) -> ResponseReturnValue:
    channel = channel_of(current_user, number)
    form = ChannelForm()
    if request.method != "POST":
        form.name.data, form.aliases.data = channel.name, ", ".join(channel.aliases)
        if channel.first_grade is not None:
            form.grades.data = f"{channel.first_grade}–{channel.last_grade}"
    return _channel_written(form, channel)


def _channel_written(form: ChannelForm, channel: TvChannel | None) -> ResponseReturnValue:
    if form.validate_on_submit():
        name = clean(form.name.data or "")
        aliases = [alias for alias in map(clean, re.split(r"[,;\n]", form.aliases.data or "")) if alias]
        others = [
            other
            for other in db.session.scalars(select(TvChannel).filter_by(school_id=current_user.school_id))
            if other is not channel
        ]
        taken = {channel_key(other_name): other.name for other in others for other_name in other.names}
        clash = next((taken[key] for key in map(channel_key, [name, *aliases]) if key in taken), None)
        grades = None
        if form.grades.data and form.grades.data.strip():
            try:
                grades = read_grades(form.grades.data)
            except BadGrade:
                form.grades.errors = [gettext("Write grades like 1–4, or leave it empty.")]
        if not channel_key(name):
            form.name.errors = [gettext("Write the name of the channel.")]
        if clash:
            form.name.errors = [gettext("The channel %(name)s has this name already.", name=clash)]
        if channel is None and len(others) >= MOST_CHANNELS:
            form.name.errors = [gettext("There are too many channels. Remove one first.")]
        if not form.errors:
            channel = channel or TvChannel(school_id=current_user.school_id)
            was = channel.name
            channel.name, channel.aliases = name, aliases
            channel.first_grade, channel.last_grade = (grades.first, grades.last) if grades else (None, None)
            db.session.add(channel)
            told = was not in {None, name} and channel_renamed(
                current_user.school, channel, datetime.now(UTC)
            )
            _note({"channel": name})
            db.session.commit()
            if told and channel_key(was) not in map(channel_key, channel.names):
                flash(
                    gettext(
                        "Families were told of lessons on “%(old)s”. A message will tell them the new name. "
                        "If “%(old)s” is the same channel for them, write it among the other names now, and "
                        "nothing is sent.",
                        old=was,
                    ),
                    "warning",
                )
            flash(gettext("The channel is saved."), "success")
            return redirect(url_for(".overview"))
    used = lessons_per_channel(current_user.school_id).get(channel.id, 0) if channel else 0
    page = render_template("lessons/channel.html", form=form, channel=channel, used=used)
    return page, 422 if form.errors else 200


@blueprint.post("/channels/<int:number>/remove")
@only(CHANNEL_KEEPERS)
def remove_channel(number: int) -> ResponseReturnValue:
    channel = channel_of(current_user, number)
    if lessons_per_channel(current_user.school_id).get(channel.id):
        flash(gettext("The channel has lessons, so it stays."), "warning")
        return redirect(url_for(".edit_channel", number=number))
    db.session.delete(channel)
    _note({"channel": channel.name})
    db.session.commit()
    flash(gettext("The channel is removed."), "success")
    return redirect(url_for(".overview"))
