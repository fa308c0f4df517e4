"""The ladder with real workers killed at it: each rung once, and nobody written to twice."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from notifier.database import db
from notifier.message import Fault, Outcome, Receipt
from notifier.models import Delivery, State
from notifier.outbox import settle_receipt
from notifier.valkey import EmbeddedValkey
from tests import smtp_server
from tests.announcements.writing import send, write
from tests.cast import Cast, family
from tests.faults.conftest import SOAK
from tests.faults.test_processes import (  # noqa: F401  (fixtures)
    Figure,
    Started,
    environ,
    queue,
    server,
    start,
)
from tests.notifier.outgoing import release_session
from tests.reach.climbing import guardian
from tests.twilio_server import TwilioServer
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Climb, Recipient
from webapp.families.models import Guardian
from webapp.reach.ladder.of_school import Rung, keep_ladder
from webapp.reach.models import FollowUp, Means

# ruff: noqa: F811

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900 if SOAK else 240)]

FAMILIES, NUMBERS = (200, 3) if SOAK else (40, 3)
WORKERS_KILLED = 20 if SOAK else 5
SECONDS = 600 if SOAK else 150
OFF = Receipt(outcome=Outcome.UNDELIVERED, code="30003", fault=Fault.HANDSET_OFF)


@pytest.fixture
def off(cast: Cast) -> Announcement:
    """Families with three numbers each, whose phones are all off; then the teacher is to call, at once."""
    at_once = timedelta(0)
    means = [Means.NEXT_NUMBER] * (NUMBERS - 1) + [Means.CALL]
    keep_ladder(cast.school, [Rung(n, each, at_once, at_once) for n, each in enumerate(means, 1)])
    for n in range(FAMILIES):
        household = family(cast.school, {f"Бала {n}": cast.class_5b}, "Апа", phone=f"+9965551{n:05}")
        for other in range(2, NUMBERS + 1):
            guardian(household, f"Тууган {other}", f"+996555{other}{n:05}")
    sent_at = datetime.now(UTC)
    # Urgent, so that the test does not wait for the morning.
    announcement = write(cast, cast.class_5b, urgent=True, now=sent_at)
    send(announcement, sent_at)
    return announcement


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[smtp_server.MailServer]:
    monkeypatch.setenv("SSL_CERT_FILE", str(smtp_server.AUTHORITY))
    with smtp_server.running() as running:
        yield running


@pytest.fixture
def by_mail(mail: smtp_server.MailServer) -> dict[str, str]:
    """The settings of a worker that sends e-mails there."""
    return {
        "MAIL_SERVER": "localhost",
        "MAIL_PORT": str(mail.port),
        "MAIL_DEFAULT_SENDER": "school@example.kg",
        "SSL_CERT_FILE": str(smtp_server.AUTHORITY),
    }


@pytest.fixture
def off_with_mailboxes(cast: Cast) -> Announcement:
    """Families with two numbers, both off, and a mailbox; then a call and, after it, a visit."""
    at_once = timedelta(0)
    means = [Means.NEXT_NUMBER, Means.EMAIL, Means.CALL, Means.VISIT]
    keep_ladder(cast.school, [Rung(n, each, at_once, at_once) for n, each in enumerate(means, 1)])
    for n in range(FAMILIES):
        household = family(cast.school, {f"Бала {n}": cast.class_5b}, "Апа", phone=f"+9965551{n:05}")
        guardian(household, f"Ата {n}", f"+9965552{n:05}", f"ata{n}@example.kg")
    sent_at = datetime.now(UTC)
    announcement = write(cast, cast.class_5b, urgent=True, now=sent_at)
    send(announcement, sent_at)
    return announcement


def network_reports() -> None:
    """Let the network say of every message that was taken that the phone is off."""
    release_session()
    taken = db.session.scalars(select(Delivery.ref).where(Delivery.state == State.ACCEPTED)).all()
    release_session()
    for ref in taken:
        settle_receipt(ref, OFF, datetime.now(UTC))


def asked_to_call(announcement: Announcement) -> int:
    release_session()
    found = db.session.scalar(
        select(func.count()).where(FollowUp.announcement_id == announcement.id, FollowUp.rule == "ladder")
    )
    release_session()
    return found or 0


def test_each_rung_is_taken_once_however_often_its_worker_is_killed(
    off: Announcement,
    server: TwilioServer,
    queue: EmbeddedValkey,
    start: Callable[..., Started],
    tmp_path: Path,
    figure: Figure,
) -> None:
    deaths, number = tmp_path / "deaths", off.id
    deaths.touch()
    release_session()
    server.latency = 0.05
    climbing = db.session.get_one(Announcement, number)
    families = db.session.scalar(
        select(func.count()).select_from(Recipient).where(Recipient.announcement_id == number)
    )
    assert families is not None
    assert families >= FAMILIES
    release_session()
    worker, killed, began = start("climbing", str(deaths)), 0, time.monotonic()
    after = [FAMILIES * NUMBERS * (n + 1) // (WORKERS_KILLED + 1) for n in range(WORKERS_KILLED)]
    while asked_to_call(climbing) < families and time.monotonic() - began < SECONDS:
        network_reports()
        if killed < len(after) and len(server.messages) >= after[killed]:
            if (horse := worker.horse()) is not None and killed % 2:
                os.kill(horse, signal.SIGKILL)
            worker.process.kill()
            worker.process.wait()
            worker, killed = start("climbing", str(deaths)), killed + 1
        time.sleep(0.2)
    took = time.monotonic() - began
    assert killed == WORKERS_KILLED
    assert deaths.read_text(), "no run died of itself"
    assert asked_to_call(climbing) == families
    time.sleep(3)  # another run or two find nothing left to do
    twice = {number: n for number, n in Counter(server.sent_to).items() if n > 1}
    assert twice == {}
    ours = {f"+996555{other}{n:05}" for n in range(FAMILIES) for other in range(1, NUMBERS + 1)}
    assert ours <= set(server.sent_to)
    assert server.violations == []
    release_session()
    rungs: dict[int, list[int]] = {}
    for recipient_id, position in db.session.execute(
        select(Climb.recipient_id, Climb.position)
        .join(Recipient, Recipient.id == Climb.recipient_id)
        .where(Recipient.contact_point_id.is_not(None))
        .order_by(Climb.recipient_id, Climb.position)
    ):
        rungs.setdefault(recipient_id, []).append(position)
    full = [taken for taken in rungs.values() if taken == list(range(NUMBERS + 1))]
    assert len(full) == FAMILIES
    assert asked_to_call(climbing) == families
    release_session()
    said = deaths.read_text()
    figure(
        f"{FAMILIES} families climbed {NUMBERS} rungs in {took:.1f} s while {killed} workers were killed "
        f"and {len(said)} runs died ({said.count('b')} before a commit, {said.count('a')} after one)"
    )


# On SQLite it takes two minutes more, and shows the same.
@pytest.mark.parametrize("database", ["sqlite", "postgresql"] if SOAK else ["postgresql"], indirect=True)
def test_the_email_rung_is_taken_once_too_and_then_a_person_is_asked_once(
    off_with_mailboxes: Announcement,
    server: TwilioServer,
    mail: smtp_server.MailServer,
    by_mail: dict[str, str],
    queue: EmbeddedValkey,
    start: Callable[..., Started],
    tmp_path: Path,
    figure: Figure,
) -> None:
    deaths, number = tmp_path / "deaths", off_with_mailboxes.id
    deaths.touch()
    release_session()
    server.latency = 0.05
    ours = {f"ata{n}@example.kg" for n in range(FAMILIES)}
    worker, killed, began = start("climbing", str(deaths), **by_mail), 0, time.monotonic()
    # Killed while SMS are climbing, and again while letters are leaving.
    marks = [("sms", FAMILIES // 2), ("sms", FAMILIES), ("mail", 3), ("mail", FAMILIES // 2)]
    while time.monotonic() - began < SECONDS + 50:
        network_reports()
        gone = {"sms": len(server.messages), "mail": len(mail.letters)}
        if killed < len(marks) and gone[marks[killed][0]] >= marks[killed][1]:
            if (horse := worker.horse()) is not None and killed % 2:
                os.kill(horse, signal.SIGKILL)
            worker.process.kill()
            worker.process.wait()
            worker, killed = start("climbing", str(deaths), **by_mail), killed + 1
        if killed == len(marks) and asked_about(number) >= FAMILIES:
            break
        time.sleep(0.2)
    took = time.monotonic() - began
    time.sleep(3)  # another run or two find nothing left to do
    assert killed == len(marks)
    assert deaths.read_text(), "no run died of itself"
    assert {n: times for n, times in Counter(server.sent_to).items() if times > 1} == {}
    # A letter whose answer was lost goes once more with the same Message-ID: mail programs show one of them.
    letters = Counter((envelope.rcpt_tos[0], str(letter["Message-ID"])) for envelope, letter in mail.letters)
    assert {address for address, _ in letters} >= ours
    different = Counter(address for address, _ in letters)
    assert {address: n for address, n in different.items() if n > 1} == {}
    assert asked_about(number) == FAMILIES
    release_session()
    # Nobody waits on this ladder, so the visit may be asked for too: each of them once.
    tasks = Counter(
        db.session.execute(
            select(FollowUp.family_id, FollowUp.means).where(FollowUp.announcement_id == number)
        ).tuples()
    )
    assert {task: n for task, n in tasks.items() if n > 1} == {}
    rungs: dict[int, list[str]] = {}
    for recipient_id, means in db.session.execute(
        select(Climb.recipient_id, Climb.means)
        .join(Recipient, Recipient.id == Climb.recipient_id)
        .join(Delivery, Delivery.id == Climb.delivery_id)
        .where(Recipient.announcement_id == number, Recipient.contact_point_id.is_not(None))
        .order_by(Climb.recipient_id, Climb.position)
    ):
        rungs.setdefault(recipient_id, []).append(means)
    assert len([taken for taken in rungs.values() if taken[1:] == ["next_number", "email"]]) == FAMILIES
    release_session()
    again = sum(times for times in letters.values()) - len(letters)
    figure(
        f"{FAMILIES} families climbed to an e-mail and a call in {took:.1f} s while {killed} workers were "
        f"killed and {len(deaths.read_text())} runs died; {again} letters went again under their own id"
    )


def asked_about(number: int) -> int:
    """Count the families somebody is asked to call, of those with a mailbox."""
    release_session()
    found = db.session.scalar(
        select(func.count(FollowUp.family_id.distinct()))
        .select_from(FollowUp)
        .where(
            FollowUp.announcement_id == number,
            FollowUp.rule == "ladder",
            FollowUp.family_id.in_(select(Guardian.family_id).where(Guardian.name.like("Ата %"))),
        )
    )
    release_session()
    return found or 0
