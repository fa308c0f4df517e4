"""What households have: noted for one or for a class at once, counted, and who has nothing to learn with."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user

from notifier.database import db
from webapp.families.device_forms import FORGET, REST, fresh, note_answers, note_line, ticked
from webapp.families.device_names import FACT_NAMES, VALUE_NAMES, said
from webapp.families.device_queries import (
    channels_known,
    children_without,
    device_class_of,
    device_classes,
    device_family_of,
    history_of,
    totals,
)
from webapp.families.devices import CHOICES, HAVINGS, SEES_DEVICES, Fact, facts_of
from webapp.families.looking import found_in, looked_for
from webapp.families.models import Family, Pupil
from webapp.families.queries import families_of_class
from webapp.paging import Page
from webapp.staff.access import only
from webapp.staff.audit import record

blueprint = Blueprint("devices", __name__, url_prefix="/families/devices")

# A class on two pages: a line has six targets for a thumb.
LINES, PER_PAGE = 20, 50


@blueprint.get("/")
@only(SEES_DEVICES)
def overview() -> str:
    """How many families have what, of the school and of each class."""
    whole, by_class = totals(current_user, datetime.now(UTC))
    return render_template(
        "families/devices.html", whole=whole, by_class=by_class, havings=HAVINGS, names=FACT_NAMES
    )


@blueprint.route("/class/<int:number>", methods=["GET", "POST"])
@only(SEES_DEVICES)
def class_page(number: int) -> ResponseReturnValue:
    """A line for each family of a class, to be ticked with a thumb."""
    school_class, now, wanted = device_class_of(current_user, number), datetime.now(UTC), looked_for()
    page = Page.of(
        found_in(families_of_class(school_class), Family.id, wanted),
        request.args.get("page"),
        LINES,
        lambda n: url_for(".class_page", number=number, page=n, q=wanted or None),
    )
    families = db.session.scalars(page.rows).all()
    known = facts_of(family.id for family in families)
    if request.method == "POST":
        changed = 0
        for family in families:
            # A line the page did not show is not one without ticks.
            if (was := request.form.get(f"was{family.id}")) is None:
                continue
            ticks = request.form.getlist(f"has{family.id}")
            changed += bool(note_line(family, known[family.id], was.split(), ticks, current_user, now))
        if changed:
            record("devices.noted", f"class {number}", {"families": changed}, current_user, now)
        db.session.commit()
        flash(
            ngettext("Noted for %(num)s family.", "Noted for %(num)s families.", changed)
            if changed
            else gettext("Nothing was changed."),
            "success",
        )
        if page.number < page.pages:
            return redirect(page.url_for(page.number + 1))
        # Whoever was looking for one family looks for another next.
        return redirect(url_for(".class_page", number=number) if wanted else url_for(".overview"))
    return render_template(
        "families/devices_class.html",
        school_class=school_class,
        wanted=wanted,
        page=page,
        families=families,
        known=known,
        ticks={family.id: ticked(known[family.id], now) for family in families},
        stale={family.id: known[family.id].stale(now) for family in families},
        havings=HAVINGS,
        names=FACT_NAMES,
        rest=REST,
    )


@blueprint.get("/without")
@only(SEES_DEVICES)
def without() -> str:
    """The children who have no device to learn with (clause 1.5), for those who find them another way."""
    now, classes = datetime.now(UTC), device_classes(current_user)
    asked, wanted = request.args.get("of", type=int), looked_for()
    chosen = [each for each in classes if asked in {None, each.id}] or abort(404)
    _, by_class = totals(current_user, now)
    page = Page.of(
        found_in(children_without(current_user, [each.id for each in chosen], now), Pupil.family_id, wanted),
        request.args.get("page"),
        PER_PAGE,
        lambda n: url_for(".without", page=n, of=asked, q=wanted or None),
    )
    children = db.session.scalars(page.rows).all()
    return render_template(
        "families/devices_without.html",
        page=page,
        wanted=wanted,
        children=children,
        known=facts_of(child.family_id for child in children),
        by_class=[(each, count.without) for each, count in by_class if count.without],
        chosen=chosen[0] if asked else None,
        Fact=Fact,
        said=said,
        now=now,
    )


@blueprint.route("/<int:number>", methods=["GET", "POST"])
@only(SEES_DEVICES)
def family(number: int) -> ResponseReturnValue:
    """Everything about one household, and how it was learned."""
    household, now = device_family_of(current_user, number), datetime.now(UTC)
    devices = facts_of([household.id])[household.id]
    if request.method == "POST":
        if note_answers(household, devices, request.form, current_user, now):
            record("family.devices_noted", f"family {household.id}", {}, current_user, now)
            db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for("families.family", number=number))
    return render_template(
        "families/devices_family.html",
        family=household,
        devices=devices,
        fresh=fresh(devices, now),
        choices=CHOICES,
        channels=channels_known(household.school_id),
        history=history_of(household),
        names=FACT_NAMES,
        values=VALUE_NAMES,
        said=said,
        forget=FORGET,
        Fact=Fact,
    )
