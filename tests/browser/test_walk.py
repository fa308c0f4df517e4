"""The main job, as a class teacher does it on a phone: a real browser, a real worker, an embedded Valkey."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEXT = "Урматтуу ата-энелер! Эртең 09:00дө ЭЛТР каналында математика. Балага шарт түзүңүз."


def test_a_teacher_tells_a_class_and_sees_who_was_reached(enter: SignIn) -> None:
    page = enter("demo-5a", "en")
    page.get_by_role("link", name="New announcement").click()
    # The only class is chosen already.
    expect(page.get_by_role("checkbox", name=re.compile("5-А"))).to_be_checked()
    page.get_by_label("Text in Kyrgyz").fill(TEXT)
    page.get_by_role("button", name="Look it over").click()

    expect(page.locator(".sms").first).to_contain_text("№95, 5-А: Урматтуу")
    send = page.get_by_role("button", name=re.compile(r"Send to \d+ families"))
    send.click()

    # No reload: the page asks by itself until nothing is waited for.
    filters = page.get_by_role("navigation", name="Show only")
    expect(filters.get_by_role("link", name=re.compile("Waiting"))).to_contain_text("0", timeout=60_000)
    expect(page.locator("#progress [hx-get]")).to_have_count(0)
    expect(page.locator("#families tbody tr").first).to_contain_text("Not reached")

    page.goto("/reach/")
    expect(page.get_by_role("main")).to_contain_text("5-А")

    page.goto("/sandbox/")
    phone = page.locator(".handset").first
    expect(phone).to_contain_text("Урматтуу ата-энелер")
    phone.get_by_label("Answer from this phone").fill("ооба")
    phone.get_by_role("button", name="Send").click()
    page.goto("/inbox/")
    page.locator("section", has_text="Acknowledged").get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_contain_text("Урматтуу ата-энелер")
    expect(page.get_by_role("main")).to_contain_text("ооба")


def test_what_was_typed_is_still_there_after_a_closed_tab(enter: SignIn) -> None:
    page = enter("demo-5b")
    page.goto("/announcements/new")
    page.locator("textarea[name=text_ky]").fill("Бул текст жоголбосун")
    context = page.context
    page.close()
    again = context.new_page()
    again.goto("/announcements/new")
    expect(again.locator("textarea[name=text_ky]")).to_have_value("Бул текст жоголбосун")


def test_a_session_that_ended_in_the_middle_of_writing_costs_no_word(enter: SignIn) -> None:
    page = enter("demo-5b")
    page.goto("/announcements/new")
    box = page.locator("textarea[name=text_ky]")
    box.fill("Биринчи текст")
    page.get_by_role("button", name="Карап чыгуу").click()
    page.goto(page.url.replace("/review", "/edit"))
    box.fill("Оңдолгон текст")
    page.context.clear_cookies()
    page.get_by_role("button", name="Карап чыгуу").click()
    expect(page.get_by_role("main")).to_contain_text("Сиз чыктыңыз")
    page.locator("form:has(input[name=login][value=demo-5b]) button").click()
    expect(page).to_have_url(re.compile("/announcements/[0-9]+/edit$"))
    expect(box).to_have_value("Оңдолгон текст")


def test_nobody_finds_what_another_began_to_write_on_the_same_phone(enter: SignIn) -> None:
    page = enter("demo-5b")
    page.goto("/announcements/new")
    page.locator("textarea[name=text_ky]").fill("Муну башка адам көрбөсүн")
    page.context.clear_cookies()
    page.goto("/announcements/new")
    page.locator("form:has(input[name=login][value=demo-7a]) button").click()
    expect(page.locator("textarea[name=text_ky]")).to_have_value("")


def test_the_main_job_works_without_scripts(enter: SignIn) -> None:
    page = enter("demo-7a", "en", java_script_enabled=False)
    page.goto("/announcements/new")
    page.locator("textarea[name=text_ky]").fill("Скриптсиз да иштейт")
    page.get_by_role("button", name="Look it over").click()
    page.get_by_role("button", name=re.compile(r"Send to \d+ families")).click()
    expect(page.get_by_role("main")).to_contain_text("Waiting")
