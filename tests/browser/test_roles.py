"""What each role comes for, done with a thumb: a screen of 360×740, slow 3G, no mouse and no patience.

The whole main job of everybody; nothing here depends on how long it takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import outsider, two_classes
from tests.browser.conftest import PHONE, SignIn, Site
from tests.browser.walking import Walker, on_slow_3g

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIST = """Класс;Окуучу;Ата-эне;Ким болот;Телефон;Тил
8-В;Жаңыбаева Нурзат;Жаңыбаева Салтанат;апасы;0555 000 301;кыргызча
8-В;Жаңыбаев Эмил;Жаңыбаев Кубат;атасы;0555 000 302;кыргызча
"""


@pytest.fixture
def slowly(enter: SignIn) -> Callable[[str], Page]:
    """Sign in at the demo school in English, then go on over slow 3G."""
    return lambda login: on_slow_3g(enter(login, "en"))


@pytest.fixture(scope="session")
def teacher(site: Site, tmp_path_factory: pytest.TempPathFactory) -> two_classes.Teacher:
    return two_classes.bring_in(site.environ, tmp_path_factory.mktemp("two-classes"))


@pytest.fixture
def door(browser: Browser, site: Site) -> Iterator[Page]:
    """The sign-in page as a stranger finds it, in English, on slow 3G."""
    context = browser.new_context(viewport=PHONE, base_url=site.url, locale="en")
    page = context.new_page()
    page.goto("/login")
    page.locator("button[formaction$='/language/en']").click()
    yield on_slow_3g(page)
    context.close()


def fits(page: Page) -> None:
    """Nothing to scroll sideways for."""
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_a_teacher_sends_an_assignment_sees_who_did_not_get_it_and_hands_them_over(
    door: Page, teacher: two_classes.Teacher
) -> None:
    walker = Walker(door)
    for errand in (
        lambda: outsider.sign_in(walker, teacher),
        lambda: outsider.send_an_assignment(walker),
        lambda: outsider.see_who_did_not_get_it(walker),
        lambda: outsider.hand_three_families_over(walker),
        lambda: outsider.see_that_nothing_is_on_its_way(walker),
    ):
        errand()
        fits(door)


def test_a_pedagogue_calls_a_family_from_the_first_page_in_taps(slowly: Callable[[str], Page]) -> None:
    page = slowly("demo-pedagogue")
    page.goto("/reach/board?show=unreached")
    family = page.locator("section.card").first
    name = family.get_by_role("heading").inner_text()
    family.get_by_role("link", name="Call", exact=True).click()
    family.get_by_role("button", name="Spoke to the family").click()
    expect(page.locator("section.card", has_text=name)).to_contain_text("Reached", timeout=30_000)
    page.reload()
    expect(page.get_by_role("navigation", name="Which families")).to_be_visible()
    # Not by the number of families: meanwhile the network answers for messages of others.
    expect(page.locator("section.card", has_text=name)).to_have_count(0)
    fits(page)


def test_a_pedagogue_finds_a_child_in_the_letters_at_hand(slowly: Callable[[str], Page]) -> None:
    page = slowly("demo-pedagogue")
    page.get_by_role("link", name="Find a family").click()
    page.get_by_role("searchbox").fill("kanykei")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("main").get_by_role("link", name=re.compile("Каныкей")).first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Каныкей")


def test_a_director_sees_how_far_the_school_was_told(slowly: Callable[[str], Page]) -> None:
    page = slowly("demo-director")
    main = page.get_by_role("main")
    expect(main).to_contain_text("The last 7 days")
    expect(main).to_contain_text("of what families were told reached them")
    main.get_by_role("link", name="Overview").click()
    expect(main).to_contain_text(re.compile(r"\d+ of \d+ families reached"))
    fits(page)
    page.get_by_role("link", name="Who was not reached").click()
    expect(main).to_contain_text("5-А")
    fits(page)


def test_an_office_brings_a_list_in(slowly: Callable[[str], Page], tmp_path: Path) -> None:
    file = tmp_path / "8-В.csv"
    file.write_text(LIST)
    page = slowly("demo-office")
    page.get_by_role("navigation", name="Main sections").get_by_role("link", name="Families").click()
    page.get_by_role("link", name="Bring in a class list").click()
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Next: columns").click()
    # Without an error the list goes straight to what will change.
    page.get_by_role("button", name="Next: errors").click()
    expect(page.get_by_role("main")).to_contain_text("8-В")
    fits(page)
    page.get_by_role("button", name="Apply the list").click()
    page.get_by_role("link", name="Find a family").click()
    page.get_by_role("searchbox").fill("nurzat jany")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("main")).to_contain_text("Жаңыбаева Нурзат")
    expect(page.get_by_role("main")).to_contain_text("8-В")


def test_a_subject_teacher_and_a_psychologist_are_led_somewhere(slowly: Callable[[str], Page]) -> None:
    for login in ("demo-subject", "demo-psychologist"):
        page = slowly(login)
        page.locator(".next .button").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        fits(page)
