"""A webinar that somebody began to write outlives a closed tab."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# A webinar lies ahead.
DAY = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
TYPED = {
    "day": DAY,
    "hour": "15:00",
    "link": "https://zoom.example/j/7",
    "code": "12",
    "text_ky": "Сынак",
}


def test_what_was_typed_of_a_webinar_is_there_after_the_tab_was_closed_and_gone_once_it_is_kept(
    enter: SignIn,
) -> None:
    first = enter("demo-director", "en")
    place = "/staff-notices/new?kind=webinar"
    first.goto(place)
    first.locator("label.chip", has_text="Class teacher").click()
    for name, value in TYPED.items():
        first.fill(f"[name={name}]", value)
    first.close()
    page = first.context.new_page()
    page.goto(place)
    assert {name: page.input_value(f"[name={name}]") for name in TYPED} == TYPED
    assert page.locator("label.chip input:checked").count() == 1
    page.goto(place)
    page.get_by_role("button", name="Look it over").click()
    page.wait_for_url("**/review")
    page.goto(place)
    assert {page.input_value(f"[name={name}]") for name in TYPED} == {""}
    assert page.locator("label.chip input:checked").count() == 0
