"""The pages about devices, and those who must not see them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from notifier.database import db
from tests.cast import Cast, staff_member
from webapp.families.devices import NO, YES, Fact, facts_of, note_device
from webapp.staff.models import AuditEntry, Role

WEBAPP = Path(__file__).resolve().parents[2] / "webapp"


@pytest.fixture
def poor(cast: Cast, now: datetime) -> Cast:
    """The siblings have a button phone and a television, and nothing to learn with."""
    for having, value in (
        (Fact.SMARTPHONE, NO),
        (Fact.COMPUTER, NO),
        (Fact.BUTTON_PHONE, YES),
        (Fact.TV, YES),
    ):
        note_device(cast.siblings, having, value, datetime.now(UTC), cast.teacher)
    db.session.commit()
    return cast


def test_a_teacher_ticks_the_devices_of_a_class(cast: Cast, sign_in: Any) -> None:
    client, address = sign_in(cast.teacher), f"/families/devices/class/{cast.class_5a.id}"
    assert "Асан Мисалов" in client.get(address).text
    family = cast.button_phone.id
    data = {f"was{family}": "", f"has{family}": ["button_phone", "rest"], f"was{cast.siblings.id}": ""}
    assert client.post(address, data=data).status_code == 302
    devices = facts_of([family, cast.siblings.id])
    assert devices[family].has(Fact.BUTTON_PHONE) is True
    assert devices[family].has(Fact.SMARTPHONE) is False
    assert devices[cast.siblings.id].known == {}
    assert "Асан Мисалов" in client.get("/families/devices/without").text
    entry = db.session.query(AuditEntry).filter_by(action="devices.noted").one()
    assert entry.detail == {"families": 1}


def test_lines_of_another_class_are_not_written(cast: Cast, sign_in: Any) -> None:
    client, family = sign_in(cast.teacher), cast.neighbour.id
    client.post(
        f"/families/devices/class/{cast.class_5a.id}", data={f"was{family}": "", f"has{family}": ["tv"]}
    )
    assert facts_of([family])[family].known == {}


def test_a_family_card_shows_what_is_known_and_how_it_was_learned(poor: Cast, sign_in: Any) -> None:
    client = sign_in(poor.teacher)
    assert "Smartphone: No" in client.get(f"/families/{poor.siblings.id}").text
    address = f"/families/devices/{poor.siblings.id}"
    assert poor.teacher.name in client.get(address).text
    client.post(
        address, data={"reads": "both", "channels_asked": "1", "channels": "ЭЛТР", "other_channels": "=НТС"}
    )
    devices = facts_of([poor.siblings.id])[poor.siblings.id]
    assert devices.value(Fact.READS) == "both"
    assert devices.channels == ["ЭЛТР", "=НТС"]


def test_the_list_of_the_school_counts_by_class(poor: Cast, sign_in: Any) -> None:
    client = sign_in(poor.pedagogue)
    page = client.get("/families/devices/without").text
    assert "Нурлан Экөөбаев, 5-А" in page
    assert "Нурай Экөөбаева, 5-Б" in page
    one = client.get(f"/families/devices/without?of={poor.class_5b.id}").text
    assert "Нурлан" not in one
    assert client.get(f"/families/devices/without?of={poor.other_class.id}").status_code == 404


def test_a_class_teacher_sees_the_own_class_alone(poor: Cast, sign_in: Any) -> None:
    page = sign_in(poor.other_teacher).get("/families/devices/without").text
    assert "Нурай" in page
    assert "Нурлан" not in page


@pytest.mark.parametrize("role", [Role.OFFICE, Role.PSYCHOLOGIST, Role.SUBJECT_TEACHER])
def test_devices_do_not_concern_the_others(poor: Cast, sign_in: Any, role: Role, now: datetime) -> None:
    client = sign_in(staff_member(poor.school, "Бирөө Кызматкер", "somebody", role, now=now))
    for address in ("", "without", f"class/{poor.class_5a.id}", f"{poor.siblings.id}"):
        assert client.get(f"/families/devices/{address}").status_code in {403, 404}
    assert client.get("/tv/digest/without-tv").status_code == 403
    card = client.get(f"/families/{poor.siblings.id}")
    assert "Smartphone" not in card.text
    assert "Devices" not in client.get("/families/").text


def test_an_office_clerk_who_leads_a_class_sees_that_class_alone(
    poor: Cast, sign_in: Any, now: datetime
) -> None:
    clerk = staff_member(poor.school, "Эки Кызматтуу", "both", Role.OFFICE, Role.CLASS_TEACHER, now=now)
    poor.class_5b.teacher_id = clerk.id
    db.session.commit()
    client = sign_in(clerk)
    page = client.get("/families/devices/without").text
    assert "Нурай" in page
    assert "Нурлан" not in page
    assert client.get(f"/families/devices/{poor.button_phone.id}").status_code == 404
    assert "Smartphone" not in client.get(f"/families/{poor.button_phone.id}").text
    assert client.get(f"/families/devices/class/{poor.class_5a.id}").status_code == 404


def test_no_message_print_or_file_speaks_of_devices(app: Flask) -> None:
    """Clause 1.5: what a family cannot afford stands in no message, no print, no file."""
    asks = re.compile(r"device_queries|device_names|children_without|facts_of|DeviceFact|device_facts")
    writers = [
        # `conditions` finds whom to write to, and has no words of what is sent.
        *(file for file in (WEBAPP / "announcements").rglob("*.py") if file.stem != "conditions"),
        *(WEBAPP / "hooks").rglob("*.py"),
        *(WEBAPP / "public").rglob("*.py"),
        *(file for file in WEBAPP.rglob("*.py") if re.search("print|pdf|sheet|export|xlsx|ical", file.stem)),
        *WEBAPP.rglob("templates/**/*.txt"),
        *WEBAPP.rglob("templates/**/*print*.html"),
        *WEBAPP.rglob("templates/**/*sheet*.html"),
    ]
    assert writers
    assert [str(file) for file in writers if asks.search(file.read_text(encoding="utf-8"))] == []
    for page in ("devices.html", "devices_class.html", "devices_without.html", "devices_family.html"):
        text = (WEBAPP / "templates" / "families" / page).read_text(encoding="utf-8")
        # On paper there is only the sentence that says why there is nothing.
        assert "not_for_paper()" in text
        assert 'class="secret"' in text
