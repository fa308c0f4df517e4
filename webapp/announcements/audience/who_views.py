"""Who exactly: look at every family, leave some out, add others by name; works without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from notifier.database import db
from webapp.announcements.audience.find import audience_for
from webapp.announcements.audience.selection import Selection
from webapp.announcements.audience.told import told
from webapp.announcements.audience.who import Line, classes_on, found_elsewhere, keep, lines_of, may_add
from webapp.announcements.queries import own_draft
from webapp.announcements.reasons import NO_ADDRESS
from webapp.families.looking import families_found, looked_for
from webapp.numbers import row_number
from webapp.paging import Cut
from webapp.staff.access import only
from webapp.staff.models import WRITERS

PER_PAGE = 50
SHOWN: dict[str, Callable[[Line], bool]] = {
    "without": lambda line: line.household.address is None,
    "left_out": lambda line: line.struck,
    "by_name": lambda line: line.by_name,
}


@only(WRITERS)
def who(number: int) -> ResponseReturnValue:
    draft = own_draft(current_user, number) or abort(404)
    if draft.published_at:
        return redirect(url_for(".progress", number=number))
    if draft.is_private:
        return redirect(url_for(".review", number=number))
    now, wanted, show = datetime.now(UTC), looked_for(), _show()
    found = lines = lines_of(current_user, draft, now)
    classes = classes_on(lines)
    if wanted:
        named = families_found(wanted)
        found = [line for line in lines if line.household.family_id in named]
    elif show:
        found = [line for line in lines if SHOWN[show](line)]
    elif (of_class := request.args.get("class", type=int)) in classes:
        found = [line for line in lines if line.first.class_id == of_class]
    among = {line.household.family_id for line in lines}
    return render_template(
        "announcements/who.html",
        draft=draft,
        told=told(audience_for(draft, now)),
        page=Cut.of(found, request.args.get("page"), PER_PAGE, lambda page: _here(number, page=page)),
        counts={name: sum(map(such, lines)) for name, such in SHOWN.items()},
        families=len(lines),
        classes=classes if len(classes) > 1 else {},
        of_class=request.args.get("class", type=int),
        others=found_elsewhere(current_user, wanted, among, now) if wanted else (),
        wanted=wanted,
        show=show,
        why_none=NO_ADDRESS,
        here=_here(number),
    )


@only(WRITERS)
def choose_who(number: int) -> ResponseReturnValue:
    """Leave out who is not ticked among the families that were shown, and take in who is; or add one."""
    # Held: two pages ticked at once must not undo each other.
    draft = own_draft(current_user, number, hold=True) or abort(404)
    if draft.published_at:
        return redirect(url_for(".progress", number=number), 303)
    if draft.is_private:
        return redirect(url_for(".review", number=number), 303)
    now, selection = datetime.now(UTC), Selection.of(draft)
    if (added := request.form.get("add", type=row_number)) is not None:
        if not may_add(current_user, added):
            abort(404)
        selection = selection.with_families([added])
    else:
        shown, ticked = _ids("shown"), _ids("told")
        known = {line.household.family_id for line in lines_of(current_user, draft, now)}
        selection = selection.with_back(shown & ticked).without(sorted(shown & known - ticked))
    audience = keep(current_user, draft, selection, now)
    db.session.commit()
    if request.headers.get("HX-Request"):
        return render_template("announcements/_told.html", told=told(audience), draft=draft, lists=True)
    if added is not None:
        flash(gettext("The family is added."), "success")
        return redirect(_here(number), 303)
    if "stay" in request.form:
        flash(gettext("Saved."), "success")
        return redirect(_here(number, page=request.args.get("page")), 303)
    return redirect(url_for(".review" if any(draft.texts.values()) else ".edit", number=number), 303)


def _ids(name: str) -> set[int]:
    return set(request.form.getlist(name, type=int)[: 2 * PER_PAGE])


def _show() -> str | None:
    show = request.args.get("show")
    return show if show in SHOWN else None


def _here(number: int, **more: Any) -> str:
    """This page as it is shown: the same search, the same group or class."""
    wanted = looked_for() or None
    of_class = request.args.get("class", type=int)
    place: dict[str, Any] = {"q": wanted, "show": _show(), "class": of_class, **more}
    return url_for(".who", number=number, **place)
