"""Choose what to tell, and about which child; keep the platforms of the school."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, get_locale, gettext, lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Select
from wtforms import TextAreaField

from notifier.database import db
from webapp.announcements.desk.asked import one_line
from webapp.announcements.desk.asking import kinds_for
from webapp.announcements.desk.kind import Kind
from webapp.announcements.desk.one_child import child_of, children_seen_by
from webapp.announcements.desk.platforms import LONGEST, MOST, platforms_of
from webapp.announcements.desk.subjects import offered
from webapp.announcements.desk.table import KINDS
from webapp.families.models import Pupil
from webapp.families.queries import visible_classes
from webapp.families.search import matching_families
from webapp.paging import Page
from webapp.staff import audit
from webapp.staff.access import only
from webapp.staff.models import BROADCASTERS, KEEPERS, WRITERS

blueprint = Blueprint("kinds", __name__, url_prefix="/announcements")

PER_PAGE = 60
LONGEST_SEARCH = 80
# What is told by pages of its own, where the house has them.
ELSEWHERE: tuple[tuple[str, str, LazyString, LazyString], ...] = (
    (
        "atschool.groups",
        "families",
        lazy_gettext("Invitation to lessons at school"),
        lazy_gettext("For children who cannot learn at a distance: who has a seat is invited and answers"),
    ),
    (
        "staff_notices.new",
        "megaphone",
        lazy_gettext("Notice or webinar for staff"),
        lazy_gettext("By role or methodical association; families do not get it"),
    ),
    (
        "public_desk.overview",
        "link",
        lazy_gettext("Notice for everybody"),
        lazy_gettext("On the public page of the school, with texts ready for social networks and messengers"),
    ),
)
# Of a page that asks by itself who may write there.
WHO = {"staff_notices.new": KEEPERS}


@dataclass(frozen=True, slots=True)
class Card:
    url: str
    icon: str
    name: LazyString
    tells: LazyString


@blueprint.app_context_processor
def words() -> dict[str, object]:
    """Give the form the subjects to offer while one types."""
    return {"subjects": offered(str(get_locale())[:2])}


@blueprint.get("/kinds")
@only(WRITERS)
def page() -> str:
    """Show every kind as a card; for one child those that are about one."""
    pupil = child_of(current_user, request.args["pupil"]) or abort(404) if "pupil" in request.args else None
    kinds = [kind for kind in kinds_for(current_user) if kind.of_one_child or not pupil]
    return render_template(
        "announcements/kinds.html",
        pupil=pupil,
        cards=[_card(kind, pupil) for kind in kinds] + ([] if pupil else _elsewhere()),
        may_keep=current_user.may(KEEPERS) and not pupil,
        may_fill=current_user.may(BROADCASTERS),
    )


def _card(kind: Kind, pupil: Pupil | None) -> Card:
    more = {"pupil": pupil.id} if pupil else {"class": request.args.getlist("class")}
    code = kind.code if kind.asks else None
    return Card(
        url_for("announcements.compose", kind=code, **more), kind.called.icon, kind.called.name, kind.tells
    )


def _elsewhere() -> list[Card]:
    return [
        Card(url_for(endpoint), icon, name, tells)
        for endpoint, icon, name, tells in ELSEWHERE
        if (view := current_app.view_functions.get(endpoint))
        and current_user.may(getattr(view, "allowed_roles", WHO.get(endpoint, current_user.roles)))
    ]


@blueprint.get("/child")
@only(BROADCASTERS)
def child() -> str:
    """Choose a child: by class, or by a part of its own or a parent's name."""
    kind = KINDS.get(request.args.get("kind", "")) or abort(404)
    if not kind.of_one_child:
        abort(404)
    classes = visible_classes(current_user)
    wanted = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    asked = request.args.get("class", type=int)
    chosen = next((each for each in classes if each.id == asked), None)
    if chosen is None and not wanted:
        chosen = next(iter(classes), None)
    query: Select[tuple[Pupil]] = children_seen_by(current_user)
    if wanted:
        query = query.where(Pupil.family_id.in_(matching_families(current_user, wanted)))
    elif chosen:
        query = query.where(Pupil.class_id == chosen.id)
    keep: dict[str, Any] = {"kind": kind.code, "q": wanted or None, "class": chosen.id if chosen else None}
    found = Page.of(
        query,
        request.args.get("page"),
        PER_PAGE,
        lambda number: url_for(".child", page=number, **keep),
    )
    return render_template(
        "announcements/child.html",
        kind=kind,
        classes=classes,
        school_class=None if wanted else chosen,
        wanted=wanted,
        page=found,
        children=db.session.scalars(found.rows).all(),
    )


class PlatformsForm(FlaskForm):
    names = TextAreaField(lazy_gettext("Platforms"))

    @property
    def read(self) -> list[str]:
        """Its lines, each once."""
        lines = map(one_line, (self.names.data or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def holds(self) -> bool:
        if not self.validate_on_submit():
            return False
        long = next((line for line in self.read if len(line) > LONGEST), None)
        if long or len(self.read) > MOST:
            sentence = gettext(
                "Write at most %(most)s names, each of at most %(longest)s characters.",
                most=MOST,
                longest=LONGEST,
            )
            self.names.errors = [sentence]
        return not self.errors


@blueprint.route("/platforms", methods=["GET", "POST"])
@only(KEEPERS)
def platforms() -> ResponseReturnValue:
    form = PlatformsForm()
    if request.method != "POST":
        form.names.data = "\n".join(platforms_of(current_user.school))
    if form.holds():
        current_user.school.platforms = form.read or None
        detail = {"changed": platforms_of(current_user.school)}
        audit.record(
            "school.platforms_changed", "", detail, current_user._get_current_object(), datetime.now(UTC)
        )
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for(".page"), 303)
    return render_template("announcements/platforms.html", form=form), 422 if form.errors else 200
