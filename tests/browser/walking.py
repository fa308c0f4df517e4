"""Somebody with a cheap phone on slow 3G: every tap is counted, and every letter."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

# As the browser's own tools have it: 400 kbit/s both ways, 400 ms for each answer.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


def on_slow_3g(page: Page) -> Page:
    """Slow the page's network down, from its next request on."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_3G)
    return page


@dataclass
class Stage:
    """A part of a walk: what it took of the hand, and how long the phone took."""

    name: str
    taps: int = 0
    letters: int = 0
    seconds: float = 0.0


@dataclass
class Walker:
    """Whoever walks: taps, types, and reads what is there."""

    page: Page
    stages: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        self.stages.append(Stage(name))
        began = time.monotonic()
        yield self.stages[-1]
        self.stages[-1].seconds = time.monotonic() - began

    def tap(self, target: Locator) -> None:
        """Tap, and wait for the page it leads to, if it leads to one."""
        target.click()
        self.page.wait_for_load_state()
        self.stages[-1].taps += 1

    def type(self, box: Locator, text: str) -> None:
        """Tap a box and type into it."""
        box.fill(text)
        self.stages[-1].taps += 1
        self.stages[-1].letters += len(text)
