"""The demo school: invented, plainly so, always the same, and gone without a trace."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from config import ROOT
from notifier.database import db
from notifier.models import Delivery, Inbound
from notifier.stationery import Enclosure, PaperEnclosure
from tests.cast import Cast
from webapp.announcements.files.attaching import attach
from webapp.announcements.files.check import GoodFile
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.demo import desk
from webapp.demo.invented import CLASS_LIST, class_list, households
from webapp.demo.rehearsal import throw_away
from webapp.demo.school import make_demo_school, remove
from webapp.demo.timetable import bring_timetable_in
from webapp.families.models import ContactPoint, Family, GuardianContact, Pupil, SchoolClass
from webapp.lessons.models import TvLesson
from webapp.staff import passwords
from webapp.staff.models import Role, School, StaffMember


def test_the_class_list_in_the_box_is_the_one_that_is_invented() -> None:
    shipped = CLASS_LIST.read_bytes().decode("utf-8-sig")
    assert shipped == class_list(), "python -m webapp.demo.invented"


def test_every_number_is_plainly_made_up() -> None:
    everybody = list(households())
    assert everybody
    for household in everybody:
        digits = re.sub(r"\D", "", household.phone)
        assert not digits or "555000" in digits
        assert not household.email or household.email.endswith("@example.kg")


def test_the_demo_school_has_families_of_every_kind(app: Flask, now: datetime) -> None:
    school = make_demo_school(now)
    db.session.commit()
    classes = db.session.scalars(db.select(SchoolClass).filter_by(school_id=school.id)).all()
    assert sorted((each.name, each.language) for each in classes) == [
        ("5-А", "ky"),
        ("5-Б", "ru"),
        ("7-А", "ky"),
    ]
    assert all(each.teacher for each in classes)
    families = db.session.scalars(db.select(Family)).all()
    assert len(families) == 75
    channels = Counter(
        tuple(sorted({link.contact_point.channel for g in family.guardians for link in g.contacts}))
        for family in families
    )
    assert channels == {("sms",): 61, ("email", "sms"): 5, ("email",): 5, (): 4}
    assert sum(len({pupil.class_id for pupil in family.pupils}) > 1 for family in families) == 6
    assert {g.language for family in families for g in family.guardians} == {"ky", "ru"}
    shared = db.session.execute(
        db.select(GuardianContact.contact_point_id)
        .group_by(GuardianContact.contact_point_id)
        .having(db.func.count() > 1)
    ).all()
    assert len(shared) == 4


def test_the_demo_school_has_a_login_for_every_role(app: Flask, now: datetime) -> None:
    make_demo_school(now)
    db.session.commit()
    people = db.session.scalars(db.select(StaffMember)).all()
    assert {role for person in people for role in person.roles} == set(Role)
    assert all(passwords.matches(passwords.DEMO, person.password_hash) for person in people[:2])


def test_the_demo_school_goes_without_a_trace_and_leaves_the_others_alone(cast: Cast, now: datetime) -> None:
    def announce(school: School) -> None:
        classes = list(db.session.scalars(db.select(SchoolClass).filter_by(school_id=school.id)))
        announcement = Announcement(school_id=school.id, text_ky="Салам", created_at=now, classes=classes)
        db.session.add(announcement)
        attach(announcement, GoodFile("тизме.txt", "text/plain", b"1"), now)
        publish(announcement, now)

    def counts() -> list[int]:
        tables = (
            School,
            StaffMember,
            Family,
            Pupil,
            ContactPoint,
            Announcement,
            Delivery,
            Inbound,
            Enclosure,
        )
        return [db.session.scalar(db.select(db.func.count()).select_from(table)) or 0 for table in tables]

    announce(cast.school)
    db.session.commit()
    before = counts()
    school = make_demo_school(now)
    announce(school)
    db.session.add(
        Inbound(provider="sandbox", provider_ref="1", sender="+996555000103", body="ООБА", received_at=now)
    )
    db.session.commit()
    assert counts() != before
    remove(school)
    db.session.commit()
    assert counts() == before


def test_the_throw_away_instance_takes_nothing_from_the_real_settings(tmp_path: Path) -> None:
    environ = throw_away(tmp_path)
    for name in ("DATABASE_URL", "REDIS_URL", "MAIL_SERVER"):
        assert environ[name] == ""
    assert environ["SMS_PROVIDER"] == "sandbox"


@pytest.mark.slow
def test_the_main_job_runs_headless_and_touches_nothing_else(tmp_path: Path) -> None:
    environ = dict(os.environ) | throw_away(tmp_path / "real")
    command = [sys.executable, "-m", "flask", "--app", "webapp", "demo", "--lang", "en"]
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "75 families with 81 children" in done.stdout
    total = next(line.split() for line in done.stdout.splitlines() if line.startswith("School"))
    assert total == ["School", "75", "62", "6", "3", "4"]
    assert "The phone is switched off or out of reach." in done.stdout
    assert list((tmp_path / "real").iterdir()) == [tmp_path / "real" / "secret_key"]


def test_an_announcement_of_the_demo_school_carries_a_file_to_those_who_read_mail(
    app: Flask, now: datetime
) -> None:
    school = make_demo_school(now)
    desk.furnish(school, now)
    db.session.commit()
    enclosure = db.session.scalars(select(Enclosure)).one()
    assert enclosure.name == "Математика, 125–130.pdf"
    assert enclosure.content.startswith(b"%PDF-")
    carried = db.session.scalars(
        select(Delivery)
        .join(PaperEnclosure, PaperEnclosure.paper_id == Delivery.paper_id)
        .where(PaperEnclosure.enclosure_id == enclosure.id)
    ).all()
    assert carried
    assert {delivery.channel for delivery in carried} == {"email"}
    remove(school)
    db.session.commit()
    assert db.session.scalar(select(Enclosure)) is None


def test_the_class_list_reads_as_a_spreadsheet() -> None:
    rows = list(csv.reader(class_list().splitlines(), delimiter=";"))
    assert len(rows) == 82
    assert {len(row) for row in rows} == {8}


def test_the_demo_school_has_tv_lessons_this_week_and_the_next(app: Flask, now: datetime) -> None:
    school = make_demo_school(now)
    bring_timetable_in(school, now)
    starts = db.session.scalars(select(TvLesson.starts_at).where(TvLesson.school_id == school.id)).all()
    days = {start.astimezone(school.zone).date() for start in starts}
    assert len(starts) == 2 * 171
    assert min(days) == date(2026, 11, 23)
    assert max(days) <= date(2026, 12, 6)
