"""E-mail where real messages leave and no MAIL_SERVER is set: refused, so that nobody takes it for sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from notifier.message import Fault, Message, Outcome, Receipt


class NoMailServer:
    """Refuses every e-mail: its family shows among those not reached, and somebody calls."""

    name = "email"
    provider = "none"
    in_flight = 32
    poll_ladder: Sequence[timedelta] = ()
    repeatable = True  # nothing ever left: what is in doubt may be tried again

    async def send(self, message: Message) -> Receipt:
        return Receipt(
            outcome=Outcome.REFUSED,
            code="no_mail_server",
            reason="MAIL_SERVER is not set",
            fault=Fault.OUR_ACCOUNT,
        )

    async def check(self, provider_ref: str) -> Receipt | None:
        return None

    async def find(self, message: Message, since: datetime) -> None:
        return None

    async def close(self) -> None:
        pass
