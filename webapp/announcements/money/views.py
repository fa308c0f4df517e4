"""What the announcement being typed would cost: the server's numbers after the browser's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import render_template, request
from flask_login import current_user

from webapp.announcements.audience.find import classes_of
from webapp.announcements.audience.told import told
from webapp.announcements.back.again import beginning_of
from webapp.announcements.desk.asking import kind_asked_for
from webapp.announcements.flaws import flaws
from webapp.announcements.forms import ComposeForm, form_for
from webapp.announcements.money import limits
from webapp.announcements.money.estimate import LONGEST, estimate
from webapp.announcements.plan import planned_for
from webapp.announcements.queries import own_draft
from webapp.families.models import SchoolClass
from webapp.families.queries import visible_classes
from webapp.numbers import row_number
from webapp.staff.access import only, reads_only
from webapp.staff.models import WRITERS


@reads_only
@only(WRITERS)
def cost() -> str:
    """Answer the typing with a fragment; writes nothing."""
    number = request.args.get("draft", type=row_number)
    draft = own_draft(current_user, number) if number else None
    form = form_for(kind_asked_for(draft).code)()
    form.offer(current_user, visible_classes(current_user))
    if draft:
        form.recall_audience(draft)
        form.begins = beginning_of(draft)
    form.follow(current_user.school, datetime.now(UTC))
    found = cost_of(form)
    return render_template("announcements/_cost.html", form=form, **found, was=request.form.get("was"))


def cost_of(form: ComposeForm) -> dict[str, Any]:
    """What the fragment shows for a form, filled in or not."""
    school = current_user.school
    texts = {name: (form[f"text_{name}"].data or "")[:LONGEST] for name in ("ky", "ru")}
    asks, now = form.asks(school), datetime.now(UTC)
    plan = planned_for(school, texts, form.audience(school, now), asks)
    # Limits concern the classes of those who are told, not all that a condition is asked of.
    classes = classes_of(plan.audience) if form.selection.narrows else form.chosen
    shown = estimate(plan, texts, _example(classes or list(form.offered.values())), asks)
    found = flaws(school, texts, plan.audience, asks)
    too_long = [flaw.text for flaw in found if flaw.field.startswith("text_")]
    over = [] if form.urgent.data else limits.refusals(school, classes, plan.messages, now)
    return {
        "cost": shown,
        "families": len(plan.audience.households),
        "told": told(plan.audience),
        "price": school.sms_price,
        "too_long": too_long if any(texts.values()) else [],
        "over": over,
        "low": [] if over else limits.warnings(school, classes, now, plan.messages),
        "stamp": shown.stamp,
    }


def _example(classes: Sequence[SchoolClass]) -> str:
    """The name of a class as long as the longest: an SMS begins with it."""
    return max((school_class.name for school_class in classes), key=len, default="5-А")
