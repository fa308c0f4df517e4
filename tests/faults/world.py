"""A small world for the outbox: workers whose any step can be the last, and a provider that is right.

Nothing runs by itself here. Each method is one step of one party, so a test (or Hypothesis) decides which
comes next; time is a number that only `pass_time` and `jump` move.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum

from sqlalchemy import Engine, delete, select, text

from notifier import outbox, policy
from notifier.database import db
from notifier.lane import GUARD
from notifier.message import Fault, Listing, Message, Outcome, Receipt
from notifier.models import TRANSITIONS, Attempt, Delivery, ProviderPause, State, Suppression
from notifier.outbox import Again, Answer, Check, Claimed, Looked, Polled, Released, Sent

BEGINNING = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
POLLS = policy.POLL_LADDER
# A delivery in one of these needs nothing more from the engine.
AT_REST = {
    State.ACCEPTED,
    State.DELIVERED,
    State.UNDELIVERED,
    State.FAILED,
    State.SUPPRESSED,
    State.EXPIRED,
    State.CANCELLED,
    State.NEEDS_HUMAN,
}


class Fate(Enum):
    """What happens to one request, and to the message of a request that was taken."""

    TAKEN = "taken, and the answer says so"
    TAKEN_UNSEEN = "taken, and the answer is lost"
    LOST = "not taken, and the answer is lost"
    TOO_MANY = "not taken: 429"
    REFUSED = "not taken: no such number"


class End(Enum):
    """What becomes of a message that the provider took."""

    DELIVERED = "delivered"
    SWITCHED_OFF = "undelivered: the phone is off"
    QUEUE_FULL = "undelivered: a queue was full"


ENDS = {
    End.DELIVERED: Receipt(outcome=Outcome.DELIVERED),
    End.SWITCHED_OFF: Receipt(outcome=Outcome.UNDELIVERED, code="30003", fault=Fault.HANDSET_OFF),
    End.QUEUE_FULL: Receipt(outcome=Outcome.UNDELIVERED, code="30001", fault=Fault.CAPACITY),
}


@dataclass(frozen=True)
class Taken:
    """A message that the provider took: whatever we believe, this one is on its way to a person."""

    sid: str
    ref: str
    words: tuple[str, str]  # address and text
    at: float
    end: End

    def receipt(self, outcome: Outcome) -> Receipt:
        """What a callback says of it on its way up; any final outcome stands for its own end."""
        if outcome in {Outcome.ACCEPTED, Outcome.SENT}:
            return Receipt(outcome=outcome, provider_ref=self.sid)
        end = ENDS[self.end]
        return Receipt(outcome=end.outcome, code=end.code, fault=end.fault, provider_ref=self.sid)


@dataclass
class Hand:
    """What one worker holds in memory, and loses when it dies."""

    name: str
    claimed: list[tuple[Claimed, float]] = field(default_factory=list)  # not yet marked; with the uptime
    ready: list[tuple[Claimed, float]] = field(default_factory=list)  # marked: may leave
    answers: list[Answer] = field(default_factory=list)  # not yet written down
    checks: list[Check] = field(default_factory=list)

    def empty(self) -> None:
        for held in (self.claimed, self.ready, self.answers, self.checks):
            held.clear()


class World:
    """Database, provider and two workers; every method is one step."""

    guard = GUARD
    unclear = Outcome.UNCERTAIN  # what a lost answer is taken for

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.uptime = 0.0
        self.offset = timedelta()  # of our clock; the provider's is right
        self.lag = 0.0  # seconds until a taken message is on the provider's list
        self.taken: list[Taken] = []
        self.hands = [Hand("one"), Hand("two")]
        self.posted: Counter[tuple[str, str]] = Counter()
        self.refused: set[str] = set()
        self.silent: set[str] = set()
        self.withdrawn: set[int] = set()
        self._numbers = itertools.count(1)
        self._clean()

    # Time.

    @property
    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=self.uptime) + self.offset

    def pass_time(self, seconds: float) -> None:
        self.uptime += seconds

    def jump(self, by: timedelta) -> None:
        self.offset += by

    # The school.

    def post(self, address: str, body: str, *, urgent: bool = False, lasts: timedelta | None = None) -> None:
        key = f"key-{next(self._numbers)}"
        post = outbox.Post(
            dedupe_key=key,
            channel="sms",
            address=address,
            body=body,
            priority=outbox.URGENT if urgent else outbox.ROUTINE,
            expires_at=None if lasts is None else self.now + lasts,
        )
        outbox.post([post], self.now)
        db.session.commit()
        self.posted[address, body] += 1

    def cancel(self, id_: int) -> None:
        outbox.cancel([id_], self.now)
        db.session.commit()
        self.withdrawn.add(id_)

    def suppress(self, address: str) -> None:
        self.silent.add(address)
        outbox.suppress("sms", address, "opted_out", self.now)
        db.session.commit()

    # A worker.

    def claim(self, hand: Hand, limit: int) -> None:
        since = self.uptime
        found = outbox.claim(self.engine, channel="sms", limit=limit, owner=hand.name, now=self.now)
        hand.claimed += [(c, since) for c in found]

    def depart(self, hand: Hand) -> None:
        leaving = outbox.depart(self.engine, [c for c, _ in hand.claimed], self.now)
        assert not leaving & self.withdrawn, "what was taken back leaves all the same"
        hand.ready += [held for held in hand.claimed if held[0].id in leaving]
        hand.claimed = []

    def send(self, hand: Hand, fate: Fate, end: End = End.DELIVERED) -> None:
        """Let the first ready message leave, or give it back when it is too late for that."""
        claimed, since = hand.ready.pop(0)
        if self.uptime - since > self.guard:
            hand.answers.append(Released(claimed.id, claimed.epoch, "too old", departed=True))
            return
        sid = None
        if fate in {Fate.TAKEN, Fate.TAKEN_UNSEEN}:
            sid = f"SM{next(self._numbers):04}"
            words = (claimed.address, claimed.body)
            self.taken.append(Taken(sid, claimed.ref, words, self.uptime, end))
        receipt = {
            Fate.TAKEN: Receipt(outcome=Outcome.ACCEPTED, provider_ref=sid),
            Fate.TAKEN_UNSEEN: Receipt(outcome=self.unclear, code="lost"),
            Fate.LOST: Receipt(outcome=self.unclear, code="lost"),
            Fate.TOO_MANY: Receipt(outcome=Outcome.RETRY, code="20429"),
            Fate.REFUSED: Receipt(outcome=Outcome.REFUSED, code="21211", fault=Fault.BAD_ADDRESS),
        }[fate]
        if fate is Fate.REFUSED:
            self.refused.add(claimed.ref)
        hand.answers.append(Sent(claimed.id, claimed.epoch, "model", receipt))

    def give_back(self, hand: Hand) -> None:
        """Stop as SIGTERM asks for: what has not left goes back to the table."""
        hand.answers += [Released(c.id, c.epoch, "stopped", departed=False) for c, _ in hand.claimed]
        hand.answers += [Released(c.id, c.epoch, "stopped", departed=True) for c, _ in hand.ready]
        hand.claimed, hand.ready = [], []

    def settle(self, hand: Hand, count: int) -> None:
        """Write down the oldest answers."""
        batch, hand.answers = hand.answers[:count], hand.answers[count:]
        outbox.settle(self.engine, batch, self.now, {"sms": POLLS})

    def claim_checks(self, hand: Hand) -> None:
        # PostgreSQL names them in any order, and a life must be told again the same.
        found = outbox.claim_checks(self.engine, ["sms"], 4, self.now)
        hand.checks += sorted(found, key=lambda check: check.id)

    def ask(self, hand: Hand, there: bool = True) -> None:
        """Ask the provider about the first check; `there`: it answers."""
        check = hand.checks.pop(0)
        if check.state is State.ACCEPTED:
            hand.answers.append(Polled(check.id, check.epoch, self._told(check) if there else None))
        elif check.state is State.UNDELIVERED:
            hand.answers.append(Again(check.id, check.epoch))
        else:
            listing = self._listed(check.message, check.since) if there else None
            hand.answers.append(Looked(check.id, check.epoch, listing))

    def sweep(self) -> None:
        outbox.sweep(self.engine, self.now)

    # The provider.

    def call_back(self, message: Taken, outcome: Outcome) -> None:
        outbox.settle_receipt(message.ref, message.receipt(outcome), self.now)

    def _told(self, check: Check) -> Receipt | None:
        found = [m for m in self.taken if m.sid == check.provider_ref]
        return found[0].receipt(Outcome.DELIVERED) if found else None

    def _listed(self, message: Message, since: datetime) -> Listing:
        """What the list has of what was taken with this address and text, as far as it is up to date."""
        refs = [
            m.sid
            for m in self.taken
            if m.words == (message.address, message.body)
            and m.at + self.lag <= self.uptime
            and BEGINNING + timedelta(seconds=m.at) >= since - timedelta(minutes=1)
        ]
        return Listing(refs, BEGINNING + timedelta(seconds=self.uptime))

    # What must hold.

    def rows(self) -> list[Delivery]:
        found = list(db.session.scalars(select(Delivery).order_by(Delivery.id)))
        db.session.expunge_all()
        db.session.rollback()
        return found

    def nobody_got_it_twice(self) -> None:
        # Two messages with the same words to the same person may be taken for each other, which harms nobody.
        # What met a full queue did not arrive, and is the one thing that is meant to be sent again.
        arriving = Counter(m.words for m in self.taken if m.end is not End.QUEUE_FULL)
        for words, count in arriving.items():
            assert count <= self.posted[words], f"{words} was sent {count} times"

    def only_moves_of_the_table(self) -> None:
        with self.engine.begin() as connection:
            moves = [(State(a), State(b)) for a, b in connection.execute(text("SELECT old, new FROM moves"))]
            connection.execute(text("DELETE FROM moves"))
        for old, new in moves:
            assert new in TRANSITIONS[old], f"{old} → {new} is not in the table"

    def nothing_is_lost(self) -> None:
        """After `come_to_rest`: what we say of every delivery is true."""
        sent = {m.words for m in self.taken}
        for row in self.rows():
            words, told = (row.address, row.body), f"delivery {row.id} is {row.state}"
            assert row.state in AT_REST, f"{told} and waits for nothing"
            if row.state in {State.ACCEPTED, State.DELIVERED, State.UNDELIVERED}:
                assert words in sent, f"{told}, but was never taken"
            elif row.state is State.FAILED:
                assert row.ref in self.refused, f"{told}, but was never refused"
            elif row.state is State.EXPIRED:
                assert row.expires_at is not None, told
                assert row.expires_at <= self.now, f"{told} before its time"

    def come_to_rest(self) -> int:
        """Let one healthy worker go on until nothing is left to do; return the rounds it took."""
        for hand in self.hands:
            hand.empty()
        hand = Hand("healthy")
        for rounds in range(200):
            self.sweep()
            self.claim(hand, 100)
            self.depart(hand)
            self.claim_checks(hand)
            while hand.ready:
                self.send(hand, Fate.TAKEN)
            while hand.checks:
                self.ask(hand)
            if not hand.answers and all(row.state in AT_REST for row in self.rows()):
                return rounds
            while hand.answers:
                self.settle(hand, 100)
            soonest = outbox.next_due(self.engine, ["sms"])
            leases = [r.lease_until for r in self.rows() if r.state is State.SENDING and r.lease_until]
            soonest = min([*leases, *([soonest] if soonest else [])], default=self.now)
            self.pass_time(max((soonest - self.now).total_seconds(), 1.0))
        raise AssertionError(f"no rest: {[(r.id, r.state) for r in self.rows() if r.state not in AT_REST]}")

    def _clean(self) -> None:
        db.session.rollback()
        with self.engine.begin() as connection:
            for table in (Attempt, Delivery, Suppression, ProviderPause):
                connection.execute(delete(table))
            connection.execute(text("DELETE FROM moves"))


WATCH = {
    "sqlite": [
        "CREATE TABLE moves (old TEXT, new TEXT)",
        """CREATE TRIGGER watch AFTER UPDATE OF state ON deliveries WHEN old.state <> new.state
           BEGIN INSERT INTO moves VALUES (old.state, new.state); END""",
    ],
    "postgresql": [
        "CREATE TABLE moves (old TEXT, new TEXT)",
        """CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN INSERT INTO moves VALUES (old.state, new.state); RETURN NULL; END $$""",
        """CREATE TRIGGER watch AFTER UPDATE OF state ON deliveries FOR EACH ROW
           WHEN (old.state <> new.state) EXECUTE FUNCTION watch()""",
    ],
}


def watch_moves(engine: Engine) -> Iterator[None]:
    """Have the database itself write down every move of a state, whoever makes it."""
    with engine.begin() as connection:
        for statement in WATCH[engine.dialect.name]:
            connection.exec_driver_sql(statement)
    yield
