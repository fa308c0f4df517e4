"""A class teacher adds a file to an announcement on a phone, and it is looked through."""

from __future__ import annotations

import gzip
import urllib.request
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.announcements.files import JPEG_AT_HOME, pdf
from tests.browser.conftest import SignIn, Site
from tests.browser.test_pages import RULES, WARM, WIDTHS

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def begun(page: Page) -> str:
    """Write a draft to 5-А and open the page of its files; return its address."""
    page.goto("/announcements/new")
    page.get_by_label("Text in Kyrgyz").fill("Буйрук каттын ичинде.")
    page.get_by_role("button", name="Look it over").click()
    page.get_by_role("link", name="Add a file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Files that go with the letters")
    return page.url


def findings(page: Page) -> list[str]:
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"wider than {width} px")
    page.set_viewport_size({"width": 360, "height": 740})
    return found + [rule["id"] for rule in Axe().run(page, options=RULES).response["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_teacher_adds_a_file_on_a_phone(enter: SignIn, site: Site, tmp_path: Path, scheme: str) -> None:
    page = enter("demo-5a", "en", color_scheme=scheme)
    address = begun(page)
    assert findings(page) == []
    order, photo = tmp_path / "Буйрук №282.pdf", tmp_path / "notebook.pdf"
    order.write_bytes(pdf())
    photo.write_bytes(JPEG_AT_HOME)

    page.get_by_label("A file from this phone or computer").set_input_files(order)
    page.get_by_role("button", name="Add the file").click()
    expect(page.locator(".files")).to_contain_text("Буйрук №282.pdf")
    page.get_by_label("Another file").set_input_files(photo)
    page.get_by_role("button", name="Add the file").click()
    expect(page.get_by_role("alert")).to_contain_text("inside it is a photo (JPEG)")
    assert findings(page) == []

    cookie = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
    request = urllib.request.Request(address, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        content = answer.read()
    assert len(content if answer.headers["Content-Encoding"] == "gzip" else gzip.compress(content)) < WARM

    page.get_by_role("link", name="Back to looking over").click()
    expect(page.locator(".files")).to_contain_text("Буйрук №282.pdf")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Буйрук №282.pdf").click()
    assert saved.value.suggested_filename == "Буйрук №282.pdf"
    page.get_by_role("link", name="Change the files").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".files")).to_have_count(0)
