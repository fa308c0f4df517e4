"""Say again what was each family's own: the words of its message, and to nobody whom they did not concern."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy import and_, select

from notifier.database import db
from notifier.models import Delivery
from notifier.text import is_latin, to_latin
from webapp.announcements.audience.households import Audience, Envelope
from webapp.announcements.models import Announcement
from webapp.announcements.plan import Plan
from webapp.announcements.recipients import Recipient, RecipientPupil
from webapp.announcements.render import MAX_PARTS, Finished, text_for
from webapp.message_templates.models import SheetRow
from webapp.message_templates.queries import version_behind
from webapp.staff.models import School


class _Said:
    """The messages of an announcement by the families behind them."""

    def __init__(self, announcement_id: int) -> None:
        self.of_family: dict[int, Delivery] = {}
        self.behind: dict[int, set[int]] = defaultdict(set)
        for family_id, delivery in db.session.execute(
            select(Recipient.family_id, Delivery)
            .join(Recipient.delivery)
            .where(Recipient.announcement_id == announcement_id)
        ).tuples():
            self.of_family[family_id] = delivery
            self.behind[delivery.id].add(family_id)


def again(announcement: Announcement, school: School, audience: Audience, begins: Mapping[str, str]) -> Plan:
    """Plan to send each phone of an audience its own words again, behind what `begins` them in its language.

    A family whose words were told together with another's, to a number that is no longer theirs, is left
    out: somebody speaks to it.
    """
    said = _Said(announcement.id)
    version = version_behind(announcement)
    texts = version.texts if version else {}
    messages, told = [], set()
    for envelope in audience.envelopes():
        if message := _message(school, envelope, said, texts, begins):
            messages.append((envelope, message))
            told |= {household.family_id for household in envelope.households}
    kept = tuple(household for household in audience.households if household.family_id in told)
    return Plan(school, replace(audience, households=kept), messages)


def _message(
    school: School, envelope: Envelope, said: _Said, texts: dict[str, str], begins: Mapping[str, str]
) -> Finished | None:
    theirs = {household.family_id for household in envelope.households}
    bodies, subject = [], ""
    for family_id in sorted(theirs):
        delivery = said.of_family.get(family_id)
        # A letter does not fit an SMS; what another family was told, too, only the phone that has it may get.
        if delivery is None or (delivery.channel == "email" and envelope.to.channel == "sms"):
            return None
        if not said.behind[delivery.id] <= theirs and delivery.address != envelope.to.address:
            return None
        if delivery.body not in bodies:
            bodies.append(delivery.body)
        subject = subject or delivery.subject or ""
    body = "\n".join(bodies)
    language, _ = text_for(envelope.language, texts)
    start = begins[language]
    if is_latin(body):
        start = to_latin(start, language, ascii=school.ascii_only)
    if envelope.to.channel == "email":
        return Finished("email", language, subject, start + body) if subject else None
    # What just fits is said as it was.
    for whole in (start + body, body):
        message = Finished("sms", language, "", whole, envelope.script)
        if message.segments <= MAX_PARTS:
            return message
    return None


def alone(copies: Collection[Recipient]) -> dict[int, str]:
    """The words of each of these copies by its id, where they were for that family alone.

    Also of those that could not be sent: they are what somebody is to say.
    """
    wanted = {copy.delivery_id for copy in copies if copy.delivery_id}
    behind: dict[int, list[int]] = defaultdict(list)
    body_of: dict[int, str] = {}
    for copy_id, delivery_id, channel, body in db.session.execute(
        select(Recipient.id, Delivery.id, Delivery.channel, Delivery.body)
        .join(Recipient.delivery)
        .where(Delivery.id.in_(wanted))
    ).tuples():
        behind[delivery_id].append(copy_id)
        # A letter ends with a paragraph of its own: whom it is about, and who signs.
        body_of[delivery_id] = body if channel == "sms" else body.rpartition("\n\n")[0]
    told = {ids[0]: body_of[number] for number, ids in behind.items() if len(ids) == 1}
    return told | _to_be_said([copy.id for copy in copies if not copy.delivery_id])


def _to_be_said(copy_ids: Collection[int]) -> dict[int, str]:
    said: dict[int, list[str]] = defaultdict(list)
    for copy_id, text in db.session.execute(
        select(Recipient.id, SheetRow.in_person)
        .join(RecipientPupil, RecipientPupil.recipient_id == Recipient.id)
        .join(
            SheetRow,
            and_(
                SheetRow.pupil_id == RecipientPupil.pupil_id,
                SheetRow.announcement_id == Recipient.announcement_id,
            ),
        )
        .where(Recipient.id.in_(copy_ids), SheetRow.in_person != "")
        .order_by(SheetRow.number)
    ).tuples():
        said[copy_id].append(text)
    return {copy_id: "\n".join(texts) for copy_id, texts in said.items()}
