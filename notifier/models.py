"""The engine's tables, and the one table of what a delivery may become."""

from __future__ import annotations

import secrets
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Enum,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from notifier.database import Base
from notifier.message import Fault

BigId = BigInteger().with_variant(Integer, "sqlite")


class State(StrEnum):
    """Where a delivery stands; the README draws how it gets from one to the next."""

    PENDING = "pending"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    NEEDS_HUMAN = "needs_human"


# A receipt can overtake the answer to the request it belongs to, so `sending` may jump to the end; and it can
# come so late that the message already waits for its next try, which must then not happen.
TRANSITIONS: dict[State, frozenset[State]] = {
    State.PENDING: frozenset(
        {
            State.SENDING,
            State.ACCEPTED,
            State.DELIVERED,
            State.UNDELIVERED,
            State.SUPPRESSED,
            State.EXPIRED,
            State.CANCELLED,
        }
    ),
    State.SENDING: frozenset(
        {
            State.PENDING,
            State.UNCERTAIN,
            State.ACCEPTED,
            State.DELIVERED,
            State.UNDELIVERED,
            State.FAILED,
            State.SUPPRESSED,
            State.EXPIRED,
        }
    ),
    # An answer that comes after its lease has lapsed still says what it says.
    State.UNCERTAIN: frozenset(
        {
            State.PENDING,
            State.ACCEPTED,
            State.DELIVERED,
            State.UNDELIVERED,
            State.FAILED,
            State.SUPPRESSED,
            State.NEEDS_HUMAN,
        }
    ),
    State.NEEDS_HUMAN: frozenset(
        {State.PENDING, State.ACCEPTED, State.DELIVERED, State.UNDELIVERED, State.CANCELLED}
    ),
    State.ACCEPTED: frozenset({State.DELIVERED, State.UNDELIVERED}),
    # Only a queue or cap that was full sends an undelivered message once more.
    State.UNDELIVERED: frozenset({State.DELIVERED, State.PENDING}),
    State.DELIVERED: frozenset(),
    State.FAILED: frozenset(),
    State.SUPPRESSED: frozenset(),
    State.EXPIRED: frozenset(),
    State.CANCELLED: frozenset(),
}


def _words(kind: type[StrEnum], length: int = 20) -> Enum:
    """A column type that stores an enum's value as a plain string on both databases."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=length,
        values_callable=lambda k: [m.value for m in k],
    )


def new_ref() -> str:
    """A random public name for a delivery: unguessable, fit for an address."""
    return secrets.token_urlsafe(16)


class Delivery(Base):
    """One message to one address on one channel: the engine's unit of work."""

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True, default=new_ref)
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(255), default="")
    body: Mapped[str] = mapped_column(Text)
    # Of a letter. Papers are never deleted, so no row of a hundred thousand is checked against them.
    paper_id: Mapped[int | None]
    segments: Mapped[int] = mapped_column(default=1)
    priority: Mapped[int] = mapped_column(default=0)  # higher goes first: 0 routine, 10 urgent
    state: Mapped[State] = mapped_column(_words(State), default=State.PENDING)
    epoch: Mapped[int] = mapped_column(default=0)
    owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime]
    # The quiet hours after `not_before`, and each day again, in which it must not ring; None: at any hour.
    quiet_from: Mapped[datetime | None]
    quiet_until: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    # When it was taken back although it had left, or was leaving: it must not leave once more.
    withdrawn_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_attempt_at: Mapped[datetime | None]
    # When the provider's list was first without it, by the provider's clock; looks whose absence counted.
    absent_since: Mapped[datetime | None]
    absent_checks: Mapped[int] = mapped_column(default=0)
    checks: Mapped[int] = mapped_column(default=0)
    next_check_at: Mapped[datetime | None]
    provider: Mapped[str | None] = mapped_column(String(16))
    provider_ref: Mapped[str | None] = mapped_column(String(64), unique=True)
    fault: Mapped[Fault | None] = mapped_column(_words(Fault))
    error_code: Mapped[str | None] = mapped_column(String(32))
    error_text: Mapped[str | None] = mapped_column(String(255))
    price: Mapped[Decimal | None] = mapped_column(Numeric(12, 5))
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]  # when the state last became a final one

    __table_args__ = (
        # What is due, urgent first: partial, so that a million finished rows cost a claim nothing.
        Index(
            "ix_deliveries_due",
            "channel",
            "priority",
            "not_before",
            "id",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "ix_deliveries_expiry",
            "expires_at",
            sqlite_where=text("state IN ('pending', 'uncertain')"),
            postgresql_where=text("state IN ('pending', 'uncertain')"),
        ),
        Index(
            "ix_deliveries_leases",
            "lease_until",
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
        Index(
            "ix_deliveries_checks",
            "channel",
            "next_check_at",
            sqlite_where=text("next_check_at IS NOT NULL"),
            postgresql_where=text("next_check_at IS NOT NULL"),
        ),
        Index(
            "ix_deliveries_in_doubt",
            "id",
            sqlite_where=text("state = 'needs_human'"),
            postgresql_where=text("state = 'needs_human'"),
        ),
        Index(
            "ix_deliveries_withdrawn",
            "withdrawn_at",
            sqlite_where=text("state = 'pending' AND withdrawn_at IS NOT NULL"),
            postgresql_where=text("state = 'pending' AND withdrawn_at IS NOT NULL"),
        ),
        Index("ix_deliveries_address", "channel", "address", "created_at"),
    )


class Attempt(Base):
    """One try to send a delivery, and how it ended; rows are only ever added."""

    __tablename__ = "attempts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), index=True)
    epoch: Mapped[int]
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(24))  # an Outcome, or what the sweep found
    state: Mapped[State] = mapped_column(_words(State))  # what the delivery became
    code: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str | None] = mapped_column(String(255))


class Inbound(Base):
    """A message that came from a parent; `handled_at` is set once the school has read its meaning."""

    __tablename__ = "inbound"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider: Mapped[str] = mapped_column(String(16))
    provider_ref: Mapped[str] = mapped_column(String(64), unique=True)
    channel: Mapped[str] = mapped_column(String(16), default="sms")
    sender: Mapped[str] = mapped_column(String(254), index=True)
    recipient: Mapped[str] = mapped_column(String(254), default="")
    body: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]


class Suppression(Base):
    """An address that must not be written to, and why."""

    __tablename__ = "suppressions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(String(32))  # opted_out | unsubscribed | blocked
    created_at: Mapped[datetime]
    # The one delivery that may still leave: it confirms the wish.
    farewell_id: Mapped[int | None] = mapped_column(BigId)

    __table_args__ = (UniqueConstraint("channel", "address"),)


class ProviderPause(Base):
    """A provider that must rest until a person has mended our account with it."""

    __tablename__ = "provider_pauses"

    provider: Mapped[str] = mapped_column(String(16), primary_key=True)
    since: Mapped[datetime]
    code: Mapped[str] = mapped_column(String(32), default="")
    reason: Mapped[str] = mapped_column(String(255), default="")
