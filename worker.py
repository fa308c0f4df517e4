"""The worker: creates the app and runs RQ workers on its queue; nothing else."""

from __future__ import annotations

import argparse
import sys

from config import SettingsError
from notifier import workers
from webapp import create_app
from webapp.schedule import TABLE
from webapp.staff.ready import WHAT_TO_DO, Readiness, readiness


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
    with app.app_context():
        # A worker that stays waits for a database that is away; one that is to leave says so.
        if arguments.burst and readiness() is Readiness.NO_ANSWER:
            sys.exit(str(WHAT_TO_DO[Readiness.NO_ANSWER]))
    if arguments.burst:
        workers.drain_and_leave(app)
    else:
        workers.run(app, TABLE, arguments.processes)


if __name__ == "__main__":
    main()
