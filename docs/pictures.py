"""Take the README's pictures anew: `make run` with an empty INSTANCE_DIR, then `python docs/pictures.py`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from notifier.channels.html import as_html  # noqa: E402
from notifier.message import Stationery  # noqa: E402

PAPER = Stationery("ky", "№95 мектеп-гимназия (машыгуу)", "Мектептен мындан ары электрондук кат албайм")
TO = ROOT / "docs" / "pictures"
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
NOTICE = {
    "ky": "Урматтуу ата-энелер! Эртең 09:00дө ЭЛТР каналында математика. Балаңызга шарт түзүңүз.",
    "ru": "Уважаемые родители! Завтра в 09:00 на канале ЭЛТР математика. Помогите ребёнку посмотреть урок.",
}
LETTER = """Айбек Үлгүлүев, 5-А
Шр, 25-ноябрь
  9:00–9:30  Баластан  Математика: Бөлчөктөрдү кошуу
  10:00–10:30  ЭЛТР  Орус тили (кайра)
  11:15–11:45  Баластан  Кыргыз адабияты: «Манас» эпосу

Нурай Үлгүлүева, 3-Б
Шр, 25-ноябрь
  9:00–9:25  Баластан  Эне тили

№95 мектеп-гимназия (машыгуу)
Жооп берүү үчүн мектепке чалыңыз: +996 312 000 095
"""


def enter(page: Page, login: str, language: str) -> None:
    page.goto("/login")
    page.locator(f"button[formaction$='/language/{language}']").click()
    page.locator(f"form:has(input[name=login][value={login}]) button").click()
    page.wait_for_load_state()


def take(page: Page, name: str) -> None:
    page.screenshot(path=TO / f"{name}.png", animations="disabled")


def main(address: str) -> None:
    TO.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_context(base_url=address, viewport=PHONE).new_page()
        enter(page, "demo-5a", "ky")
        take(page, "home")
        page.goto("/announcements/kinds")
        take(page, "kinds")
        page.goto("/announcements/new")
        for language, text in NOTICE.items():
            page.locator(f"textarea[name=text_{language}]").fill(text)
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        page.wait_for_timeout(1500)
        take(page, "compose")
        page.locator("main form button.b-primary").click()
        page.wait_for_load_state()
        take(page, "review")
        page.locator("form[action$=send] button").click()
        page.wait_for_load_state()
        # Half a minute in which it can be taken back, and the practice network's slowest answers.
        page.wait_for_timeout(75_000)
        page.reload()
        take(page, "progress")
        page.goto("/families/import/")
        page.set_input_files("input[type=file]", ROOT / "webapp" / "demo" / "class-list.csv")
        page.locator("main form button.b-primary").first.click()
        page.wait_for_load_state()
        take(page, "import")
        page.goto("/tv/")
        take(page, "lessons")
        desk = browser.new_context(base_url=address, viewport=DESK).new_page()
        enter(desk, "demo-director", "ky")
        desk.goto("/sandbox/")
        take(desk, "phones")
        desk.goto("/reach/overview")
        take(desk, "reach")
        page.context.clear_cookies()
        enter(page, "demo-pedagogue", "ky")
        page.goto("/reach/board")
        take(page, "board")
        page.goto("/inbox/families/1")
        take(page, "conversation")
        page.set_content(as_html("№95: телесабактар", LETTER, PAPER, "https://example.kg/unsubscribe/a"))
        take(page, "letter")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
