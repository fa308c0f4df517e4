"""What renews itself on a page, by keyboard: where one was one stays, or one comes to what is wrong."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def wait_for_the_board(page: Page) -> None:
    """Look at the board until the practice network has said that two families were not reached."""
    for _ in range(60):
        page.goto("/reach/board")
        if page.locator("section.card").count() > 1:
            return
        page.wait_for_timeout(1000)
    pytest.fail("nobody came on the board")


def test_a_part_that_was_put_in_answers_at_once(enter: SignIn) -> None:
    """Who presses the moment it is there gets a part, too, and not a page of its own."""
    page = enter("demo-pedagogue", "en")
    wait_for_the_board(page)
    page.evaluate(
        """document.addEventListener("htmx:afterSwap", () => {
            queueMicrotask(() => document.querySelector("form.did button").click())
        }, {once: true})"""
    )
    with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        page.locator("section.card").first.get_by_role("link", name="Call", exact=True).click()
    assert answer.value.request.headers.get("hx-request") == "true"


def test_a_call_is_noted_from_the_board_by_keyboard(enter: SignIn) -> None:
    page = enter("demo-pedagogue", "en")
    wait_for_the_board(page)
    card = page.locator("section.card").first
    family = card.locator("h2").inner_text()
    card.get_by_role("link", name="Visit", exact=True).press("Enter")
    expect(card.locator("form.did")).to_be_focused()
    card.locator("input[type=date]").fill("2041-01-01")
    card.get_by_role("button", name="Nobody at home").press("Enter")
    # A day that is still to come: one is led to it, and nothing is lost.
    expect(card.locator("input[type=date]")).to_be_focused()
    expect(card.locator("form.did")).to_contain_text("This day is still to come")
    card.get_by_role("link", name="Call", exact=True).press("Enter")
    card.get_by_role("button", name="No answer").press("Enter")
    said = page.locator("section.card", has_text=family).get_by_role("status")
    expect(said).to_contain_text("Noted")
    expect(said).to_be_focused()
    assert page.url.endswith("/reach/board")


def test_without_the_network_a_call_is_noted_as_soon_as_it_is_back(enter: SignIn) -> None:
    page = enter("demo-pedagogue", "en")
    wait_for_the_board(page)
    card = page.locator("section.card").nth(1)
    card.get_by_role("link", name="Call", exact=True).click()
    # Fetching fails once; the form then goes as a page of its own.
    page.route("**/call?*", lambda route: route.abort(), times=1)
    card.get_by_role("button", name="No answer").click()
    expect(page.get_by_role("main")).to_contain_text("Noted")


def test_whom_one_leaves_out_counts_at_once(enter: SignIn) -> None:
    page = enter("demo-5a", "en")
    page.goto("/announcements/new")
    page.get_by_label("Text in Kyrgyz").fill("Эртең сабак телекөрсөтүү аркылуу.")
    page.get_by_role("button", name="Look it over").click()
    page.goto(page.url.replace("/review", "/who"))
    box = page.locator("input[name=told]").first
    box.press("Space")
    expect(page.locator("#told")).to_contain_text("1 left out by you")
    expect(box).to_be_focused()
    box.press("Space")
    expect(page.locator("#told")).not_to_contain_text("left out by you")


def test_whoever_looks_at_the_numbers_while_messages_leave_stays_on_them(enter: SignIn) -> None:
    page = enter("demo-5b", "en")
    page.goto("/announcements/new")
    page.get_by_label("Text in Russian").fill("Завтра уроки по телевизору.")
    page.get_by_role("button", name="Look it over").click()
    page.get_by_role("button", name=re.compile("Send to")).click()
    waiting = page.get_by_role("navigation", name="Show only").get_by_role("link", name=re.compile("Waiting"))
    waiting.focus()
    expect(waiting).not_to_have_text(waiting.inner_text(), timeout=90_000)
    expect(waiting).to_be_focused()
    # Who does not see it hears it.
    expect(page.locator("#progress-said")).to_contain_text(re.compile(r"\d+ waiting, \d+ not reached"))


def test_ticks_in_a_long_list_are_not_left_behind_unseen(enter: SignIn) -> None:
    page = enter("demo-5a", "en")
    page.goto("/families/devices/class/1")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator(".lines input[type=checkbox]").first.click()
    page.get_by_role("searchbox").fill("a")
    page.get_by_role("button", name="Search").click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    page.get_by_role("button", name=re.compile("^Save")).click()
    expect(page.get_by_role("main")).to_contain_text("Noted for 1 family")
    assert asked == ["beforeunload"]
