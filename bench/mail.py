"""E-mail at 20 ms a reply: our worker, a Flask-Mail connection per message, bare smtplib on as many lines."""

from __future__ import annotations

import smtplib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.mime.text import MIMEText

from flask import Flask
from flask_mail import Mail, Message

from bench.databases import Databases
from bench.place import TEXT, Place, place, stop_all
from bench.processes import running, wait_until
from bench.rows import Row, say

DELAY = 0.02
SUBJECT = "№95, 5-А: мектептен кабар"
SENDER = "mektep@example.kg"


def measure(databases: Databases, quick: bool) -> list[Row]:
    from notifier.channels.email import Email

    count = 200 if quick else 3000
    lines = Email.in_flight
    with _server() as port, place(databases, "postgresql", **_settings(port)) as here:
        ours = _ours(here, port, count)
        lone = _flask_mail(port, 20)
        bare = _bare(port, count, lines)
    say(f"  ours {ours:.0f}/s, Flask-Mail {lone:.2f}/s, bare smtplib on {lines} lines {bare:.0f}/s")
    return [
        Row(
            name=f"Letters a second at {DELAY * 1000:.0f} ms a reply: {count:,}, {lines} connections",
            unit="1/s",
            ours=ours,
            theirs={"a Flask-Mail connection each": lone, f"bare smtplib, {lines} connections": bare},
        )
    ]


@contextmanager
def _server() -> Iterator[int]:
    with running("-m", "bench.mail_server", "--delay", str(DELAY)) as process:
        assert process.process.stdout
        yield int(process.process.stdout.readline())


def _settings(port: int) -> dict[str, str]:
    return {
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(port),
        "MAIL_USE_TLS": "false",
        "MAIL_USE_SSL": "false",
        "MAIL_USERNAME": "",
        "MAIL_PASSWORD": "",
        "MAIL_DEFAULT_SENDER": SENDER,
    }


def _ours(here: Place, port: int, count: int) -> float:
    from notifier import jobs, outbox
    from notifier.database import db

    paper = outbox.Letterhead("ky", "№95 мектеп-гимназия", "Мектептен мындан ары электрондук кат албайм")
    outbox.post(
        [
            outbox.Post(
                dedupe_key=f"mail:{i}",
                channel="email",
                address=f"apa{i}@example.kg",
                subject=SUBJECT,
                body=f"{TEXT}\n\nОкуучу: Асан Мисалов, 5-А\n№95 мектеп-гимназия\n",
                letterhead=paper,
            )
            for i in range(count)
        ],
        datetime.now(UTC),
    )
    db.session.commit()
    before = taken(port)
    workers = here.workers(1)
    try:
        began = time.time()
        jobs.nudge()
        wait_until(lambda: taken(port) - before >= count, 300, "e-mail", every=0.05)
        wait_until(lambda: here.open_rows() == 0, 30, "settling")
        seconds = time.time() - began
    finally:
        stop_all(workers)
    if taken(port) - before != count or here.counts() != {"accepted": count}:
        raise AssertionError(f"not every letter went exactly once: {taken(port) - before} {here.counts()}")
    return count / seconds


def _flask_mail(port: int, count: int) -> float:
    app = Flask(__name__)
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port, MAIL_DEFAULT_SENDER=SENDER)
    mail = Mail(app)
    with app.app_context():
        began = time.time()
        for i in range(count):
            mail.send(Message(SUBJECT, recipients=[f"apa{i}@example.kg"], body=TEXT))
    return count / (time.time() - began)


def _bare(port: int, count: int, lines: int) -> float:
    letter = MIMEText(TEXT, "plain", "utf-8").as_bytes()
    numbers = iter(range(count))

    def carry() -> None:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="bench") as line:
            for i in numbers:
                line.sendmail(SENDER, [f"apa{i}@example.kg"], letter)

    threads = [threading.Thread(target=carry) for _ in range(lines)]
    began = time.time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count / (time.time() - began)


def taken(port: int) -> int:
    """How many letters the server has."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="bench") as line:
        return int(line.docmd("COUNT")[1].split()[0])
