"""The outbox against a model provider, in whatever order two workers, crashes, time and receipts can come.

Hypothesis plays all parties. After every step nobody was texted twice and no state moved off the table; when
all is over, nothing is lost. The control runs show that this can fail: each spoils one rule of the protocol.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import update
from sqlalchemy.pool import StaticPool

from config import read_settings
from notifier import policy
from notifier.database import db
from notifier.message import Outcome
from notifier.models import Delivery, State
from tests.faults.conftest import SOAK
from tests.faults.world import End, Fate, Hand, World, watch_moves

# What can happen: a name, how often, and how.
Things = dict[str, tuple[int, Callable[[], None]]]

pytestmark = pytest.mark.slow

HANDS = st.sampled_from([lambda world: world.hands[0], lambda world: world.hands[1]])
NUMBERS = st.sampled_from(["+996555000101", "+996555000102"])
TEXTS = st.sampled_from(["Эртең сабак жок", "Сабак 9:00дө"])
FATES, ENDINGS = st.sampled_from(Fate), st.sampled_from(End)
OUTCOMES = st.sampled_from([Outcome.ACCEPTED, Outcome.SENT, Outcome.DELIVERED])
RARELY = st.sampled_from([False] * 7 + [True])
LASTS = st.sampled_from([None, None, timedelta(hours=1)])
# Within a lease, over half of it, over it, over the time after which absence counts, over an expiry.
SPANS = st.sampled_from([0.5, 5.0, 31.0, 61.0, 62.0, 601.0, 3 * 3600.0])


class AnyOrder(RuleBasedStateMachine):
    """One thing after another happens, to anybody.

    Nearly everything is in one rule, because Hypothesis leaves some rules out of every life: then hardly a
    message would live through a whole story.
    """

    world_class = World

    def __init__(self) -> None:
        super().__init__()
        self.world = self.world_class(db.engine)

    @initialize(number=NUMBERS, body=TEXTS)
    def there_is_something_to_do(self, number: str, body: str) -> None:
        self.world.post(number, body)

    @rule(data=st.data())
    def something_happens(self, data: st.DataObject) -> None:
        """Draw one of all the things that can happen now.

        Hypothesis likes the first of a list, so what carries a story on comes first.
        """
        hand = data.draw(HANDS)(self.world)
        rows = self.world.rows()
        things = self._work(hand, rows, data) | self._world(rows, data) | self._faults(hand)
        name = data.draw(
            st.sampled_from([name for name, (weight, _) in things.items() for _ in range(weight)])
        )
        note(f"{hand.name}: {name}")
        things[name][1]()

    def _work(self, hand: Hand, rows: Sequence[Delivery], data: st.DataObject) -> Things:
        """What a worker can do with what it holds and finds."""
        world, now = self.world, self.world.now
        steps: Things = {}
        if hand.ready:
            steps["let one leave"] = (6, lambda: world.send(hand, data.draw(FATES), data.draw(ENDINGS)))
        if hand.claimed:
            steps["mark departures"] = (6, lambda: world.depart(hand))
        if hand.checks:
            steps["ask"] = (6, lambda: world.ask(hand, data.draw(st.sampled_from([True, True, False]))))
        if hand.answers:
            steps["write answers down"] = (4, lambda: world.settle(hand, data.draw(st.integers(1, 3))))
        if any(row.state is State.PENDING and row.not_before <= now for row in rows):
            steps["claim"] = (4, lambda: world.claim(hand, 2))
        if any(row.next_check_at is not None and row.next_check_at <= now for row in rows):
            steps["take checks"] = (4, lambda: world.claim_checks(hand))
        if any(row.lease_until is not None and row.lease_until <= now for row in rows):
            steps["sweep"] = (2, world.sweep)
        return steps

    def _world(self, rows: Sequence[Delivery], data: st.DataObject) -> Things:
        world = self.world
        things: Things = {"time passes": (2, lambda: world.pass_time(data.draw(SPANS)))}
        if world.taken:
            things["a receipt comes"] = (
                2,
                lambda: world.call_back(data.draw(st.sampled_from(world.taken)), data.draw(OUTCOMES)),
            )
        if len(rows) < 8:
            things["post"] = (
                2,
                lambda: world.post(
                    data.draw(NUMBERS),
                    data.draw(TEXTS),
                    urgent=data.draw(st.booleans()),
                    lasts=data.draw(LASTS),
                ),
            )
        ids = [row.id for row in rows]
        if ids and data.draw(RARELY):
            things["take back"] = (1, lambda: world.cancel(data.draw(st.sampled_from(ids))))
        if not world.silent and data.draw(RARELY):
            things["a person asks for silence"] = (1, lambda: world.suppress(data.draw(NUMBERS)))
        return things

    def _faults(self, hand: Hand) -> Things:
        faults: Things = {}
        if hand.claimed or hand.ready or hand.answers or hand.checks:
            faults["die"] = (2, hand.empty)
        if hand.claimed or hand.ready:
            faults["be asked to stop"] = (1, lambda: self.world.give_back(hand))
        return faults

    @precondition(lambda self: not self.world.lag)
    @rule(lag=st.sampled_from([30.0, 300.0, 590.0]))
    def the_list_falls_behind(self, lag: float) -> None:
        self.world.lag = lag

    @precondition(lambda self: not self.world.offset)
    @rule(hours=st.sampled_from([3, -3]))
    def the_clock_jumps(self, hours: int) -> None:
        self.world.jump(timedelta(hours=hours))

    @invariant()
    def nobody_got_it_twice(self) -> None:
        self.world.nobody_got_it_twice()

    @invariant()
    def only_moves_of_the_table(self) -> None:
        self.world.only_moves_of_the_table()

    def teardown(self) -> None:
        self.world.come_to_rest()
        self.world.nobody_got_it_twice()
        self.world.only_moves_of_the_table()
        self.world.nothing_is_lost()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[None]:
    """The engine's tables alone: on SQLite in memory, which is what makes thousands of lives affordable."""
    app = Flask("notifier")
    if request.param == "sqlite":
        url, options = "sqlite://", {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    else:
        url, options = request.getfixturevalue("postgresql").url(), {}
    real = dataclasses.replace(
        read_settings({"SECRET_KEY": "for tests alone, for tests"}), sms_provider="twilio"
    )
    app.config.update(SETTINGS=real, SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=options)
    db.init_app(app)
    with app.app_context():
        names = {"deliveries", "attempts", "inbound", "suppressions", "provider_pauses"}
        tables = [t for t in Delivery.metadata.sorted_tables if t.name in names]
        Delivery.metadata.create_all(db.engine, tables=tables)
        yield from watch_moves(db.engine)
        db.session.remove()
        db.engine.dispose()


def lives(count: int, **more: Any) -> settings:
    return settings(
        max_examples=count,
        stateful_step_count=60,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        **more,
    )


@pytest.mark.timeout(7200 if SOAK else 120)
def test_nothing_is_lost_and_nobody_is_texted_twice(engine: None) -> None:
    short = 40 if db.engine.dialect.name == "sqlite" else 10
    run_state_machine_as_test(AnyOrder, settings=lives(short * (50 if SOAK else 1)))


# What each control run spoils, and how many lives it takes at most to notice.


def lapsed_means_pending(_patch: pytest.MonkeyPatch) -> type[World]:
    """The naive way: what a dead worker held is simply sent again."""

    class Naive(World):
        def sweep(self) -> None:
            with self.engine.begin() as connection:
                connection.execute(
                    update(Delivery)
                    .where(Delivery.state == State.SENDING, Delivery.lease_until <= self.now)
                    .values(state=State.PENDING, lease_until=None)
                )
            super().sweep()

    return Naive


def a_lost_answer_means_pending(_patch: pytest.MonkeyPatch) -> type[World]:
    """A 5xx or a timeout is taken for a refusal."""
    return type("Careless", (World,), {"unclear": Outcome.RETRY})


def absence_counts_at_once(patch: pytest.MonkeyPatch) -> type[World]:
    """The first look at a list that may be late is believed."""
    patch.setattr(policy, "ABSENCE_COUNTS_AFTER", timedelta())
    patch.setattr(policy, "ABSENT_LOOKS", 1)
    return World


def a_frozen_worker_sends_late(_patch: pytest.MonkeyPatch) -> type[World]:
    """There is no deadline guard."""
    return type("Unguarded", (World,), {"guard": float("inf")})


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "spoil",
    [lapsed_means_pending, a_lost_answer_means_pending]
    + ([absence_counts_at_once, a_frozen_worker_sends_late] if SOAK else []),
)
def test_a_protocol_with_one_rule_missing_texts_somebody_twice(
    engine: None, spoil: Callable[[pytest.MonkeyPatch], type[World]], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = type("Control", (AnyOrder,), {"world_class": spoil(monkeypatch)})
    # Always the same lives, and no search for the shortest: this shall only show that it can fail.
    count = 2000 if SOAK else 300
    found = lives(count, derandomize=True, database=None, phases=[Phase.generate], report_multiple_bugs=False)
    with pytest.raises(AssertionError, match=r"was sent \d+ times"):
        run_state_machine_as_test(machine, settings=found)
