"""What a channel is, and which channels this installation has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from config import Settings
from notifier.message import Listing, Message, Receipt


class Channel(Protocol):
    """Carries finished messages to one kind of address and says what became of them.

    An expected failure is a Receipt; an exception is a bug. A channel retries nothing by itself.
    """

    name: str  # "sms" | "email": what a Delivery's `channel` says
    provider: str  # "twilio", "sandbox", "smtp": what a Delivery's `provider` says
    in_flight: int  # how many sends may be under way at once from one process
    poll_ladder: Sequence[timedelta]  # after these times without a receipt, `check` is worth asking
    repeatable: bool  # the same ref sent twice shows once (a Message-ID): resend instead of asking `find`

    async def send(self, message: Message) -> Receipt:
        """Hand `message` to the provider, once."""

    async def check(self, provider_ref: str) -> Receipt | None:
        """Ask what became of an accepted message; None when the provider cannot say now."""

    async def find(self, message: Message, since: datetime) -> Listing | None:
        """List what the provider took with this address and body since then; None: no answer now."""

    async def close(self) -> None:
        """Let connections go."""


def build(settings: Settings) -> dict[str, Channel]:
    """The channels of this installation by name."""
    from notifier.channels.email import Email
    from notifier.channels.no_mail_server import NoMailServer
    from notifier.channels.sandbox import SandboxEmail, SandboxSms
    from notifier.channels.sms_twilio import TwilioSms

    sms: Channel = SandboxSms() if settings.sandbox else TwilioSms.from_settings(settings)
    email: Channel
    if settings.mail_leaves:
        email = Email.from_settings(settings)
    else:
        # The sandbox shows e-mail on its pages; beside real SMS nothing may pretend.
        email = SandboxEmail() if settings.sandbox else NoMailServer()
    return {channel.name: channel for channel in (sms, email)}
