"""The answers of one class, line by line: what families wrote, and what their teacher heard."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user

from notifier.database import db
from webapp.families.devices import SEES_DEVICES
from webapp.families.looking import found_in, looked_for
from webapp.families.models import Family
from webapp.families.queries import families_of_class
from webapp.paging import Page
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.survey.answers import fits, write_answer
from webapp.survey.queries import (
    classes_seen,
    newest_answers,
    survey_of,
)

LINES = 20


@only(SEES_DEVICES)
def class_page(number: int, class_id: int) -> ResponseReturnValue:
    """A line for each family of a class: what it answered, or what the teacher heard."""
    survey, now = survey_of(current_user, number), datetime.now(UTC)
    school_class = next((each for each in classes_seen(current_user, survey) if each.id == class_id), None)
    if school_class is None or survey.sent_at is None:
        abort(404)
    wanted = looked_for()
    page = Page.of(
        found_in(families_of_class(school_class), Family.id, wanted),
        request.args.get("page"),
        LINES,
        lambda n: url_for(".class_page", number=number, class_id=class_id, page=n, q=wanted or None),
    )
    families = db.session.scalars(page.rows).all()
    answers = newest_answers(survey, [family.id for family in families])
    if request.method == "POST":
        written, refused = 0, list[Family]()
        for family in families:
            was = request.form.get(f"was{family.id}")
            chosen = fits(survey, request.form.getlist(f"key{family.id}"))
            if was is not None and chosen is None:
                refused.append(family)
            elif was is not None and chosen is not None and chosen != was:
                write_answer(survey, family, chosen, current_user, now)
                written += 1
        if written:
            detail = {"families": written}
            record("survey.answers_written", f"survey {number}, class {class_id}", detail, current_user, now)
        db.session.commit()
        if refused:
            # "Nothing of these" and something of these: only the family knows which it is.
            children = (child.name for family in refused for child in family.pupils if not child.left_at)
            flash(f"{gettext('Please correct this')}: {', '.join(children)}", "error")
        if written or not refused:
            flash(
                ngettext("Noted for %(num)s family.", "Noted for %(num)s families.", written)
                if written
                else gettext("Nothing was changed."),
                "success",
            )
        if refused:
            return redirect(page.url_for(page.number), 303)
        if page.number < page.pages:
            return redirect(page.url_for(page.number + 1))
        if wanted:
            # Whoever was looking for one family looks for another next.
            return redirect(url_for(".class_page", number=number, class_id=class_id))
        return redirect(url_for(".survey", number=number))
    return render_template(
        "survey/class.html",
        survey=survey,
        school_class=school_class,
        wanted=wanted,
        page=page,
        families=families,
        answers=answers,
    )
