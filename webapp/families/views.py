"""Classes and their families, as those who may see them do; and mending a wrong number."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from notifier.database import db
from webapp.families.apply import lock_lists
from webapp.families.contacts import addresses, book_of_family
from webapp.families.device_names import FACT_NAMES, said
from webapp.families.device_queries import device_classes, sees_devices_of
from webapp.families.devices import SEES_DEVICES, facts_of
from webapp.families.forms import GuardianForm
from webapp.families.looking import found_in, looked_for
from webapp.families.looks import looks_of
from webapp.families.models import ContactStatus, DigestWish, Family, Guardian
from webapp.families.numbers import known_of, mark_right
from webapp.families.queries import (
    blocked_addresses,
    class_counts,
    class_of,
    families_of_class,
    family_of,
    visible_classes,
)
from webapp.paging import Page
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.staff.models import BROADCASTERS, LIST_KEEPERS, SCRIPT_NAMES

blueprint = Blueprint("families", __name__, url_prefix="/families")

PER_PAGE = 50


@blueprint.get("/")
def classes() -> str:
    return render_template(
        "families/classes.html",
        counts=class_counts(current_user),
        may_import=current_user.may(LIST_KEEPERS),
        sees_devices=current_user.may(SEES_DEVICES),
    )


@blueprint.get("/class/<int:number>")
def class_page(number: int) -> str:
    school_class = class_of(current_user, number)
    wanted = looked_for()
    page = Page.of(
        found_in(families_of_class(school_class), Family.id, wanted),
        request.args.get("page"),
        PER_PAGE,
        lambda n: url_for(".class_page", number=number, page=n, q=wanted or None),
    )
    families = db.session.scalars(page.rows).all()
    return render_template(
        "families/class.html",
        school_class=school_class,
        wanted=wanted,
        page=page,
        families=families,
        looks={family.id: looks_of(family) for family in families},
        addresses=addresses,
        sees_devices=school_class in device_classes(current_user),
    )


@blueprint.get("/<int:number>")
def family(number: int) -> str:
    household = family_of(current_user, number)
    own = {school_class.id for school_class in visible_classes(current_user)}
    return render_template(
        "families/family.html",
        family=household,
        own=own,
        looks=looks_of(household),
        blocked=blocked_addresses(household),
        may_change=current_user.may(LIST_KEEPERS),
        may_write=current_user.may(BROADCASTERS),
        script_names=SCRIPT_NAMES,
        known_of=known_of,
        devices=facts_of([number])[number] if sees_devices_of(current_user, household) else None,
        fact_names=FACT_NAMES,
        said=said,
        now=datetime.now(UTC),
    )


@blueprint.post("/<int:number>/numbers/<int:point_id>/right")
@only(LIST_KEEPERS)
def number_is_right(number: int, point_id: int) -> ResponseReturnValue:
    """A person says that a number which was marked as wrong is the family's."""
    household, now = family_of(current_user, number), datetime.now(UTC)
    links = [link for guardian in household.guardians for link in guardian.contacts]
    point = next((link.contact_point for link in links if link.contact_point_id == point_id), None)
    if point is None:
        abort(404)
    if mark_right(point, now):
        record("number.corrected", f"family {household.id}", {}, current_user, now)
        db.session.commit()
    flash(gettext("Noted: messages go to this number again."), "success")
    return redirect(url_for(".family", number=number), 303)


@blueprint.post("/<int:number>/looked")
@only(LIST_KEEPERS)
def looked(number: int) -> ResponseReturnValue:
    """Somebody has looked: what was flagged is right as it is."""
    household = family_of(current_user, number)
    household.needs_look = ""
    for guardian in household.guardians:
        for link in guardian.contacts:
            if link.contact_point.status == ContactStatus.LOOK:
                link.contact_point.status, link.contact_point.note = ContactStatus.OK, "looked"
    db.session.commit()
    flash(gettext("Noted: everything is right with this family."), "success")
    return redirect(url_for(".family", number=number))


@blueprint.route("/<int:number>/guardians/new", methods=["GET", "POST"])
@only(LIST_KEEPERS)
def add_guardian(number: int) -> ResponseReturnValue:
    return _guardian_page(family_of(current_user, number), None)


@blueprint.route("/<int:number>/guardians/<int:guardian_id>", methods=["GET", "POST"])
@only(LIST_KEEPERS)
def edit_guardian(number: int, guardian_id: int) -> ResponseReturnValue:
    household = family_of(current_user, number)
    found = next((guardian for guardian in household.guardians if guardian.id == guardian_id), None)
    return _guardian_page(household, found or abort(404))


def _guardian_page(household: Family, guardian: Guardian | None) -> ResponseReturnValue:
    form = GuardianForm()
    form.offer(current_user.school)
    if not form.is_submitted():
        if guardian:
            form.show(guardian)
        else:
            pupils = [pupil for pupil in household.pupils if pupil.left_at is None]
            form.language.data = pupils[0].school_class.language if pupils else current_user.school.language
    elif form.validate():
        lock_lists(household.school_id)
        changed = _change(household, guardian, form)
        if changed:
            detail = {"changed": changed}
            record("guardian.changed", f"family {household.id}", detail, current_user, datetime.now(UTC))
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for(".family", number=household.id))
    return render_template(
        "families/guardian.html", form=form, family=household, guardian=guardian
    ), 422 if form.errors else 200


def _change(household: Family, guardian: Guardian | None, form: GuardianForm) -> list[str]:
    """Write the form into the guardian; say what is different now, in names of fields."""
    others = [other for other in household.guardians if other is not guardian]
    if guardian is None:
        guardian = Guardian(
            school_id=household.school_id,
            name="",
            relation="",
            digest=DigestWish.DAILY,
            priority=len(others),
        )
        household.guardians.append(guardian)
    changed = []
    for field in ("name", "relation", "language", "script", "digest"):
        # Nobody's choice of a script is kept as none.
        value = getattr(form, field).data or (None if field == "script" else "")
        if getattr(guardian, field) != value:
            setattr(guardian, field, value)
            changed.append(field)
    wanted = form.contacts
    for field, channel in (("phone", "sms"), ("email", "email")):
        if addresses(guardian, channel) != [address for address in wanted if address[0] == channel]:
            changed.append(field)
    book = book_of_family(household)
    book.assign(guardian, wanted)
    book.flag_shared()
    if form.first.data:
        for priority, each in enumerate([guardian, *others]):
            each.priority = priority
        changed.append("first")
    return changed
