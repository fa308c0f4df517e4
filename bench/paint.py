"""How soon a page is there, and for how many bytes: a new phone and one that knows us, on slow 3G.

Real pages of the demo school in a real Chromium, slowed to 400 kbit/s, 400 ms and a quarter of this machine's
speed; beside them the same pages in an unmodified Bootstrap (bench/bootstrap_pages.py).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import statistics
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.bootstrap_pages import VERSION, Dist, NoBootstrap, bootstrap, serving
from bench.databases import Databases
from bench.processes import running, wait_until
from bench.rows import Row, say

# Slow 3G as the browser's own tools have it, and the processor of a cheap phone.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
SLOWER = 4
SCREEN = {"width": 360, "height": 740}
ROUNDS = 5
PAGES = (
    ("the first page", "demo-5a", "/"),
    ("the page to write on", "demo-5a", "/announcements/new"),
    ("the board", "demo-pedagogue", "/reach/board"),
)
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
THEIRS = f"the same page in Bootstrap {VERSION}"


@dataclass(frozen=True, slots=True)
class Seen:
    """When something was painted first, in seconds, and what had been fetched in the end, in bytes."""

    paint: float
    size: float


def measure(_databases: Databases, quick: bool) -> list[Row]:
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        say("  skipped: no Chromium on this machine (apt install chromium)")
        return []
    folder = Path(tempfile.mkdtemp(prefix="kabarchy-paint-"))
    try:
        try:
            dist: Dist | None = bootstrap(folder)
        except NoBootstrap as error:
            say(f"  without Bootstrap beside it: {error}")
            dist = None
        with _site(folder) as url:
            return _rows(path, url, dist, 1 if quick else ROUNDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _site(folder: Path) -> Iterator[str]:
    """All of Kabarchy, as `make run` runs it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    hidden = dict.fromkeys(("DATABASE_URL", "REDIS_URL", "SMS_PROVIDER", "PUBLIC_BASE_URL", "SECRET_KEY"), "")
    env = hidden | {"INSTANCE_DIR": str(folder / "instance"), "PORT": str(port), "SMS_PER_SECOND": "100"}
    url = f"http://127.0.0.1:{port}"
    with running("deploy/run.py", env=env, log=folder / "site.log"):
        wait_until(lambda: _answers(url), 120, "the start of Kabarchy", every=0.5)
        yield url


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _rows(path: str, url: str, dist: Dist | None, rounds: int) -> list[Row]:
    from playwright.sync_api import sync_playwright

    rows: list[Row] = []
    warm: list[tuple[Seen, Seen | None]] = []
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=arguments)
        for name, login, address in PAGES:
            cookies, html = _signed_in(browser, url, login, address)
            ours = _load(browser, url + address, cookies, rounds)
            theirs = None
            if dist:
                with serving(html, dist, url) as elsewhere:
                    theirs = _load(browser, elsewhere, [], rounds)
            rows += _cold_rows(name, ours[0], theirs and theirs[0])
            warm.append((ours[1], theirs and theirs[1]))
        browser.close()
    return [*rows, *_warm_rows(warm)]


def _cold_rows(name: str, ours: Seen, theirs: Seen | None) -> list[Row]:
    paint, size = {}, {}
    if theirs:
        paint, size = {THEIRS: theirs.paint}, {THEIRS: theirs.size / 1000}
    return [
        Row(
            name=f"First paint of {name}, new phone, slow 3G",
            unit="s",
            ours=ours.paint,
            theirs=paint,
            less_is_better=True,
        ),
        Row(
            name=f"Fetched for {name}, new phone",
            unit="KB",
            ours=ours.size / 1000,
            theirs=size,
            less_is_better=True,
        ),
    ]


def _warm_rows(seen: list[tuple[Seen, Seen | None]]) -> list[Row]:
    """The three pages together, on a phone that has been there before."""
    ours = [each for each, _ in seen]
    theirs = [each for _, each in seen if each]
    rows = []
    for what, unit, of in (
        ("First paint of these pages on the second visit, slow 3G", "s", lambda each: each.paint),
        ("Fetched for each of these pages on the second visit", "KB", lambda each: each.size / 1000),
    ):
        rows.append(
            Row(
                name=what,
                unit=unit,
                ours=statistics.mean(map(of, ours)),
                theirs={THEIRS: statistics.mean(map(of, theirs))} if theirs else {},
                less_is_better=True,
            )
        )
    return rows


def _signed_in(browser: Any, url: str, login: str, address: str) -> tuple[list[Any], str]:
    """Sign in by the demo school's button; return the session's cookies, and the page as it is answered."""
    context = browser.new_context(base_url=url, viewport=SCREEN)
    page = context.new_page()
    page.goto("/login")
    page.locator(f"form:has(input[name=login][value={login}]) button").click()
    page.wait_for_url(url + "/")
    html = context.request.get(address).text()
    cookies = context.cookies()
    context.close()
    return cookies, html


def _load(browser: Any, address: str, cookies: list[Any], rounds: int) -> tuple[Seen, Seen]:
    """Open a page with nothing kept, then once more; the medians of several rounds of each."""
    cold, warm, fetched = list[Seen](), list[Seen](), list[float]()
    for _ in range(rounds):
        context = browser.new_context(viewport=SCREEN)
        context.add_cookies(cookies)
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_3G)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        session.on("Network.loadingFinished", lambda event: fetched.append(event["encodedDataLength"]))
        # The second visit comes from a page of the same house, by another address.
        for found, visit in ((cold, address), (warm, f"{address}?again")):
            fetched.clear()
            page.goto(visit, wait_until="networkidle")
            while (paint := page.evaluate(FIRST_PAINT)) is None:
                page.wait_for_timeout(50)
            found.append(Seen(paint / 1000, sum(fetched)))
        context.close()
    return _median(cold), _median(warm)


def _median(seen: list[Seen]) -> Seen:
    return Seen(statistics.median(each.paint for each in seen), statistics.median(each.size for each in seen))
