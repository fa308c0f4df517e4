"""Whom to tell: chips that count, a list in which one takes ticks away, with a thumb on a small screen."""

from __future__ import annotations

import gzip
import re
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn, Site
from tests.browser.test_pages import RULES, WARM

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def write(page: Page) -> None:
    """Choose the fifth grade and a text."""
    page.goto("/announcements/new")
    page.get_by_role("checkbox", name=re.compile("Grade 5")).check()
    page.get_by_label("Text in Kyrgyz").fill("Эртең сабак болот.")


def test_a_director_sees_the_number_change_with_every_chip_and_tick(enter: SignIn) -> None:
    page = enter("demo-director", "en")
    page.set_viewport_size({"width": 360, "height": 740})
    write(page)
    told = page.locator("#told")
    expect(told).to_contain_text("52 families")
    page.get_by_text("Only some of these families").click()
    page.get_by_role("checkbox", name=re.compile("without a smartphone")).check()
    expect(told).to_contain_text("9 families")
    page.get_by_role("button", name="Who exactly").click()
    expect(page.get_by_role("heading", name="Who exactly")).to_be_visible()
    first = page.locator("[name=told]").first
    first.uncheck()
    expect(told).to_contain_text("8 families")
    expect(told).to_contain_text("1 left out by you")
    first.check()
    expect(told).to_contain_text("9 families")
    first.uncheck()
    expect(told).to_contain_text("8 families")
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_text("1 left out by you")).to_be_visible()


def test_without_scripts_a_family_is_left_out_and_another_added(enter: SignIn) -> None:
    page = enter("demo-director", "en", java_script_enabled=False)
    write(page)
    page.get_by_role("button", name="Who exactly").click()
    page.locator("[name=told]").first.uncheck()
    page.get_by_role("button", name="Save this page").click()
    expect(page.locator("#told")).to_contain_text("1 left out by you")
    page.get_by_label("Find a child by name").fill("Макалбаева")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Add").first.click()
    expect(page.get_by_text("The family is added.")).to_be_visible()
    page.get_by_role("link", name="Show all").click()
    expect(page.get_by_role("link", name="Added by name")).to_be_visible()


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_list_has_no_finding_keeps_its_budget_and_fits_every_screen(
    enter: SignIn, site: Site, language: str
) -> None:
    page = enter("demo-director", "en")
    write(page)
    page.get_by_role("button", name="Who exactly").click()
    page.wait_for_url("**/who")
    page.locator("[name=told]").first.uncheck()
    expect(page.locator("#told")).to_contain_text("left out")
    page = enter("demo-director", language)
    page.goto("/announcements")
    review = page.locator("a[href$='/review']").first.get_attribute("href") or ""
    findings, address = [], review.replace("/review", "/who")
    for path in (address, f"{address}?q=aj", f"{address}?show=left_out"):
        page.goto(path)
        for width in (320, 360, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                findings.append(f"{path} is wider than {width} px")
        result = Axe().run(page, options=RULES)
        findings += [f"{path}: {rule['id']}" for rule in result.response["violations"]]
        cookie = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
        headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}
        with urllib.request.urlopen(urllib.request.Request(site.url + path, headers=headers)) as answer:
            content = answer.read()
        if answer.headers["Content-Encoding"] != "gzip":
            content = gzip.compress(content)
        if len(content) > WARM:
            findings.append(f"{path} weighs {len(content)}")
    assert findings == []
