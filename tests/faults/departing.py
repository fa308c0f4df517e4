"""A worker, or a page, that dies by `kill -9` at one step of publishing what it was to publish.

`python -m tests.faults.departing STEP` lets go by itself what is due, as the worker does;
`… STEP send NUMBER STAFF SEEN` presses the button of a draft, as its author does. STEP is one of STEPS, or
"never".
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event

# Messages written and no copies; all written; all committed and nobody woken.
STEPS = ("posted", "before_commit", "after_commit")


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at_the_end(session: Any) -> None:
    """Die where the whole transaction is committed, and not at a savepoint in it."""
    if not session.in_nested_transaction():
        die()


def dying_after(function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*arguments: Any, **named: Any) -> Any:
        found = function(*arguments, **named)
        die()
        return found

    return wrapped


def arm(step: str) -> None:
    """Let this process die when it comes to a step of publishing."""
    from notifier import outbox
    from notifier.database import db

    post = outbox.post
    if step == "posted":
        outbox.post = dying_after(post)
        return

    def armed(*arguments: Any, **named: Any) -> Any:
        found = post(*arguments, **named)
        if step in STEPS:
            event.listen(db.session(), step, die_at_the_end)
        return found

    outbox.post = armed


def main() -> None:
    step, *rest = sys.argv[1:]
    arm(step)
    from webapp import create_app
    from webapp.upkeep.scheduled import let_all_go

    app = create_app()
    with app.app_context():
        if not rest:
            let_all_go(datetime.now(UTC))
            return
        _, number, person, seen = rest
        app.config["WTF_CSRF_ENABLED"] = False
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = person, True
        assert client.post(f"/announcements/{number}/send", data={"seen": seen}).status_code == 303


if __name__ == "__main__":
    main()
