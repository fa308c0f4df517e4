"""The staff: where each can be told, which association they are in; and everybody's own phone and e-mail."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from notifier.database import db
from webapp.paging import MOST_ROWS, Cut
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.staff.models import KEEPERS, StaffMember
from webapp.staffroom.audience import associations_of
from webapp.staffroom.directory import (
    association_called,
    association_numbered,
    colleague,
    found_by_name,
    members_of,
    membership_of,
    places_of,
    put_into,
    staff_page,
    turns_by_name,
)
from webapp.staffroom.models import Association
from webapp.staffroom.people_forms import AssociationForm, ColleagueForm, ContactForm
from webapp.times import WEEKDAYS

blueprint = Blueprint("staffroom", __name__)

PER_PAGE = 50
LONGEST_SEARCH = 120


@blueprint.route("/account/contact", methods=["GET", "POST"])
def own_contact() -> ResponseReturnValue:
    """My own phone and e-mail: for the administration and for messages to me, for nobody else."""
    form = ContactForm()
    if form.validate_on_submit():
        person: StaffMember = current_user._get_current_object()
        _note(person, form.write_into(person))
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for("staff.account"), 303)
    if not form.is_submitted():
        form.show(current_user)
    return render_template("staffroom/contact.html", form=form), 422 if form.errors else 200


@blueprint.get("/staff")
@only(KEEPERS)
def people() -> str:
    wanted = request.args.get("q", "")[:LONGEST_SEARCH].strip()
    everybody = db.session.scalars(staff_page(current_user.school_id)).all()
    page = Cut.of(
        found_by_name(everybody, wanted) if wanted else everybody,
        request.args.get("page"),
        PER_PAGE,
        lambda number: url_for(".people", page=number, q=wanted or None),
    )
    return render_template(
        "staffroom/people.html",
        page=page,
        wanted=wanted,
        places=places_of(current_user.school_id),
        unreachable=sum(each.active and not (each.phone or each.email) for each in everybody),
    )


@blueprint.route("/staff/<int:number>", methods=["GET", "POST"])
@only(KEEPERS)
def person(number: int) -> ResponseReturnValue:
    found = colleague(current_user.school_id, number) or abort(404)
    form = ColleagueForm()
    form.offer(associations_of(current_user.school_id))
    if form.validate_on_submit():
        changed = form.write_into(found)
        before = membership_of(found)
        wanted = (form.association.data or None, bool(form.association.data and form.leads.data))
        if (before.association_id if before else None, bool(before and before.leads)) != wanted:
            put_into(found, wanted[0], leads=wanted[1])
            changed.append("association")
        _note(found, changed)
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for(".people"), 303)
    if not form.is_submitted():
        form.show(found)
        form.show_place(membership_of(found))
    return render_template("staffroom/person.html", form=form, person=found), 422 if form.errors else 200


@blueprint.route("/staff/associations", methods=["GET", "POST"])
@only(KEEPERS)
def associations() -> ResponseReturnValue:
    """The associations, who is in them, and when the roster has them at school."""
    form, found = AssociationForm(), associations_of(current_user.school_id)
    if form.validate_on_submit() and _is_new(form, None):
        if len(found) >= MOST_ROWS:
            abort(400)
        db.session.add(Association(school_id=current_user.school_id, name=form.name.data))
        _note_associations()
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for(".associations"), 303)
    return render_template(
        "staffroom/associations.html",
        form=form,
        associations=[(each, members_of(each)) for each in found],
        turns=turns_by_name(current_user.school_id),
        weekdays=WEEKDAYS,
    ), 422 if form.errors else 200


@blueprint.route("/staff/associations/<int:number>", methods=["GET", "POST"])
@only(KEEPERS)
def association(number: int) -> ResponseReturnValue:
    found = _association(number)
    form = AssociationForm(obj=found)
    if form.validate_on_submit() and _is_new(form, found):
        found.name = form.name.data
        _note_associations()
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for(".associations"), 303)
    return render_template(
        "staffroom/association.html", form=form, association=found, members=members_of(found)
    ), 422 if form.errors else 200


@blueprint.post("/staff/associations/<int:number>/remove")
@only(KEEPERS)
def remove_association(number: int) -> ResponseReturnValue:
    db.session.delete(_association(number))
    _note_associations()
    db.session.commit()
    flash(gettext("The association is removed."), "success")
    return redirect(url_for(".associations"), 303)


def _association(number: int) -> Association:
    return association_numbered(current_user.school_id, number) or abort(404)


def _is_new(form: AssociationForm, own: Association | None) -> bool:
    """Whether no other association has this name; else the field says so."""
    other = association_called(current_user.school_id, form.name.data or "")
    if other is None or other is own:
        return True
    form.name.errors = [gettext("There is an association of this name already.")]
    return False


def _note(person: StaffMember, changed: list[str]) -> None:
    """Write down whose contact was changed and what of it, never what it is now."""
    if changed:
        by: StaffMember = current_user._get_current_object()
        record("staff.contact_changed", person.name[:80], {"fields": changed}, by, datetime.now(UTC))


def _note_associations() -> None:
    by: StaffMember = current_user._get_current_object()
    record("associations.changed", "", {}, by, datetime.now(UTC))
