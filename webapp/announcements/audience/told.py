"""How many families are told and how, for the line that stands wherever an audience is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.announcements.audience.households import Audience


@dataclass(frozen=True, slots=True)
class Told:
    families: int
    phones: int
    emails: int
    without_address: int
    left_out: int


def told(audience: Audience) -> Told:
    """Count an audience: its families, and the messages they get."""
    channels = [envelope.to.channel for envelope in audience.envelopes()]
    return Told(
        families=len(audience.households),
        phones=channels.count("sms"),
        emails=channels.count("email"),
        without_address=len(audience.without_address),
        left_out=audience.left_out,
    )
