"""What several do at the same moment: two clicks, two machines."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from flask import Flask

from notifier.database import db

T = TypeVar("T")


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
