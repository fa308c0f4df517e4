"""What families will be told in the evening, looked at beforehand; and whom the television does not reach."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from notifier.database import db
from webapp.announcements.money.budget import price_of
from webapp.announcements.money.limits import refusals
from webapp.families.devices import SEES_DEVICES, facts_of
from webapp.families.looking import families_found, found_in, looked_for
from webapp.families.models import Family
from webapp.families.queries import class_of, families_of_class, family_of, visible_classes
from webapp.lessons.digest.evening import Evening, evening_of
from webapp.lessons.digest.forms import DigestForm
from webapp.lessons.digest.hours import next_evening
from webapp.lessons.digest.models import Span
from webapp.lessons.digest.queries import (
    among_whom,
    behind_the_same_phones,
    clashes_by_class,
    message_for,
    next_day_with_lessons,
    totals_of,
    without_tv,
)
from webapp.lessons.digest.send import digest_of
from webapp.lessons.digest.timetable import guide_of
from webapp.lessons.models import LessonRules
from webapp.lessons.names import LANGUAGE_NAMES
from webapp.lessons.rules import CHANNEL_KEEPERS, clock_at, rules_of, stored_rules
from webapp.paging import Cut, Page
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.times import day_asked, monday_of

blueprint = Blueprint("lessons_digest", __name__, url_prefix="/tv/digest")

PER_PAGE = 50
# A preview of days that are over shows what would have been told on their eve.
NOON = 12 * 60


@blueprint.get("/")
def overview() -> str:
    """The next digest: when it goes, to how many, what it costs."""
    asked = _asked()
    evening = _evening(asked)
    school = current_user.school
    totals = totals_of(evening)
    return render_template(
        "lessons/digest.html",
        **asked,
        totals=totals,
        cost=price_of(school, totals.segments),
        refusals=refusals(school, evening.classes, evening.plan.messages, asked["now"]),
        told=digest_of(school.id, asked["span"], asked["first"]),
        classes=[c for c in visible_classes(current_user) if c in evening.classes],
        may_set=current_user.may(CHANNEL_KEEPERS),
        sees_devices=current_user.may(SEES_DEVICES),
    )


@blueprint.get("/classes/<int:number>")
def class_page(number: int) -> str:
    """The families of a class that have lessons on these days."""
    school_class, asked, wanted = class_of(current_user, number), _asked(), looked_for()
    members = db.session.scalars(found_in(families_of_class(school_class), Family.id, wanted)).all()
    evening = _evening(asked, among=[member.id for member in members])
    families = among_whom(evening, members, school_class)
    told = {
        household.family_id: message
        for envelope, message in evening.plan.messages
        for household in envelope.households
    }
    return render_template(
        "lessons/digest_class.html",
        **asked,
        school_class=school_class,
        wanted=wanted,
        page=Cut.of(
            families,
            request.args.get("page"),
            PER_PAGE,
            lambda n: url_for(".class_page", number=number, **asked["choice"], q=wanted or None, page=n),
        ),
        told=told,
        without_tv={household.family_id for household in evening.without_tv},
    )


@blueprint.get("/families/<int:number>")
def family(number: int) -> str:
    """What a family will get, to the letter."""
    household, asked = family_of(current_user, number), _asked()
    evening = _evening(asked, among=[household.id])
    found = message_for(evening, household.id)
    envelope, message = found or (None, None)
    waiting = {h.family_id: h for h in evening.plan.audience.without_address}
    own = {school_class.id for school_class in visible_classes(current_user)}
    return render_template(
        "lessons/digest_family.html",
        **asked,
        family=household,
        told=digest_of(household.school_id, asked["span"], asked["first"]),
        pupils=[pupil for pupil in household.pupils if pupil.left_at is None],
        own=own,
        message=message,
        shared=[h for h in envelope.households if h.family_id != household.id] if envelope else [],
        cost=price_of(current_user.school, message.segments) if message else None,
        leaves=evening.plan.terms[envelope.to.contact_point_id].not_before if envelope else None,
        without_address=household.id in waiting,
        without_tv=any(h.family_id == household.id for h in evening.without_tv),
    )


@blueprint.get("/clashes")
def clashes() -> str:
    """Lessons at once that a family cannot both watch, by class."""
    asked, wanted = _asked(), looked_for()
    guide = guide_of(current_user.school, asked["rules"], asked["span"], asked["first"])
    by_class = clashes_by_class(current_user, guide, current_user.school)
    named = families_found(wanted) if wanted else None
    page = Cut.of(
        [
            (school_class, found)
            for school_class, clashes in by_class.items()
            for found in clashes
            if named is None or found.family_id in named
        ],
        request.args.get("page"),
        PER_PAGE,
        lambda n: url_for(".clashes", **asked["choice"], q=wanted or None, page=n),
    )
    return render_template("lessons/clashes.html", **asked, wanted=wanted, page=page)


@blueprint.get("/without-tv")
@only(SEES_DEVICES)
def no_tv() -> str:
    """The families that no television reaches: somebody has to tell them otherwise."""
    wanted = looked_for()
    page = Page.of(
        found_in(without_tv(current_user), Family.id, wanted),
        request.args.get("page"),
        PER_PAGE,
        lambda number: url_for(".no_tv", q=wanted or None, page=number),
    )
    families: list[Family] = list(db.session.scalars(page.rows))
    facts = facts_of(family.id for family in families)
    return render_template(
        "lessons/without_tv.html", wanted=wanted, page=page, families=families, facts=facts
    )


@blueprint.route("/settings", methods=["GET", "POST"])
@only(CHANNEL_KEEPERS)
def settings() -> ResponseReturnValue:
    """When the messages go, how long they may be, and how subjects are abbreviated."""
    rules = stored_rules(current_user.school)
    form = DigestForm.of(rules)
    if request.method == "POST":
        form = DigestForm.read(request.form)
        if not form.faults:
            form.fill(rules)
            db.session.add(rules)
            detail = {"hour": form.at, "segments": form.parts}
            record("lessons.settings_changed", "", detail, current_user, datetime.now(UTC))
            db.session.commit()
            flash(gettext("The settings are saved."), "success")
            return redirect(url_for(".overview"))
    return render_template(
        "lessons/digest_settings.html", digest=form, language_names=LANGUAGE_NAMES
    ), 422 if form.faults else 200


def _asked() -> dict[str, Any]:
    """The days that were asked for; without any, those of the next digest."""
    now, school = datetime.now(UTC), current_user.school
    rules = stored_rules(school)
    span = Span.WEEK if request.args.get("span") == Span.WEEK else Span.DAY
    soonest = next_evening(now, rules.digest_at if rules.digest_at is not None else 0, school.zone)
    if "day" in request.args:
        first = day_asked(request.args["day"], soonest)
    else:
        first = next_day_with_lessons(rules_of(school), school, soonest)
    if span is Span.WEEK:
        first = monday_of(first)
    return {
        "now": now,
        "rules": rules,
        "span": span,
        "first": first,
        "step": timedelta(days=span.days),
        "eve": _eve(rules, first, now),
        "choice": {"day": first, "span": span.value if span is Span.WEEK else None},
    }


def _eve(rules: LessonRules, first: date, now: datetime) -> datetime:
    """When the digest of these days goes, or would have gone."""
    minute = rules.digest_at if rules.digest_at is not None else NOON
    return clock_at(first - timedelta(days=1), minute, current_user.school.zone).astimezone(now.tzinfo)


def _evening(asked: dict[str, Any], among: Collection[int] | None = None) -> Evening:
    """Compose the messages of these families, or of everybody, as they would be written on the eve."""
    return evening_of(
        current_user.school,
        asked["rules"],
        asked["span"],
        asked["first"],
        asked["eve"],
        among=None if among is None else behind_the_same_phones(among),
    )
