"""What publishing an announcement would do, found without writing anything: the review shows it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from notifier.database import db
from webapp.announcements.asks import NOTHING, Asks
from webapp.announcements.audience.find import audience_for, audience_of
from webapp.announcements.audience.households import Audience, Envelope
from webapp.announcements.back.set_right import where_told
from webapp.announcements.desk.sendable import flaws_of_kind
from webapp.announcements.duty import phone_on_duty
from webapp.announcements.flaws import Flaw, flaws
from webapp.announcements.models import Announcement
from webapp.announcements.render import Finished, all_finished
from webapp.staff.models import School


@dataclass(frozen=True, slots=True)
class Terms:
    """When one message may leave and until when it is of use; its key is posted once, whoever tries again."""

    dedupe_key: str
    not_before: datetime
    expires_at: datetime | None = None
    quiet: tuple[datetime, datetime] | None = None  # from when until when it must not ring, every day


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing an announcement would do: the review shows it, `publish` does it.

    Each message is its phone's own; `terms`, by contact point, say where one has its own hours, too.
    """

    school: School
    audience: Audience
    messages: list[tuple[Envelope, Finished]]
    terms: Mapping[int, Terms] = field(default_factory=dict)

    @property
    def segments(self) -> int:
        """All its SMS parts."""
        return sum(message.segments for _, message in self.messages)

    def told_by(self, channel: str) -> int:
        """How many families it tells in this way."""
        return sum(len(envelope.households) for envelope, m in self.messages if m.channel == channel)


def plan(announcement: Announcement, now: datetime) -> Plan:
    """Find the audience and write every message, as things stand now; writes nothing."""
    school = db.session.get_one(School, announcement.school_id)
    audience = audience_for(announcement, now)
    if announcement.corrects:
        audience = where_told(audience, announcement.corrects, school)
    call = phone_on_duty(school, now) if announcement.urgent and not announcement.without_duty else ""
    return planned_for(school, announcement.texts, audience, Asks.of(announcement), call)


def against(announcement: Announcement, intended: Plan, now: datetime) -> list[Flaw]:
    """Name all that stands against sending it so: the review says it, `publish` refuses it."""
    found = flaws(intended.school, announcement.texts, intended.audience, Asks.of(announcement))
    return found + flaws_of_kind(announcement, intended.audience, now)


def planned(school: School, texts: dict[str, str], class_ids: Collection[int], asks: Asks = NOTHING) -> Plan:
    """Plan a text for all families of these classes."""
    return planned_for(school, texts, audience_of(school, class_ids), asks)


def planned_for(
    school: School, texts: dict[str, str], audience: Audience, asks: Asks = NOTHING, call: str = ""
) -> Plan:
    """Plan a text that is not even a draft yet; `call`: a phone to put at its foot."""
    return Plan(school, audience, all_finished(school, texts, audience.envelopes(), asks, call))
