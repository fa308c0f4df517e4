"""A phone offers to keep Kabarchy on its first screen, under its name in the person's language."""

from __future__ import annotations

import json

import pytest

from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(("language", "name"), [("ky", "Кабарчы"), ("en", "Kabarchy")])
def test_a_phone_offers_to_keep_it(enter: SignIn, language: str, name: str) -> None:
    page = enter("demo-5a", language)
    chromium = page.context.new_cdp_session(page)
    faults = chromium.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # What tests open is a private window, and that keeps nothing.
    assert {fault["errorId"] for fault in faults} <= {"in-incognito"}
    manifest = chromium.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert json.loads(manifest["data"])["name"] == name
