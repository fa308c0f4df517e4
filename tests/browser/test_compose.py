"""What the SMS cost, counted by the browser while one types: as notifier.text counts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from notifier.text import characters, is_latin, measure, to_latin
from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DATA = Path(__file__).parents[1] / "data"
SEGMENTS = json.loads((DATA / "segments.json").read_text(encoding="utf-8"))
NOTICES = SEGMENTS["notices"]
BOUNDARIES = [
    row["text"] if row["text"] is not None else row["repeat"][0] * row["repeat"][1]
    for row in SEGMENTS["boundary"]
]
TRICKY = ["a" * 140 + "€" * 6, "ы" * 55 + "🎉🎉", "Щёткá №5 …", "ЪЬъь", "[]{}^~|\\", "кабак " * 60 + "."]


def numbers(page: Page, language: str, text: str) -> tuple[int, int, int]:
    """What stands on the page the moment the text is there: characters, parts in Cyrillic, parts in Latin."""
    page.locator(f"[name=text_{language}]").fill(text)
    slots = (language, f"{language}-cyrillic", f"{language}-latin")
    read = [page.locator(f"[data-slot='{slot}']").inner_text() for slot in slots]
    return tuple(int(re.sub(r"\D", "", each)) for each in read)  # type: ignore[return-value]


def expected(text: str, language: str, start: str) -> tuple[int, int, int]:
    begin = to_latin(start, language) if is_latin(text) else start
    parts = [measure(begin + text).segments, measure(to_latin(start + text, language)).segments]
    return len(characters(text)), *parts  # type: ignore[return-value]


def test_the_browser_counts_as_the_server_does(enter: SignIn) -> None:
    page = enter("demo-5a")
    page.route("**/announcements/cost", lambda route: route.abort())
    page.goto("/announcements/new")
    start = page.locator("#cost table").get_attribute("data-start") or ""
    differ = []
    for language in ("ky", "ru"):
        texts = [notice["text"] for notice in NOTICES] + [notice["translit"] for notice in NOTICES]
        for text in texts + [text for text in BOUNDARIES if text and "\r" not in text] + TRICKY:
            told = numbers(page, language, text)
            if told != expected(text, language, start):
                differ.append((language, text[:40], told, expected(text, language, start)))
    assert differ == []


def test_a_teacher_sees_parts_and_price_while_typing_and_the_server_confirms(enter: SignIn) -> None:
    page = enter("demo-director", "en")
    page.goto("/school")
    page.get_by_label("Price of one SMS part, in som").fill("2")
    page.get_by_role("button", name="Save").click()
    page.goto("/announcements/new")
    page.get_by_role("checkbox", name=re.compile("5-А")).check()
    # Two parts and one, whatever names of children stand before it.
    text = "Эртең сабактар телекөрсөтүү аркылуу өтөт. Балага шарт түзүңүз, телевизорду күйгүзүңүз"
    with page.expect_response("**/announcements/cost"):
        page.get_by_label("Text in Kyrgyz").fill(text)
    cost = page.locator("#cost")
    expect(cost).to_contain_text("In the letters these families have chosen")
    messages = int(cost.locator("table").get_attribute("data-ky") or 0) + int(
        cost.locator("table").get_attribute("data-ru") or 0
    )
    expect(cost.locator("[data-slot=ky-cyrillic]")).to_have_text("2")
    expect(cost.locator("[data-slot=ky-latin]")).to_have_text("1")
    expect(cost.locator("[data-slot=price-latin]")).to_have_text(str(2 * messages))
    # The server's and the browser's numbers are the same.
    with page.expect_response("**/announcements/cost"):
        page.get_by_label("Text in Kyrgyz").press_sequentially(".")
        expect(cost.locator("[data-slot=price-latin]")).to_have_text(str(2 * messages))
    expect(cost.locator("[data-slot=price-cyrillic]")).to_have_text(str(4 * messages))


def test_what_was_chosen_outlives_the_session_as_the_text_does(enter: SignIn) -> None:
    page = enter("demo-director", "en")
    page.goto("/announcements/new")
    page.get_by_role("checkbox", name=re.compile("5-А")).check()
    page.get_by_role("checkbox", name=re.compile("5-Б")).check()
    page.get_by_role("checkbox", name=re.compile("5-Б")).uncheck()
    urgent, asks = page.locator("[name=urgent]"), page.locator("[name=asks_acknowledgement]")
    urgent.check()
    page.get_by_label("Text in Kyrgyz").fill("Эртең сабак болбойт")
    page.context.clear_cookies(name="kabarchy")
    # Whatever leads to the door, the page they come back to holds what they wrote and chose.
    page.goto("/announcements/new")
    expect(page).to_have_url(re.compile("/login"))
    page.locator("button[formaction$='/language/en']").click()
    page.locator("form:has(input[name=login][value=demo-director]) button").click()
    expect(page).to_have_url(re.compile("/announcements/new"))
    expect(page.get_by_label("Text in Kyrgyz")).to_have_value("Эртең сабак болбойт")
    expect(page.get_by_role("checkbox", name=re.compile("5-А"))).to_be_checked()
    expect(page.get_by_role("checkbox", name=re.compile("5-Б"))).not_to_be_checked()
    expect(urgent).to_be_checked()
    expect(asks).not_to_be_checked()
    # Looked over, it is kept by the school: the next announcement begins empty.
    page.get_by_role("button", name="Look it over").click()
    expect(page).not_to_have_url(re.compile("/new$"))
    page.goto("/announcements/new")
    expect(page.locator("[name=classes]:checked")).to_have_count(0)
    expect(urgent).not_to_be_checked()
    expect(page.get_by_label("Text in Kyrgyz")).to_have_value("")
