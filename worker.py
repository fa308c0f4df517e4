"""The worker: creates the app and runs RQ workers on its queue; nothing else."""

from __future__ import annotations

import argparse
import sys

from flask import Flask

from config import SettingsError
from notifier import workers
from webapp import create_app
from webapp.schedule import TABLE


def main() -> None:
    """Work for good, or drain what is due and leave."""
    parser = argparse.ArgumentParser(prog="worker.py", description="Delivers what waits in the outbox.")
    parser.add_argument("--burst", action="store_true", help="deliver what is due now, then leave")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="worker processes (default 1)")
    arguments = parser.parse_args()
    if arguments.processes < 1:
        parser.error("--processes must be at least 1")
    try:
        app = create_app(serves=False)
    except SettingsError as error:
        sys.exit(str(error))
    if arguments.burst:
        _expect_a_database(app)
        workers.drain_and_leave(app)
    else:
        workers.run(app, TABLE, arguments.processes)


def _expect_a_database(app: Flask) -> None:
    """Leave with a word when the database is away; a worker that stays waits for it."""
    from webapp.staff.ready import WHAT_TO_DO, Readiness, readiness

    with app.app_context():
        if readiness() is Readiness.NO_ANSWER:
            sys.exit(str(WHAT_TO_DO[Readiness.NO_ANSWER]))


if __name__ == "__main__":
    main()
