"""Every main page in three languages: within its weight, no finding of axe, no wider than the screen."""

from __future__ import annotations

import gzip
import re
import urllib.request
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import under_way
from tests.browser.conftest import SignIn, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = (
    "/",
    "/announcements",
    "/search?q=a",
    "/announcements/new",
    "/announcements/kinds",
    "/announcements/child?kind=result",
    "/announcements/platforms",
    *(
        f"/announcements/new?kind={kind}"
        for kind in (
            "assignment",
            "online_lesson",
            "order",
            "talk",
            "event",
            "platforms",
            "recommendation",
            "at_home",
        )
    ),
    "/announcements/new?kind=result&pupil=1",
    "/announcements/new?kind=participation&pupil=1",
    "/announcements/1",
    "/families/",
    "/families/import/",
    "/families/devices/",
    "/families/devices/class/1",
    "/families/devices/without",
    "/families/devices/3",
    "/surveys/",
    "/surveys/new?ready=devices",
    "/surveys/1",
    "/surveys/1/class/1",
    "/lessons-at-school/",
    "/lessons-at-school/new",
    "/lessons-at-school/1",
    "/lessons-at-school/1/attendance",
    "/reach/",
    "/reach/board",
    "/reach/follow-ups",
    "/reach/follow-ups?show=all",
    "/reach/rounds",
    "/reach/rounds/new",
    "/reach/ladder",
    "/reach/announcements/1",
    "/reach/overview",
    "/reach/timetable",
    "/reach/period/",
    "/tv/digest/",
    "/tv/digest/settings",
    "/inbox/",
    "/inbox/families/1",
    "/inbox/numbers",
    "/inbox/settings",
    "/sandbox/",
    "/templates/",
    "/templates/new",
    "/templates/1",
    "/templates/1/fill",
    "/templates/1/versions",
    "/templates/1/sheet",
    "/documents",
    "/documents/new",
    "/documents/1",
    "/documents/1/signatures",
    "/duty",
    "/modes",
    "/modes/new",
    "/public",
    "/news/demo-mektep",
    "/duty/turns/new",
    "/account",
    "/account/contact",
    "/staff",
    "/staff/3",
    "/staff/associations",
    "/staff/associations/1",
    "/staff-notices",
    "/staff-notices/sent",
    "/staff-notices/new",
    "/staff-notices/new?kind=webinar",
    "/staff-notices/to-decide",
    "/plans",
    "/plans/classes/1",
    "/plans/settings",
    "/school",
    "/school/limits",
    "/audit",
)
# Of phones, a large screen at 200 %, a tablet with the sections beside, a large screen.
WIDTHS = (320, 360, 640, 1024, 1280)
COLD, WARM = 30_000, 5_000

Rules = dict[str, Any]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# Two of the rules ask about colours: these are the same in every language, and all that the dark changes.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
COLOURS = {"runOnly": {"type": "rule", "values": OF_COLOURS}}
BUT_COLOURS = RULES | {"rules": {rule: {"enabled": False} for rule in OF_COLOURS}}


@pytest.fixture(scope="module")
def pages(site: Site) -> tuple[str, ...]:
    """Every main page, and those of announcements that are on their way."""
    return (*PAGES, *under_way.pages(site.environ))


# A hundred pages at six sizes, also on a machine that does much else.
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("language", "rules"),
    [("ky", RULES), ("ru", BUT_COLOURS), ("en", BUT_COLOURS)],
    ids=["ky", "ru", "en"],
)
def test_no_page_has_an_accessibility_finding_or_scrolls_sideways(
    enter: SignIn, pages: tuple[str, ...], language: str, rules: Rules
) -> None:
    page = enter("demo-director", language, color_scheme="light")
    findings = []
    for path in pages:
        page.goto(path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 740})
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                findings.append(f"{path} is wider than {width} px")
        page.set_viewport_size({"width": 360, "height": 740})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            findings.append(f"{path} is wider than a phone with letters twice as large")
        page.evaluate("document.documentElement.style.fontSize = ''")
        findings += violations(page, path, rules)
        if rules is RULES:
            page.emulate_media(color_scheme="dark")
            findings += [f"in the dark, {each}" for each in violations(page, path, COLOURS)]
            page.emulate_media(color_scheme="light")
    assert findings == []


def violations(page: Page, path: str, rules: Rules) -> list[str]:
    """What axe finds on the page at hand, and where."""
    return [
        f"{path}: {rule['id']} {[node['target'] for node in rule['nodes']][:3]}"
        for rule in Axe().run(page, options=rules).response["violations"]
    ]


def test_every_page_keeps_its_budget(enter: SignIn, site: Site, pages: tuple[str, ...]) -> None:
    page = enter("demo-director")
    cookie = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
    over = []
    for path in pages:
        html = _compressed(site.url + path, cookie)
        files = set(
            re.findall(r'(?:href|src)="(/(?:static|manifest)/[^"#]+)', gzip.decompress(html).decode())
        )
        cold = len(html) + sum(
            len(_compressed(site.url + each.replace("&amp;", "&"), cookie)) for each in files
        )
        if len(html) > WARM or cold > COLD:
            over.append((path, len(html), cold))
    assert over == []


def _compressed(url: str, cookie: str) -> bytes:
    """Fetch what a phone would fetch; what the server leaves as it is counts as it is, compressed here."""
    request = urllib.request.Request(url, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        content = answer.read()
        assert isinstance(content, bytes)
        return content if answer.headers["Content-Encoding"] == "gzip" else gzip.compress(content)
