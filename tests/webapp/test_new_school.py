"""A school on its first day: nothing is in it yet, and every page says what to do next."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from datetime import datetime
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from notifier.database import db
from tests.cast import staff_member
from webapp.staff.models import Role, School, StaffMember

NO_PAGES = ("/static/", "/language/", "/logout", "/manifest/")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", Role)
def test_every_page_of_a_new_school_answers_and_an_empty_one_says_what_to_do(
    app: Flask, now: datetime, sign_in: Callable[[StaffMember], FlaskClient], role: Role
) -> None:
    school = School(name="Жаңы мектеп", short_name="№1", created_at=now)
    db.session.add(school)
    db.session.flush()
    client = sign_in(staff_member(school, "Жаңы Кызматкер", "new", role, now=now))
    db.session.commit()
    waiting, seen, faults = deque(["/"]), {"/"}, []
    while waiting:
        address = waiting.popleft()
        answer = client.get(address, follow_redirects=True)
        if answer.status_code != 200:
            faults.append(f"{address}: {answer.status_code}")
        if answer.mimetype != "text/html":
            continue
        main = answer.text.partition("<main")[2].partition("</main>")[0]
        # Not the ways back, nor a choice among things of which there are none.
        content = re.sub(r"<nav.*?</nav>", "", main, flags=re.DOTALL)
        if 'class="empty"' in content and not re.search(r"<(?:a|button)\b", content):
            faults.append(f"{address} is empty, and leads nowhere")
        for link in re.findall(r'<a\b[^>]*?\shref="([^"]+)"', answer.text):
            parts = urlsplit(urljoin(f"http://localhost{address}", unescape(link)))
            way = parts.path + (f"?{parts.query}" if parts.query else "")
            # Weeks and days go on for ever.
            endless = "day=" in way and sum("day=" in each for each in seen) > 20
            if (
                parts.netloc == "localhost"
                and way not in seen
                and not way.startswith(NO_PAGES)
                and not endless
            ):
                seen.add(way)
                waiting.append(way)
    assert not faults, "\n".join(faults)
    assert len(seen) > 10


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_first_thing_in_a_new_school_is_its_class_lists(
    now: datetime, sign_in: Callable[[StaffMember], FlaskClient]
) -> None:
    school = School(name="Жаңы мектеп", short_name="№1", created_at=now)
    db.session.add(school)
    db.session.flush()
    client = sign_in(staff_member(school, "Жаңы Директор", "new", Role.DIRECTOR, now=now))
    db.session.commit()
    assert "/families/import/" in client.get("/").text
    # Who sees the whole school is not told to ask for a class.
    for address in ("/announcements/new", "/reach/", "/reach/overview", "/families/devices/"):
        page = client.get(address).text
        assert "No families yet" in page, address
        assert re.search(r'class="empty".*?href="/families/"', page, re.DOTALL), address
