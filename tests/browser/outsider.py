"""The walk of somebody who has never seen Kabarchy: one errand after the other, on a cheap phone."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.two_classes import WITHOUT_AN_ADDRESS, Teacher
from tests.browser.walking import Walker

SUBJECT, TASK, PAGE = "Эне тил", "3-көнүгүүнү дептерге жазып келгиле.", "45"
LONGEST_WAIT = 90_000


def sign_in(walker: Walker, teacher: Teacher) -> None:
    """From the sign-in page to the first page."""
    page = walker.page
    with walker.stage("Sign in"):
        walker.type(page.get_by_label("Login"), teacher.login)
        walker.type(page.get_by_label("Password"), teacher.password)
        walker.tap(page.get_by_role("button", name="Sign in", exact=True))
        expect(page.get_by_role("link", name="New announcement")).to_be_visible()


def send_an_assignment(walker: Walker) -> None:
    """To two classes; its text writes itself from three fields, in two languages."""
    page = walker.page
    with walker.stage("Send an assignment to two classes"):
        walker.tap(page.get_by_role("link", name="New announcement"))
        walker.tap(page.get_by_role("link", name=re.compile("^Assignment, lesson")))
        walker.tap(page.get_by_role("main").get_by_role("link", name=re.compile("^Assignment")))
        for name in ("6-А", "6-Б"):
            walker.tap(page.locator("label.chip", has_text=name))
        walker.type(page.get_by_label("Subject"), SUBJECT)
        walker.type(page.get_by_label("What is to be done"), TASK)
        walker.type(page.get_by_label(re.compile("^Pages of the textbook")), PAGE)
        expect(page.get_by_label("Text in Kyrgyz")).to_have_value(re.compile(SUBJECT), timeout=LONGEST_WAIT)
        walker.tap(page.get_by_role("button", name="Look it over"))
        expect(page.get_by_role("main")).to_contain_text("№95, 6-А: ")
        walker.tap(page.get_by_role("button", name=re.compile(r"Send to \d+ families")))


def see_who_did_not_get_it(walker: Walker) -> None:
    """They stand first on the page that follows."""
    with walker.stage("See who did not get it"):
        for child in WITHOUT_AN_ADDRESS:
            expect(walker.page.get_by_role("main")).to_contain_text(child)


def hand_three_families_over(walker: Walker) -> None:
    """To the social pedagogue, who goes to see them."""
    page, main = walker.page, walker.page.get_by_role("main")
    with walker.stage("Hand three families to the pedagogue"):
        walker.tap(page.get_by_role("link", name="Who does not know yet, and who goes to them"))
        for child in WITHOUT_AN_ADDRESS:
            walker.tap(page.get_by_role("row", name=child).locator("label.chip"))
        walker.tap(page.get_by_role("button", name="Hand the ticked families to the social pedagogue"))
        expect(main).to_contain_text("3 families are handed to the social pedagogue.")


def see_that_nothing_is_on_its_way(walker: Walker) -> None:
    """The page of an announcement renews itself until the network has answered for every family."""
    page = walker.page
    with walker.stage("Until the network has answered for everybody"):
        page.go_back()
        page.go_back()
        waiting = page.get_by_role("navigation", name="Show only").get_by_role(
            "link", name=re.compile("Waiting")
        )
        expect(waiting).to_contain_text("0", timeout=LONGEST_WAIT)
