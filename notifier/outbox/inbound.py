"""What comes from the other side: a parent's message, and the wish to be left in peace."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update

from notifier.database import db, insert_into
from notifier.models import Inbound, Suppression


def receive(
    *,
    provider: str,
    provider_ref: str,
    sender: str,
    body: str,
    now: datetime,
    recipient: str = "",
    channel: str = "sms",
) -> Inbound | None:
    """Store a message from a parent and commit; None when the provider told us of it before."""
    statement = insert_into(Inbound).on_conflict_do_nothing(index_elements=["provider_ref"])
    statement = statement.values(
        provider=provider,
        provider_ref=provider_ref,
        channel=channel,
        sender=sender,
        recipient=recipient,
        body=body,
        received_at=now,
    )
    new = db.session.execute(statement.returning(Inbound.id)).scalar()
    db.session.commit()
    return None if new is None else db.session.get(Inbound, new)


def suppress(channel: str, address: str, reason: str, now: datetime) -> None:
    """Write nothing more to `address`, in the caller's transaction; the first reason stays."""
    statement = insert_into(Suppression).on_conflict_do_nothing(index_elements=["channel", "address"])
    db.session.execute(statement.values(channel=channel, address=address, reason=reason, created_at=now))


def say_farewell(channel: str, address: str, delivery_id: int) -> None:
    """Let this one delivery leave for an address that is suppressed: it confirms the wish for silence."""
    db.session.execute(
        update(Suppression)
        .where(Suppression.channel == channel, Suppression.address == address)
        .values(farewell_id=delivery_id)
        .execution_options(synchronize_session=False)
    )


def unsuppress(channel: str, address: str, *, unless: str = "", only: str = "") -> None:
    """Let `address` be written to again, in the caller's transaction.

    Not one that is suppressed for the reason `unless`, and with `only` none that is for another one.
    """
    statement = delete(Suppression).where(
        Suppression.channel == channel, Suppression.address == address, Suppression.reason != unless
    )
    db.session.execute(statement.where(Suppression.reason == only) if only else statement)
