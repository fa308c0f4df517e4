"""The machine's own Chromium for the browser tests, and all of Kabarchy for it to look at."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "No Chromium on this machine. To run the browser tests: apt install chromium"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the machine's Chromium; without one a browser test is skipped, in CI it fails."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    # Chromium's sandbox refuses root, and in a container its shared memory is small.
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return {**browser_type_launch_args, "executable_path": path, "args": arguments}


class Site:
    """All of Kabarchy, running as `make run` runs it, with the demo school."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        hidden = dict.fromkeys(
            ("DATABASE_URL", "REDIS_URL", "SMS_PROVIDER", "PUBLIC_BASE_URL", "SECRET_KEY"), ""
        )
        self.environ = os.environ | hidden | {"INSTANCE_DIR": str(folder / "instance"), "PORT": str(port)}
        self.environ |= {"SMS_PER_SECOND": "100"}
        self.environ.pop("MAKELEVEL", None)
        self.process = subprocess.Popen(
            [sys.executable, "deploy/run.py"], cwd=ROOT, env=self.environ, stdout=subprocess.PIPE, text=True
        )

    def wait(self) -> None:
        """Wait until the pages answer."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "Kabarchy runs at" in line:
                return
        raise RuntimeError(f"deploy/run.py ended with status {self.process.wait()}")

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate()


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory, browser_type_launch_args: dict[str, Any]
) -> Iterator[Site]:
    """Start Kabarchy once for all browser tests."""
    site = Site(tmp_path_factory.mktemp("site"))
    try:
        site.wait()
        yield site
    finally:
        site.stop()


PHONE = {"width": 360, "height": 740}
SignIn = Callable[..., Page]


@pytest.fixture
def enter(browser: Browser, site: Site) -> Iterator[SignIn]:
    """Sign in at the demo school by its one-tap buttons: `enter("demo-5a")`; a phone's screen unless told."""
    contexts = []

    def enter(login: str, language: str = "ky", **options: Any) -> Page:
        context = browser.new_context(**{"viewport": PHONE, "base_url": site.url} | options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"an error in the page's script: {error}"))
        page.goto("/login")
        page.locator(f"button[formaction$='/language/{language}']").click()
        page.locator(f"form:has(input[name=login][value={login}]) button").click()
        page.wait_for_url(site.url + "/")
        return page

    yield enter
    for context in contexts:
        context.close()
