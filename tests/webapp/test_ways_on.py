"""No dead ends: whoever follows any link of any page comes to a page that answers, and that leads further."""

from __future__ import annotations

import html
import re
from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from notifier.database import db
from notifier.models import Delivery, State
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.demo.school import make_demo_school
from webapp.families.models import Family, Pupil
from webapp.families.queries import visible_classes
from webapp.reach.board.standings import stand_anew
from webapp.staff.models import StaffMember

STATIC = Path(__file__).parents[2] / "webapp" / "static"
# Pages of one kind differ in whom they are about; a few of each are walked.
OF_A_KIND = 3
# As many children as a glance takes in; a page that names more has a search of its own.
A_GLANCE = 10
# What is not a page: files, and what is printed or downloaded.
NO_PAGES = ("/static/", "/language/", "/logout")


@pytest.fixture
def school(app: Flask) -> None:
    now = datetime.now(UTC)
    made = make_demo_school(now)
    teacher = db.session.scalars(select(StaffMember).filter_by(login="demo-5a")).one()
    announcement = Announcement(
        school_id=made.id,
        author_id=teacher.id,
        text_ky="Эртең сабак телекөрсөтүү аркылуу.",
        asks_acknowledgement=True,
        answer_by=now + timedelta(hours=20),
        created_at=now,
        classes=list(visible_classes(teacher)),
    )
    db.session.add(announcement)
    db.session.flush()
    publish(announcement, now, teacher)
    db.session.execute(update(Delivery).values(state=State.UNDELIVERED))
    stand_anew(list(db.session.scalars(select(Family.id))), now + timedelta(hours=2))
    db.session.commit()


def links(page: str, address: str) -> list[str]:
    """The places of ours a page leads to, without what is behind #."""
    found = []
    for link in re.findall(r'<a\b[^>]*?\shref="([^"]+)"', page):
        parts = urlsplit(urljoin(f"http://localhost{address}", html.unescape(link)))
        if parts.scheme in {"http", "https"} and parts.netloc == "localhost":
            found.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return found


def kind_of(app: Flask, address: str) -> tuple[str, tuple[str, ...]]:
    parts = urlsplit(address)
    endpoint, _ = app.url_map.bind("localhost").match(parts.path)
    return str(endpoint), tuple(sorted(part.partition("=")[0] for part in parts.query.split("&") if part))


# The pages are the same on both.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "login",
    [
        "demo-director",
        "demo-deputy",
        "demo-5a",
        "demo-subject",
        "demo-pedagogue",
        "demo-psychologist",
        "demo-office",
    ],
)
@pytest.mark.usefixtures("school")
def test_every_link_of_every_page_leads_to_a_page_with_a_way_on(
    app: Flask, sign_in: Callable[[StaffMember], FlaskClient], login: str
) -> None:
    client = sign_in(db.session.scalars(select(StaffMember).filter_by(login=login)).one())
    waiting, seen, walked, faults = deque([("", "/")]), {"/"}, Counter[object](), []
    children = set(db.session.scalars(select(Pupil.name)))
    while waiting:
        came_from, address = waiting.popleft()
        answer = client.get(address)
        # Where one is sent on, that page counts.
        while answer.status_code in {301, 302, 303, 308}:
            address = urlsplit(answer.location)._replace(scheme="", netloc="").geturl()
            answer = client.get(address)
        if answer.status_code >= 400:
            faults.append(f"{came_from or 'home'} → {address}: {answer.status_code}")
            continue
        if answer.mimetype != "text/html":
            continue
        page = answer.text
        main = page.partition("<main")[2].partition("</main>")[0]
        if main and not re.search(r"<a\b[^>]*href=|<button\b", main):
            faults.append(f"{address} leads nowhere")
        named = sum(name in main for name in children)
        if named > A_GLANCE and 'role="search"' not in main:
            faults.append(f"{address} names {named} children and is not searched")
        for link in links(page, address):
            if link in seen or link.startswith(NO_PAGES):
                continue
            seen.add(link)
            kind = kind_of(app, link)
            walked[kind] += 1
            if walked[kind] <= OF_A_KIND:
                waiting.append((address, link))
    assert faults == []
    assert len(seen) > (12 if login == "demo-subject" else 40)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("language", "name"), [("ky", "Кабарчы"), ("ru", "Кабарчы"), ("en", "Kabarchy")])
def test_a_phone_can_keep_it_on_its_first_screen(client: FlaskClient, language: str, name: str) -> None:
    client.post(f"/language/{language}")
    link = re.search(r'<link rel="manifest" href="([^"]+)"', client.get("/login").text)
    assert link
    answer = client.get(link[1])
    assert answer.mimetype == "application/manifest+json"
    manifest = answer.get_json()
    purposes = Counter[str]()
    for icon in manifest["icons"]:
        with client.get(icon["src"]) as drawing:
            assert drawing.status_code == 200
        purposes[icon["purpose"]] += 1
    assert purposes["any"] >= 2
    assert purposes["maskable"] >= 1
    assert (manifest["lang"], manifest["name"]) == (language, name)
    assert (manifest["start_url"], manifest["display"]) == ("/", "standalone")
    assert [client.get(each["url"]).status_code for each in manifest["shortcuts"]] == [302, 302, 302]
