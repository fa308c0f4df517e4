"""Walk through Kabarchy as an outsider does, and write down what it took: `python docs/walk.py`.

Kabarchy starts in a folder of its own with the demo school, and is gone afterwards.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser import outsider, two_classes  # noqa: E402
from tests.browser.conftest import NAMES, PHONE, Site  # noqa: E402
from tests.browser.walking import Stage, Walker, on_slow_3g  # noqa: E402

SEEN = Path(__file__).with_name("walk-as-seen.md")
WALKS = 3
INTRODUCTION = """\
Written by `python docs/walk.py` on {day}: a screen of 360×740, the network slowed to slow 3G (400 kbit/s,
400 ms for each answer), nothing kept from an earlier visit, the demo school with two classes more. The
seconds are those of the phone and the network, the middle ones of {walks} walks; reading and typing come on
top. To tap a box and type into it counts as one tap. The last errand waits for the practice network alone,
whose slowest answers take a minute."""


def walk(page: Page, site: Site, teacher: two_classes.Teacher) -> list[Stage]:
    """Do the four errands, from the sign-in page on."""
    page.goto(site.url + "/login")
    page.locator("button[formaction$='/language/en']").click()
    walker = Walker(on_slow_3g(page))
    outsider.sign_in(walker, teacher)
    outsider.send_an_assignment(walker)
    outsider.see_who_did_not_get_it(walker)
    outsider.hand_three_families_over(walker)
    outsider.see_that_nothing_is_on_its_way(walker)
    return walker.stages


def written(walks: list[list[Stage]]) -> str:
    """The page: what it took, and what an outsider saw on the way."""
    lines = [
        "# An outsider's walk",
        "",
        INTRODUCTION.format(day=f"{datetime.now(UTC):%d.%m.%Y}", walks=len(walks)),
        "",
        "| errand | taps | letters typed | seconds |",
        "|---|---|---|---|",
    ]
    for stages in zip(*walks, strict=True):
        one = stages[0]
        seconds = sorted(stage.seconds for stage in stages)[len(stages) // 2]
        lines.append(f"| {one.name} | {one.taps} | {one.letters or '–'} | {seconds:.1f} |")
    # The waiting of the last errand is nobody's work.
    own = [stages[:-1] for stages in walks]
    taps, letters = sum(stage.taps for stage in own[0]), sum(stage.letters for stage in own[0])
    seconds = sorted(sum(stage.seconds for stage in stages) for stages in own)[len(own) // 2]
    lines.append(f"| **the first four together** | **{taps}** | **{letters}** | **{seconds:.0f}** |")
    return "\n".join(lines) + "\n\n" + SEEN.read_text()


def main() -> None:
    path = next(found for name in NAMES if (found := shutil.which(name)))
    walks = []
    for _ in range(WALKS):
        folder = Path(tempfile.mkdtemp(prefix="kabarchy-walk-"))
        site = Site(folder)
        try:
            site.wait()
            teacher = two_classes.bring_in(site.environ, folder)
            with sync_playwright() as play:
                browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
                walks.append(walk(browser.new_context(viewport=PHONE).new_page(), site, teacher))
                browser.close()
        finally:
            site.stop()
            shutil.rmtree(folder, ignore_errors=True)
    (ROOT / "docs" / "walk.md").write_text(written(walks))


if __name__ == "__main__":
    main()
