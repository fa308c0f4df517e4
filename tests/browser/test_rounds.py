"""Twenty visits typed by keyboard alone: a digit and Enter for each, in the order of the paper."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_twenty_visits_are_typed_in_a_minute_without_a_mouse(enter: SignIn) -> None:
    page = enter("demo-pedagogue", "en")
    # Twenty families to go to, whoever of them was reached: somebody of the staff asks for it.
    page.goto("/families/")
    page.locator("a", has_text="5-А").first.click()
    links = page.locator("a[href^='/families/']").evaluate_all(
        "all => all.map(each => each.getAttribute('href'))"
    )
    numbers = list(dict.fromkeys(link.split("/")[2] for link in links if link.split("/")[2].isdigit()))[:20]
    assert len(numbers) == 20
    for number in numbers:
        page.goto(f"/reach/families/{number}/task?means=visit")
        page.select_option("select[name=assignee]", label="Бермет Камкорова")
        page.get_by_role("button", name="Put it on the list").click()
        page.get_by_text("It is on the list of follow-ups.").wait_for()
    page.goto("/reach/rounds/new")
    page.select_option("select[name=show]", "mine")
    page.get_by_role("button", name="Make the list").click()
    page.wait_for_url("**/reach/rounds/*")
    rows = page.locator(".rows .key")
    assert rows.count() >= 20
    began = time.monotonic()
    # The first family has the focus; nothing but the keyboard from here.
    for number in range(20):
        expect(rows.nth(number)).to_be_focused()
        page.keyboard.type("1" if number % 3 else "4")
        if number == 5:
            page.keyboard.press("Tab")
            page.keyboard.type("Эшик жабык")
        page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter") if rows.count() > 20 else page.keyboard.press("Enter")
    page.get_by_text("20 results noted.").wait_for()
    assert time.monotonic() - began < 60
    assert page.locator(".rows").get_by_text("Эшик жабык").count() == 1
    assert page.locator(".rows").get_by_text("Spoke to the family").count() == 13
