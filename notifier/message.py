"""What the engine and its channels say to each other: frozen values, no database, no web."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

# Bytes of files from which on a letter is heavy: it takes a second or more on a school's line.
HEAVY = 128 * 1024


class Outcome(StrEnum):
    """What became of a message, as far as its provider can say: a closed set, one interpreter (`outbox`)."""

    ACCEPTED = "accepted"  # the provider took it
    SENT = "sent"  # it left the provider
    DELIVERED = "delivered"  # it reached the handset or mailbox
    UNDELIVERED = "undelivered"  # it was accepted and did not arrive
    RETRY = "retry"  # certainly not processed: try again later
    UNCERTAIN = "uncertain"  # nobody knows whether it was processed
    REFUSED = "refused"  # certainly not processed, and never will be
    OPTED_OUT = "opted_out"  # the person asked this provider for silence
    PAUSE = "pause"  # our account is at fault: nothing will go until a person acts


class Fault(StrEnum):
    """Why a message did not arrive, in a family's terms; the pages have a sentence for each."""

    BAD_ADDRESS = "bad_address"  # no such number, landline, no such mailbox
    NO_ROUTE = "no_route"
    OPTED_OUT = "opted_out"
    OUR_MESSAGE = "our_message"  # the text itself was not acceptable
    OUR_ACCOUNT = "our_account"  # no money, wrong credentials, sender not allowed
    CAPACITY = "capacity"  # a queue or cap was full
    FILTERED = "filtered"
    HANDSET_OFF = "handset_off"
    MAY_HAVE_ARRIVED = "may_have_arrived"
    TEMPORARY = "temporary"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that goes with letters; `key` names it and its content."""

    key: str
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Stationery:
    """What many letters have in common: their language, who writes, how to stop them, their files."""

    language: str = ""
    heading: str = ""
    stop: str = ""  # the words of the link by which a reader asks for no more
    enclosures: tuple[Enclosed, ...] = ()

    @property
    def is_heavy(self) -> bool:
        """Whether its files weigh so much that few such letters may be under way at once, each for longer."""
        return sum(len(file.content) for file in self.enclosures) > HEAVY


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one address, finished: a channel only carries it."""

    ref: str  # ours: random, unique; rides in callback addresses and where a reader stops letters
    address: str  # E.164 number or e-mail address
    body: str
    subject: str = ""
    attempt: int = 1
    stationery: Stationery | None = None  # of a letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a provider says became of a message: the answer to a send, a callback or a question."""

    outcome: Outcome
    provider_ref: str | None = None
    code: str = ""
    reason: str = ""  # the provider's words, without numbers or texts
    fault: Fault | None = None
    price: Decimal | None = None
    retry_after: float | None = None  # seconds


@dataclass(frozen=True, slots=True)
class Listing:
    """What a provider's list of messages has of one that we are in doubt about."""

    refs: Sequence[str]  # the provider's, with this address and body
    # By the provider's own clock: ours may jump, and with it how long a message seems to be absent.
    read_at: datetime
