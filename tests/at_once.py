"""What several do at the same moment: two clicks, two machines, one while another has not finished."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from flask import Flask

from notifier.database import db

T = TypeVar("T")
# So long somebody has written and not committed yet: whoever comes then must wait.
A_MOMENT = 0.3


def at_once(app: Flask, *acts: Callable[[], T]) -> list[T]:
    """Let each act in a thread and a session of its own, all at one moment; what came of each, in order.

    What one of them raises is raised here.
    """
    together = threading.Barrier(len(acts), timeout=10)

    def alone(act: Callable[[], T]) -> T:
        with app.app_context():
            together.wait()
            try:
                return act()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [each.result(60) for each in [threads.submit(alone, act) for act in acts]]


def while_another(app: Flask, acts: Callable[[], object], then: Callable[[], T]) -> T:
    """Let another process act and commit a moment later; answer what comes of `then` meanwhile."""
    acted = threading.Event()

    def another() -> None:
        with app.app_context():
            acts()
            db.session.flush()
            acted.set()
            time.sleep(A_MOMENT)
            db.session.commit()
            db.session.remove()

    db.session.commit()
    thread = threading.Thread(target=another)
    thread.start()
    assert acted.wait(10)
    try:
        return then()
    finally:
        thread.join()
        db.session.rollback()
