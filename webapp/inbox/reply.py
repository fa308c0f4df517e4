"""A member of staff writes to one family: as an announcement like any other, to the phone that wrote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice

from notifier.database import db
from notifier.models import Inbound
from notifier.text import tidy
from webapp.announcements.audience.behind import audience_behind
from webapp.announcements.audience.households import Audience, Household
from webapp.announcements.flaws import flaws
from webapp.announcements.kinds import REPLY
from webapp.announcements.models import Announcement
from webapp.announcements.money import limits
from webapp.announcements.money.estimate import LONGEST, estimate
from webapp.announcements.plan import Plan, Terms
from webapp.announcements.publish import hand_out, quiet_after, starts_at
from webapp.announcements.render import all_finished
from webapp.families.models import ContactPoint, ContactStatus, Family, SchoolClass
from webapp.families.queries import blocked_addresses, visible_classes
from webapp.form_token import form_token
from webapp.staff.models import School, StaffMember

# Who wrote so lately is awake: the reply need not wait for morning.
AWAKE = timedelta(hours=1)


class ReplyForm(FlaskForm):
    """A text to one family; the field is named for its language, as where announcements are written."""

    token = HiddenField()
    phone = RadioField(lazy_gettext("To the phone"), coerce=str, validate_choice=False)
    text_ky = TextAreaField(lazy_gettext("Your reply"), filters=[lambda text: tidy(text or "")])
    text_ru = TextAreaField(lazy_gettext("Your reply"), filters=[lambda text: tidy(text or "")])

    def offer(self, phones: list[ContactPoint]) -> None:
        """Offer these phones; the first is chosen already."""
        self.offered = {str(point.id): point for point in phones}
        self.phone.choices = [SelectChoice(key, point.address) for key, point in self.offered.items()]
        if self.phone.data not in self.offered:
            self.phone.data = next(iter(self.offered), None)
        self.token.data = form_token(self.token.data)

    def blame(self, field: str, sentences: list[str]) -> None:
        self[field].errors = [*self[field].errors, *sentences]


@dataclass(frozen=True, slots=True)
class Intended:
    """What a reply would be: one message to one family, in its guardian's language and letters."""

    school: School
    language: str
    plan: Plan
    classes: list[SchoolClass]
    texts: dict[str, str]

    def objections(self, now: datetime) -> list[str]:
        """Say why it cannot be sent as it is."""
        found = [flaw.text for flaw in flaws(self.school, self.texts, self.plan.audience)]
        return found or limits.refusals(self.school, self.classes, self.plan.messages, now)


def phones_of(family: Family, last: str = "") -> list[ContactPoint]:
    """List the family's phones that may be written to, the one it wrote from last first."""
    silent = blocked_addresses(family)
    points = {
        link.contact_point.id: link.contact_point
        for guardian in family.guardians
        for link in sorted(guardian.contacts, key=lambda link: (link.is_relay, link.priority))
        if link.contact_point.channel == "sms"
        and link.contact_point.status != ContactStatus.BAD
        and ("sms", link.contact_point.address) not in silent
    }
    return sorted(points.values(), key=lambda point: point.address != last)


def intended_to(person: StaffMember, family: Family, point: ContactPoint, form: ReplyForm) -> Intended:
    """Write the message that a form would send, as things stand now; writes nothing into the database."""
    school = person.school
    classes = {each.id: each for each in visible_classes(person)}
    behind = audience_behind(school, [point.id], [family.id])
    households = [_narrowed(household, classes) for household in behind.households]
    audience = Audience(tuple(each for each in households if each.children), school.language)
    language = audience.households[0].language if audience.households else school.language
    text = (form[f"text_{'ru' if language == 'ru' else 'ky'}"].data or "")[:LONGEST]
    texts = {language: text}
    plan = Plan(school, audience, all_finished(school, texts, audience.envelopes()))
    named = {child.class_id for each in audience.households for child in each.children}
    return Intended(school, language, plan, [each for key, each in classes.items() if key in named], texts)


def _narrowed(household: Household, classes: dict[int, SchoolClass]) -> Household:
    """Leave out the children of classes that are not this person's to write about."""
    children = tuple(child for child in household.children if child.class_id in classes)
    return replace(household, children=children)


def send(intended: Intended, by: StaffMember, token: str, now: datetime) -> bool:
    """Publish a reply in the caller's transaction; False when this form was sent before. Raises Unready."""
    language = "ru" if intended.language == "ru" else "ky"
    announcement = Announcement(
        school_id=intended.school.id,
        author_id=by.id,
        token=token,
        kind=REPLY,
        created_at=now,
        published_at=now,
        classes=intended.classes,
        **{f"text_{language}": next(iter(intended.texts.values()))},
    )
    try:
        with db.session.begin_nested():
            db.session.add(announcement)
    except IntegrityError:
        return False
    ((envelope, _message),) = intended.plan.messages
    school, address = intended.school, envelope.to.address
    leaves = leaves_at(school, address, now)
    terms = Terms(
        f"announcement:{announcement.id}:{envelope.to.contact_point_id}",
        leaves,
        quiet=quiet_after(leaves, _is_awake(address, now), school),
    )
    plan = Plan(
        intended.school, intended.plan.audience, intended.plan.messages, {envelope.to.contact_point_id: terms}
    )
    hand_out(announcement, plan, now, by)
    return True


def leaves_at(school: School, address: str, now: datetime) -> datetime:
    """Say when a reply may ring: at once if the phone has just been written on, else as notices do."""
    return now if _is_awake(address, now) else starts_at(False, now, school)


def _is_awake(address: str, now: datetime) -> bool:
    """Whether somebody has just written from this phone."""
    wrote = exists().where(
        Inbound.channel == "sms", Inbound.sender == address, Inbound.received_at > now - AWAKE
    )
    return bool(db.session.scalar(select(wrote)))


def cost_of(intended: Intended, now: datetime) -> dict[str, Any]:
    """What the fragment under the text shows, filled in or not; the composer's own."""
    school, plan, texts = intended.school, intended.plan, intended.texts
    example = next((each.name for each in intended.classes), "5-А")
    shown = estimate(plan, {"ru" if intended.language == "ru" else "ky": next(iter(texts.values()))}, example)
    written = any(texts.values())
    over = limits.refusals(school, intended.classes, plan.messages, now)
    return {
        "cost": shown,
        "families": len(plan.audience.households),
        "price": school.sms_price,
        "too_long": [flaw.text for flaw in flaws(school, texts, plan.audience)] if written else [],
        "over": over,
        "low": [] if over else limits.warnings(school, intended.classes, now, plan.messages),
        "stamp": shown.stamp,
    }
