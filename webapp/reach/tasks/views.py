"""Follow-ups: whose turn it is to go after which family, and by when."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from sqlalchemy import Select, func, select

from notifier.database import db
from webapp.families.looking import found_in, looked_for
from webapp.families.queries import families_seen_by
from webapp.paging import Page
from webapp.reach.board.cards import children_of
from webapp.reach.board.queries import tasks_of
from webapp.reach.contacts.forms import CancelForm, ChangeForm, due_moment
from webapp.reach.models import FollowUp, FollowUpState
from webapp.reach.tasks.followups import cancel, follow_ups_for, for_the_eyes_of
from webapp.reach.words import BECAUSE, RULES
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.staff.models import BROADCASTERS
from webapp.staff.queries import staff_of
from webapp.times import when

blueprint = Blueprint("reach_tasks", __name__, url_prefix="/reach/follow-ups")

PER_PAGE = 30


class Show(StrEnum):
    MINE = "mine"
    OVERDUE = "overdue"
    ALL = "all"
    DONE = "done"


SHOWN = {
    Show.MINE: lazy_gettext("Mine"),
    Show.OVERDUE: lazy_gettext("Overdue"),
    Show.ALL: lazy_gettext("All open"),
    Show.DONE: lazy_gettext("Done"),
}


@blueprint.get("")
def listing() -> str:
    now = datetime.now(UTC)
    asked = request.args.get("show", "")
    show = Show(asked) if asked in set(Show) else Show.MINE
    wanted = looked_for()
    page = Page.of(
        found_in(_selected(show, now), FollowUp.family_id, wanted),
        request.args.get("page"),
        PER_PAGE,
        lambda number: url_for(".listing", show=show.value, q=wanted or None, page=number),
    )
    return render_template(
        "reach/tasks.html",
        show=show,
        wanted=wanted,
        page=page,
        tasks=db.session.scalars(page.rows).all(),
        counts={
            each: page.total if each == show and not wanted else _count(each, now)
            for each in (Show.MINE, Show.OVERDUE, Show.ALL)
        },
        names=SHOWN,
        now=now,
        children_of=children_of,
        back=request.full_path if request.query_string else request.path,
        may_note=current_user.may(BROADCASTERS),
    )


@blueprint.route("/<int:number>", methods=["GET", "POST"])
def one(number: int) -> ResponseReturnValue:
    """Show one follow-up; posted to, change who does it and by when."""
    task, now = _task(number), datetime.now(UTC)
    zone = current_user.school.zone
    people = [person for person in staff_of(current_user.school) if person.active]
    form = ChangeForm(
        now.astimezone(zone).date(),
        people,
        due=task.due_at.astimezone(zone).date(),
        assignee=task.assignee_id or 0,
    )
    if request.method == "POST":
        if not current_user.may(BROADCASTERS):
            abort(403)
        if task.state != FollowUpState.OPEN:
            flash(closed_in_words(task), "warning")
            return redirect(url_for(".one", number=number), 303)
        if form.validate():
            if form.due.data != form.was:
                task.due_at = due_moment(form.due.data, current_user)
            task.assignee_id = form.assignee.data or None
            record("follow_up.changed", f"follow-up {number}, family {task.family_id}", {}, current_user, now)
            db.session.commit()
            flash(gettext("Changed."), "success")
            return redirect(url_for(".one", number=number), 303)
    return _page(task, form, CancelForm(formdata=None), now)


@blueprint.post("/<int:number>/cancel")
@only(BROADCASTERS)
def give_up(number: int) -> ResponseReturnValue:
    task, now = _task(number), datetime.now(UTC)
    form = CancelForm()
    if not form.validate():
        people = [person for person in staff_of(current_user.school) if person.active]
        zone = current_user.school.zone
        change = ChangeForm(
            now.astimezone(zone).date(),
            people,
            formdata=None,
            due=task.due_at.astimezone(zone).date(),
            assignee=task.assignee_id or 0,
        )
        return _page(task, change, form, now), 422
    if cancel(task, current_user, now):
        task.note = "\n".join(part for part in (task.note, form.reason.data) if part)
        record("follow_up.cancelled", f"follow-up {number}, family {task.family_id}", {}, current_user, now)
        db.session.commit()
        flash(gettext("The follow-up is cancelled."), "success")
        return redirect(url_for(".listing"), 303)
    db.session.rollback()
    task = _task(number)
    # A colleague was quicker: what was typed stays in the form.
    flash(closed_in_words(task), "warning")
    people = []
    return _page(
        task, ChangeForm(now.date(), people, formdata=None, due=now.date(), assignee=0), form, now
    ), 409


def closed_in_words(task: FollowUp) -> str:
    """Say who closed a task, when and why."""
    said: str = gettext(
        "This is closed already: %(why)s, %(name)s, %(when)s.",
        why=BECAUSE.get(task.closed_because, task.closed_because),
        name=task.closed_by.name if task.closed_by else gettext("by itself"),
        when=when(task.closed_at),
    )
    return said


def _page(task: FollowUp, form: ChangeForm, giving_up: CancelForm, now: datetime) -> str:
    return render_template(
        "reach/task_page.html",
        task=task,
        form=form,
        giving_up=giving_up,
        others=[
            other
            for other in tasks_of(current_user, [task.family_id]).get(task.family_id, [])
            if other.id != task.id
        ],
        open=task.state == FollowUpState.OPEN,
        late=task.state == FollowUpState.OPEN and task.due_at < now,
        because=BECAUSE.get(task.closed_because, task.closed_because),
        rule=RULES.get(task.rule, RULES["by_hand"]),
        children_of=children_of,
        may_note=current_user.may(BROADCASTERS),
        back=url_for(".one", number=task.id),
    )


def _task(number: int) -> FollowUp:
    query = select(FollowUp).where(
        FollowUp.id == number, FollowUp.school_id == current_user.school_id, for_the_eyes_of(current_user)
    )
    if not current_user.sees_whole_school:
        query = query.where(FollowUp.family_id.in_(families_seen_by(current_user)))
    return db.session.scalar(query) or abort(404)


def _selected(show: Show, now: datetime) -> Select[tuple[FollowUp]]:
    if show == Show.DONE:
        return (
            follow_ups_for(current_user, state=FollowUpState.DONE)
            .order_by(None)
            .order_by(FollowUp.closed_at.desc(), FollowUp.id.desc())
        )
    query = follow_ups_for(current_user, mine=show == Show.MINE)
    return query.where(FollowUp.due_at < now) if show == Show.OVERDUE else query


def _count(show: Show, now: datetime) -> int:
    tasks = _selected(show, now).order_by(None).with_only_columns(FollowUp.id).subquery()
    return db.session.scalar(select(func.count()).select_from(tasks)) or 0
