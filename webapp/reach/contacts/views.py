"""The board's thumb actions: what came of a call or a visit, and what is to be done next."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from notifier.database import db
from webapp.families.devices import SEES_DEVICES
from webapp.families.models import Family
from webapp.families.queries import family_of
from webapp.reach.board.cards import card_of, children_of
from webapp.reach.board.queries import standing_of, tasks_of
from webapp.reach.board.standings import stand_anew
from webapp.reach.contacts.forms import ContactForm, TaskForm, due_moment
from webapp.reach.contacts.note import SETTLING
from webapp.reach.contacts.talks import (
    Meanwhile,
    Seen,
    Talk,
    hold,
    meanwhile,
    missed_by,
    moment_of,
    take,
    taken_before,
)
from webapp.reach.models import Means, Outcome
from webapp.reach.tasks.followups import URGENT, USUAL, open_follow_up, opened
from webapp.reach.words import MEANS, OFFERED, OUTCOMES
from webapp.staff.access import local_path, only
from webapp.staff.audit import record
from webapp.staff.models import BROADCASTERS
from webapp.staff.queries import staff_of

blueprint = Blueprint("reach_contact", __name__, url_prefix="/reach/families")

# So many announcements are named in a list of what a family has not heard; the rest are counted.
NAMED = 5


@blueprint.route("/<int:number>/<any(call, visit, lesson):means>", methods=["GET", "POST"])
@only(BROADCASTERS)
def contact(number: int, means: str) -> ResponseReturnValue:
    """Ask what came of a call or a visit, and note it."""
    family, now = family_of(current_user, number), datetime.now(UTC)
    form = ContactForm(now.astimezone(current_user.school.zone).date(), family)
    tasks = tasks_of(current_user, [number]).get(number, [])
    if request.method == "POST":
        hold(number)
        if (before := taken_before(family, form.token.data or "")) is not None:
            # The connection broke after the first time: what the person needs is to see that it is there.
            return _done(family, gettext("This was noted before."), OUTCOMES[Outcome(before.outcome)], now)
        outcome = _outcome(Means(means))
        since = meanwhile(number, Seen.read(form.seen.data or ""), current_user)
        ticked = [task for task in tasks if str(task.id) in request.form.getlist("task")]
        if form.validate() and not since:
            if outcome in SETTLING and missed_by(number, 1) and not (ticked or form.everything.data):
                form.everything.errors = [gettext("Tick what you told them about.")]
            else:
                # A visit is not earlier that day than what was told on it.
                missed = missed_by(number, 1) if form.everything.data else []
                published = missed[0].published_at if missed else None
                at = (
                    now
                    if means == Means.CALL
                    else moment_of(form.day.data, current_user, now, not_before=published)
                )
                talk = Talk(
                    form.token.data,
                    Means(means),
                    outcome,
                    at,
                    form.note.data,
                    form.number.data if means == Means.CALL and form.number else None,
                    ticked,
                    bool(form.everything.data),
                )
                take(family, talk, current_user, now)
                stand_anew([number], now)
                db.session.commit()
                return _done(family, gettext("Noted."), OUTCOMES[outcome], now)
        db.session.rollback()
        return _panel(family_of(current_user, number), Means(means), form, since, outcome)
    return _panel(family, Means(means), form, None, None)


@blueprint.route("/<int:number>/task", methods=["GET", "POST"])
@only(BROADCASTERS)
def task(number: int) -> ResponseReturnValue:
    """Ask what somebody is to do for a family, and keep it as a follow-up."""
    family, now = family_of(current_user, number), datetime.now(UTC)
    wished = request.args.get("means", "")
    people = [person for person in staff_of(current_user.school) if person.active]
    form = TaskForm(
        now.astimezone(current_user.school.zone).date(),
        people,
        means=wished if wished in {Means.CALL, Means.VISIT, Means.LESSON} else Means.CALL.value,
    )
    if not form.validate_on_submit():
        return _task_panel(family, form)
    cause = f"form:{form.token.data}"
    new = open_follow_up(
        family,
        "by_hand",
        cause,
        now,
        means=form.means.data,
        due_at=due_moment(form.due.data, current_user),
        priority=URGENT if form.urgent.data else USUAL,
        assignee_id=form.assignee.data or None,
        note=form.note.data,
    )
    if new:
        found = opened(number, "by_hand", cause)
        record(
            "follow_up.opened",
            f"follow-up {found.id if found else ''}, family {number}",
            {},
            current_user,
            now,
        )
    db.session.commit()
    return _done(family, gettext("It is on the list of follow-ups."), MEANS[Means(form.means.data)], now)


def _outcome(means: Means) -> Outcome:
    said = request.form.get("outcome", "")
    return Outcome(said) if said in OFFERED[means] else abort(400)


def _panel(
    family: Family, means: Means, form: ContactForm, since: Meanwhile | None, outcome: Outcome | None
) -> Response:
    # After a colleague's contact the form goes on from what is known now, with all that was typed.
    form.seen.data = str(Seen.of(family.id))
    posted = request.method == "POST"
    missed = missed_by(family.id, NAMED + 1)
    answer = make_response(
        render_template(
            "reach/_contact.html" if _in_place() else "reach/contact.html",
            family=family,
            means=means,
            form=form,
            since=since,
            chosen=outcome,
            tasks=tasks_of(current_user, [family.id]).get(family.id, []),
            ticked=set(request.form.getlist("task")) if posted else None,
            first=request.args.get("task", ""),
            missed=missed[:NAMED],
            more=len(missed) > NAMED,
            offered=OFFERED[means],
            outcomes=OUTCOMES,
            back=_back(),
        ),
        200 if not posted else 409 if since else 422,
    )
    return _into_panel(answer, family)


def _task_panel(family: Family, form: TaskForm) -> Response:
    answer = make_response(
        render_template(
            "reach/_task.html" if _in_place() else "reach/task.html",
            family=family,
            form=form,
            back=_back(),
            may_seat=current_user.may(SEES_DEVICES),
            children_of=children_of,
        ),
        422 if request.method == "POST" else 200,
    )
    return _into_panel(answer, family)


def _into_panel(answer: Response, family: Family) -> Response:
    """A form that comes back stays in its place on the card; the card itself is not swapped."""
    if _in_place() and request.method == "POST":
        answer.status_code = 200  # htmx swaps nothing else
        answer.headers["HX-Retarget"] = f"#do-{family.id}"
        answer.headers["HX-Reswap"] = "innerHTML"
    return answer


def _done(family: Family, said: str, what: object, now: datetime) -> ResponseReturnValue:
    if _in_place():
        db.session.expire_all()
        household = family_of(current_user, family.id)
        return render_template(
            "reach/_card_alone.html",
            card=card_of(
                household,
                standing_of(household),
                tasks_of(current_user, [household.id]).get(household.id, []),
                now,
            ),
            may_note=True,
            back=_back(),
            said=f"{said} {what}",
        )
    flash(f"{said} {what}", "success")
    return redirect(_back() or url_for("reach_board.board_page"), 303)


def _in_place() -> bool:
    return request.headers.get("HX-Request") == "true"


def _back() -> str | None:
    return local_path(request.values.get("back"))
