"""Groups taught at school: made, filled, invited; and who comes."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from notifier import jobs
from notifier.database import db
from webapp.announcements.publish import Unready
from webapp.announcements.refused import say_why
from webapp.atschool import attendance_views, seats
from webapp.atschool.forms import GroupForm
from webapp.atschool.inviting import invite, to_invite
from webapp.atschool.models import Answer, Group
from webapp.atschool.queries import (
    counts,
    group_of,
    groups_for,
    may_steer,
    member_of,
    members_of,
    open_groups,
    pupil_of,
    pupils_among,
)
from webapp.atschool.times import times_said
from webapp.families.device_queries import children_without, device_classes
from webapp.families.devices import SEES_DEVICES
from webapp.families.looking import looked_for
from webapp.families.models import Pupil
from webapp.families.search import named
from webapp.paging import Page
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.staff.models import StaffMember
from webapp.times import WEEKDAYS

blueprint = Blueprint("atschool", __name__, url_prefix="/lessons-at-school")
blueprint.app_template_filter("times_said")(times_said)

PER_PAGE, MOST_OFFERED = 30, 40


@blueprint.get("/")
def groups() -> str:
    page = Page.of(
        groups_for(current_user), request.args.get("page"), PER_PAGE, lambda n: url_for(".groups", page=n)
    )
    found = db.session.scalars(page.rows).all()
    return render_template(
        "atschool/groups.html",
        page=page,
        groups=found,
        counts=counts(found),
        may_make=current_user.may(SEES_DEVICES),
        today=_today(),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@only(SEES_DEVICES)
def new() -> ResponseReturnValue:
    if request.method == "POST":
        return _written(GroupForm.read(request.form), None)
    return _shown(GroupForm.blank(_today(), current_user.id), None)


@blueprint.route("/<int:number>/edit", methods=["GET", "POST"])
def edit(number: int) -> ResponseReturnValue:
    group = _steered(number)
    if request.method == "POST":
        return _written(GroupForm.read(request.form), group)
    return _shown(GroupForm.of(group), group)


def _written(form: GroupForm, group: Group | None) -> ResponseReturnValue:
    if not form.holds({person.id for person in _colleagues()}):
        return _shown(form, group), 422
    if group is None:
        group = Group(school_id=current_user.school_id, token=form.token, created_at=datetime.now(UTC))
        form.fill(group)
        try:
            with db.session.begin_nested():
                db.session.add(group)
        except IntegrityError:
            # The same form came twice: it is one group, and this person's if they may see it.
            db.session.rollback()
            same = groups_for(current_user).where(Group.token == form.token)
            group = db.session.scalar(same) or abort(404)
    else:
        seats.lock(group)
        form.fill(group)
        db.session.flush()
    seats.fill(group)
    db.session.commit()
    return redirect(url_for(".group", number=group.id), 303)


def _shown(form: GroupForm, group: Group | None) -> str:
    return render_template(
        "atschool/form.html", form=form, group=group, colleagues=_colleagues(), weekdays=WEEKDAYS
    )


@blueprint.get("/<int:number>")
def group(number: int) -> str:
    found, now, wanted = group_of(current_user, number), datetime.now(UTC), looked_for()
    members = members_of(current_user, found)
    classes = [school_class.id for school_class in device_classes(current_user)]
    inside = {member.pupil_id for member in members if member.answer != Answer.NO}
    to_offer = children_without(current_user, classes, now).where(Pupil.id.not_in(inside))
    if wanted:
        to_offer = to_offer.where(named(Pupil.search_key, wanted))
    offered = db.session.scalars(to_offer.limit(MOST_OFFERED)).all()
    steers = may_steer(current_user, found)
    return render_template(
        "atschool/group.html",
        group=found,
        wanted=wanted,
        members=members_of(current_user, found, wanted) if wanted else members,
        count=counts([found])[found.id],
        offered=offered,
        steers=steers,
        to_invite=to_invite(found) if steers else 0,
    )


@blueprint.post("/<int:number>/add")
@only(SEES_DEVICES)
def add(number: int) -> ResponseReturnValue:
    """Put the ticked children into the group."""
    found = group_of(current_user, number)
    ids = {int(each) for each in request.form.getlist("pupil")[:100] if each.isdecimal() and len(each) < 10}
    return _added(found, ids)


@blueprint.route("/child/<int:pupil_id>", methods=["GET", "POST"])
@only(SEES_DEVICES)
def child(pupil_id: int) -> ResponseReturnValue:
    """Put one child into one of the groups that meet."""
    pupil, today = pupil_of(current_user, pupil_id), _today()
    found = open_groups(current_user.school_id, today)
    if request.method == "POST":
        wanted = request.form.get("group", type=int)
        return _added(next((each for each in found if each.id == wanted), None) or abort(404), {pupil.id})
    return render_template("atschool/child.html", pupil=pupil, groups=found, counts=counts(found))


def _added(group: Group, pupil_ids: set[int]) -> ResponseReturnValue:
    number, now = group.id, datetime.now(UTC)
    new = seats.add(group, pupils_among(current_user, pupil_ids), current_user, now)
    if new:
        record("atschool.added", f"group {number}", {"pupils": new}, current_user, now)
    db.session.commit()
    free = group.seats - counts([group])[number].seated
    flash(
        ngettext("%(num)s child is in the group now.", "%(num)s children are in the group now.", new)
        + " "
        + (
            ngettext("%(num)s seat is free.", "%(num)s seats are free.", free)
            if free > 0
            else gettext("All seats are taken: who comes now waits for one.")
        ),
        "success",
    )
    return redirect(url_for(".group", number=number), 303)


@blueprint.post("/<int:number>/invite")
def invite_them(number: int) -> ResponseReturnValue:
    """Ask the families of those on seats whether their children come."""
    found = _steered(number)
    try:
        published = invite(found, datetime.now(UTC), current_user)
    except Unready as unready:
        say_why(unready)
        return redirect(url_for(".group", number=number), 303)
    db.session.commit()
    jobs.nudge()
    if published:
        told = ngettext("%(num)s family is invited.", "%(num)s families are invited.", published.recipients)
        if published.without_address:
            told += " " + ngettext(
                "%(num)s family has no address: ask it in person.",
                "%(num)s families have no address: ask them in person.",
                published.without_address,
            )
        flash(told, "success")
    return redirect(url_for(".group", number=number), 303)


@blueprint.post("/<int:number>/member")
def member(number: int) -> ResponseReturnValue:
    """Write down what a family said, or take a child out of the group."""
    found, now = group_of(current_user, number), datetime.now(UTC)
    each = member_of(current_user, found, request.form.get("member", 0, type=int))
    said = request.form.get("said", "")
    if said == "out":
        seats.take_out(each, now)
    elif said in {Answer.YES, Answer.NO}:
        seats.answer(each, Answer(said), now, by=current_user)
    else:
        abort(404)
    db.session.commit()
    flash(gettext("Saved."), "success")
    return redirect(url_for(".group", number=number), 303)


def _steered(number: int) -> Group:
    found = group_of(current_user, number)
    return found if may_steer(current_user, found) else abort(404)


def _colleagues() -> list[StaffMember]:
    query = select(StaffMember).where(StaffMember.school_id == current_user.school_id, StaffMember.active)
    return list(db.session.scalars(query.order_by(StaffMember.name).limit(300)))


def _today() -> date:
    today: date = datetime.now(UTC).astimezone(current_user.school.zone).date()
    return today


blueprint.add_url_rule(
    "/<int:number>/attendance", view_func=attendance_views.attendance, methods=["GET", "POST"]
)
