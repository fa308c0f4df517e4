"""A teacher's phone writes an announcement from its fields, and leaves alone what was edited by hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_text_follows_the_fields_until_it_is_edited_by_hand(enter: SignIn) -> None:
    page = enter("demo-5a")
    page.goto("/announcements/kinds")
    page.locator("a[href$='kind=assignment']").click()
    kyrgyz, russian = page.locator("[name=text_ky]"), page.locator("[name=text_ru]")
    page.locator("[name=subject]").fill("Математика")
    page.locator("[name=what]").fill("№125")
    expect(kyrgyz).to_have_value("Математика, тапшырма: №125.")
    expect(russian).to_have_value("Математика, задание: №125.")
    kyrgyz.fill("Математика, тапшырма: №125. Сүрөтүн жөнөтүңүз.")
    page.locator("[name=page]").fill("45")
    expect(russian).to_have_value("Математика, задание: №125, с. 45.")
    expect(kyrgyz).to_have_value("Математика, тапшырма: №125. Сүрөтүн жөнөтүңүз.")
    expect(page.locator("#written button[value=anew]")).to_be_visible()
    # The battery died: what was typed is there again, and what was edited stays edited.
    page.goto("/announcements")
    page.goto("/announcements/new?kind=assignment")
    expect(kyrgyz).to_have_value("Математика, тапшырма: №125. Сүрөтүн жөнөтүңүз.")
    page.locator("[name=page]").fill("46")
    expect(russian).to_have_value("Математика, задание: №125, с. 46.")
    expect(kyrgyz).to_have_value("Математика, тапшырма: №125. Сүрөтүн жөнөтүңүз.")
    page.locator("main form:not(.lang) .b-primary").click()
    page.wait_for_url("**/review")
    expect(page.locator("body")).to_contain_text("№95, 5-А: Математика, тапшырма: №125. Сүрөтүн жөнөтүңүз.")


def test_a_good_mark_goes_to_one_family_in_a_few_taps(enter: SignIn) -> None:
    page = enter("demo-5a")
    page.goto("/announcements/kinds")
    page.locator("a[href*='kind=result']").click()
    page.locator(".children a").first.click()
    page.locator("[name=subject]").fill("Адеп")
    page.locator("[name=mark]").fill("эки")
    page.locator("main form:not(.lang) .b-primary").click()
    expect(page.locator("#mark-error")).to_contain_text("4.2")
    page.locator("[name=mark]").fill("5")
    page.locator("main form:not(.lang) .b-primary").click()
    page.wait_for_url("**/review")
    expect(page.locator("body")).to_contain_text("баасы 5")
