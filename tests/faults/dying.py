"""A hurried worker whose climbing dies by `kill -9`, first and then every other time, around a commit.

`python -m tests.faults.hurried climbing FILE` is worker.py; it adds a letter to FILE for each death.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

# A run commits for what arrived, for each announcement that climbs, and for the rules.
COMMITS = 3


def prepare(deaths: Path) -> None:
    """Climb every second, with no waits, and die at it."""
    from notifier.rq_worker import Periodic
    from webapp import schedule
    from webapp.announcements import publish
    from webapp.reach import jobs
    from webapp.reach.ladder import climbing, rungs, tries

    at_once = timedelta(seconds=0.2)
    publish.FIRST_LOOK = rungs.FIRST_LOOK = at_once
    tries.SOON = climbing.SOON = at_once
    schedule.TABLE = (*schedule.TABLE, Periodic(jobs.CLIMB, every=timedelta(seconds=1)))
    jobs.climb_what_is_due = mortal(jobs.climb_what_is_due, deaths)


def mortal(climb: Callable[..., bool], deaths: Path) -> Callable[..., bool]:
    """Let the first run and about every other end at one of its commits."""

    def climb_or_die(now: datetime, turn: float | None = None) -> bool:
        from notifier.database import db

        # A forked child would draw what its parent would.
        chance = random.SystemRandom()
        first = not deaths.stat().st_size
        if first or chance.random() < 0.5:
            fatal, when = (
                1 if first else chance.randint(1, COMMITS),
                chance.choice(["before_commit", "after_commit"]),
            )
            commits = 0

            def die(_session: Any) -> None:
                nonlocal commits
                commits += 1
                if commits == fatal:
                    with deaths.open("a") as file:
                        file.write(when[0])
                    os.kill(os.getpid(), signal.SIGKILL)

            event.listen(db.session(), when, die)
        return climb(now, turn)

    return climb_or_die
