"""Processes killed in the middle of publishing, real ones: nothing is half published, and nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from notifier.database import db
from notifier.models import Delivery
from tests.announcements.writing import write
from tests.cast import Cast
from webapp.announcements.models import Announcement, AnnouncementClass
from webapp.announcements.recipients import Recipient
from webapp.families.models import ContactPoint, Family, Guardian, GuardianContact, Pupil
from webapp.families.search_key import search_key
from webapp.message_templates.keeping import make_template
from webapp.message_templates.models import MessageSheet
from webapp.message_templates.sheets.plan import plan_of
from webapp.message_templates.sheets.waiting import let_it_go_at
from webapp.staff.models import AuditEntry, StaffMember

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

ROOT = Path(__file__).resolve().parents[2]
ROWS = 900


def begin(environ: dict[str, str], step: str, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.departing", step, *more],
        cwd=ROOT,
        env=dict(os.environ) | environ,
        stderr=subprocess.DEVNULL,
    )


def run(environ: dict[str, str], step: str, *more: str) -> int:
    return begin(environ, step, *more).wait(90)


def counted() -> dict[str, int]:
    """How many messages, copies and lines of the audit there are, and whether a message has no copy."""
    db.session.rollback()
    found = {
        model.__name__: db.session.scalar(select(func.count()).select_from(model)) or 0
        for model in (Delivery, Recipient)
    }
    published = select(func.count()).where(AuditEntry.action == "announcement.published")
    carried = select(Recipient.delivery_id).where(Recipient.delivery_id.is_not(None))
    stray = select(func.count()).select_from(Delivery).where(Delivery.id.not_in(carried))
    found |= {"published": db.session.scalar(published) or 0, "stray": db.session.scalar(stray) or 0}
    # Whoever acts next must not wait for this test.
    db.session.remove()
    return found


NOTHING = {"Delivery": 0, "Recipient": 0, "published": 0, "stray": 0}


@pytest.fixture
def many(cast: Cast) -> list[str]:
    """A family for each row of a large spreadsheet, each with a phone of its own; the children's names."""
    school, class_id = cast.school.id, cast.class_5a.id
    first = db.session.scalar(select(func.max(Family.id))) or 0
    ids = range(first + 1000, first + 1000 + ROWS)
    names = [f"Бала{n} Жүзов" for n in range(ROWS)]
    numbers = [f"+9965550{n:05}" for n in range(10_000, 10_000 + ROWS)]
    db.session.execute(insert(Family), [{"id": id_, "school_id": school} for id_ in ids])
    db.session.execute(
        insert(Pupil),
        [
            {"school_id": school, "family_id": id_, "class_id": class_id, "name": name}
            | {"search_key": search_key(name)}
            for id_, name in zip(ids, names, strict=True)
        ],
    )
    db.session.execute(
        insert(Guardian),
        [
            {"id": id_, "school_id": school, "family_id": id_, "name": "Апа", "language": "ky"}
            | {"search_key": "apa"}
            for id_ in ids
        ],
    )
    db.session.execute(
        insert(ContactPoint),
        [
            {"id": id_, "school_id": school, "channel": "sms", "address": number}
            for id_, number in zip(ids, numbers, strict=True)
        ],
    )
    db.session.execute(
        insert(GuardianContact),
        [{"guardian_id": id_, "contact_point_id": id_, "priority": 0} for id_ in ids],
    )
    db.session.commit()
    return names


def put_off(cast: Cast, names: list[str]) -> Announcement:
    """A spreadsheet with a row for each of them, whose hour has just come."""
    now = datetime.now(UTC)
    template = make_template(
        cast.school, "Тамак", {"ky": "((сумма)) сом", "ru": ""}, now, token="food", author=cast.teacher
    )
    assert template
    sheet = MessageSheet(
        school_id=cast.school.id,
        staff_id=cast.teacher.id,
        version_id=template.current.id,
        digest="900",
        content={
            "columns": [[0, "Окуучу", "", "pupil"], [1, "Сумма", "сумма", ""]],
            "rows": [[n, [name, str(n)]] for n, name in enumerate(names, start=2)],
        },
        created_at=now,
    )
    db.session.add(sheet)
    db.session.flush()
    found = plan_of(sheet, cast.school, [cast.class_5a.id], now)
    assert not found.problems
    assert let_it_go_at(sheet, found, now - timedelta(seconds=1), now, cast.teacher)
    db.session.commit()
    assert sheet.announcement
    return sheet.announcement


@pytest.mark.parametrize(
    ("database", "step"),
    [("sqlite", "before_commit"), ("postgresql", "posted"), ("postgresql", "after_commit")],
    indirect=["database"],
)
def test_a_spreadsheet_of_900_rows_goes_whole_or_not_at_all(
    environ: dict[str, str], cast: Cast, many: list[str], step: str
) -> None:
    number = put_off(cast, many).id
    db.session.remove()
    whole = {"Delivery": ROWS, "Recipient": ROWS, "published": 1, "stray": 0}
    assert run(environ, step) == -signal.SIGKILL
    assert counted() == (whole if step == "after_commit" else NOTHING)
    # The next worker, and one more on another machine at the same moment.
    workers = [begin(environ, "never") for _ in range(2)]
    assert [worker.wait(90) for worker in workers] == [0, 0]
    assert counted() == whole
    addresses = db.session.scalars(select(Delivery.address)).all()
    assert len(set(addresses)) == ROWS
    assert db.session.get_one(Announcement, number).published_at is not None


@pytest.mark.parametrize(
    ("database", "step"),
    [("sqlite", "posted"), ("sqlite", "after_commit"), ("postgresql", "before_commit")],
    indirect=["database"],
)
def test_a_page_killed_while_it_sends_has_sent_all_or_nothing(
    environ: dict[str, str], cast: Cast, now: datetime, step: str
) -> None:
    draft = write(cast, now=now)
    person: StaffMember = cast.teacher
    button = ("send", str(draft.id), person.get_id(), draft.fingerprint)
    db.session.remove()
    whole = {"Delivery": 3, "Recipient": 4, "published": 1, "stray": 0}
    assert run(environ, step, *button) == -signal.SIGKILL
    assert counted() == (whole if step == "after_commit" else NOTHING)
    # The person presses again, twice at once.
    again = [begin(environ, "never", *button) for _ in range(2)]
    assert [each.wait(90) for each in again] == [0, 0]
    assert counted() == whole
    classes = db.session.scalar(select(func.count()).select_from(AnnouncementClass))
    assert classes == 1
