"""The worker with all its waits cut short, so that a test sees in seconds what takes it minutes.

`python -m tests.faults.hurried worker …` is worker.py with its arguments. `… drain [STEP]` drains again and
again without a queue, and freezes once at a step of the protocol: it stops itself as SIGSTOP would, with the
requests it has under way.

Only lengths are changed, and only together: a request still ends within half a lease, and absence from the
provider's list counts only long after the lease is over. Production has no setting for any of them.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from notifier import policy

LEASE = 6.0
ABSENCE_COUNTS_AFTER = 16.0
LOOK_AGAIN = 3.0
# Connect and read. A test in which none comes home may let them take longer than a lease.
REQUEST = float(os.environ.get("HURRIED_REQUEST", "2"))
STEPS = ("claimed", "marked", "asked", "answered", "writing", "written", "checked")


def hurry() -> None:
    """Cut the waits short; before any module that remembers them is imported."""
    policy.LEASE = timedelta(seconds=LEASE)
    policy.ABSENCE_COUNTS_AFTER = timedelta(seconds=ABSENCE_COUNTS_AFTER)
    policy.LOOK_AGAIN = timedelta(seconds=LOOK_AGAIN)
    policy.FIRST_LOOK = timedelta(seconds=0.5)
    policy.LADDER = tuple(timedelta(seconds=s) for s in (0.5, 1, 2, 4))

    from notifier import drain, lane, rq_worker
    from notifier.channels import sms_twilio, twilio_http

    assert LEASE / 2 == lane.GUARD
    twilio_http.CONNECT_SECONDS, twilio_http.READ_SECONDS = 0.5, REQUEST - 0.5
    lane.PATIENCE = REQUEST + 0.4
    drain.CHECK_PATIENCE = REQUEST
    drain.SWEEP_EVERY = 1.0
    rq_worker.TICK = 1
    sms_twilio.TwilioSms.poll_ladder = ()

    from notifier.jobs import SWEEP
    from notifier.rq_worker import Periodic
    from webapp import schedule

    schedule.TABLE = (Periodic(SWEEP, every=timedelta(seconds=1)),)


class Freezer:
    """Stops this process the first time that it comes to a step."""

    def __init__(self, step: str) -> None:
        self.step = step
        self.settling = False
        # Held by the ledger's thread while it works on the database.
        self.quiet = threading.RLock()

    def passes(self, step: str, count: int = 1) -> None:
        if step == self.step and count:
            self.step = ""
            # Not while another thread is in a transaction: that is a step of its own ("writing").
            with self.quiet:
                os.kill(os.getpid(), signal.SIGSTOP)
                time.sleep(0.2)  # another thread may be the first to hear of it

    def quietly(self, do: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        def wrapped(ledger: Any, work: Callable[[], Any]) -> Awaitable[Any]:
            def locked() -> Any:
                with self.quiet:
                    return work()

            return do(ledger, locked)

        return wrapped

    def commits(self, _connection: Connection) -> None:
        """Pass the step "writing" just before answers are committed."""
        if self.settling:
            self.passes("writing")

    def settle(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            self.settling = True
            try:
                function(*arguments, **named)
            finally:
                self.settling = False
            self.passes("written")

        return wrapped

    def sync(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Pass the step after `function`, counting what it returned."""

        def wrapped(*arguments: Any, **named: Any) -> Any:
            result = function(*arguments, **named)
            self.passes(step, len(result))
            return result

        return wrapped

    def asyn(self, step: str, function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def wrapped(*arguments: Any, **named: Any) -> Any:
            result = await function(*arguments, **named)
            self.passes(step)
            return result

        return wrapped


def drain_for_ever(step: str) -> None:
    """Drain and sweep until SIGTERM, with a freeze at `step`."""
    from notifier import jobs, outbox, workers
    from notifier.channels.sms_twilio import TwilioSms
    from notifier.channels.twilio_http import TwilioHttp
    from notifier.database import db
    from notifier.ledger import Ledger
    from webapp import create_app

    freezer = Freezer(step)
    Ledger._do = freezer.quietly(Ledger._do)  # type: ignore[method-assign]
    outbox.claim = freezer.sync("claimed", outbox.claim)
    outbox.depart = freezer.sync("marked", outbox.depart)
    outbox.settle = freezer.settle(outbox.settle)
    TwilioSms.send = freezer.asyn("answered", TwilioSms.send)  # type: ignore[method-assign]
    TwilioSms.find = freezer.asyn("checked", TwilioSms.find)  # type: ignore[method-assign]
    request = TwilioHttp.request

    async def asked(self: TwilioHttp, method: str, uri: str, **named: Any) -> Any:
        import asyncio

        if method == "POST" and step == "asked":
            # While the request is under way.
            asyncio.get_running_loop().call_later(0.05, freezer.passes, "asked")
        return await request(self, method, uri, **named)

    TwilioHttp.request = asked  # type: ignore[method-assign]
    if step:
        TwilioSms.in_flight = 4
    signal.signal(signal.SIGTERM, workers.stop_the_drain)
    with create_app().app_context():
        event.listen(db.engine, "commit", freezer.commits)
        while not jobs.STOP.requested:
            outbox.sweep(db.engine, datetime.now(UTC))
            jobs.drain(5)
            time.sleep(0.1)


def main() -> None:
    hurry()
    what, *arguments = sys.argv[1:]
    if what == "drain":
        drain_for_ever(arguments[0] if arguments else "")
        return
    if what == "climbing":
        from tests.faults.dying import prepare

        prepare(Path(arguments.pop(0)))
    import worker

    sys.argv[1:] = arguments
    worker.main()


if __name__ == "__main__":
    main()
