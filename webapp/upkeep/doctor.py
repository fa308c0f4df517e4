"""`flask --app webapp doctor`: is everything as it should be, and if not, what to do?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click
import redis
from flask import current_app
from flask_babel import gettext, ngettext
from sqlalchemy import func, select

from notifier.at_work import PATIENCE, worker_seen
from notifier.database import db
from notifier.models import Delivery, ProviderPause, State
from notifier.outbox import ROUTINE, being
from webapp.settings import current_settings
from webapp.staff.access import DEMO_LOGINS_LEFT
from webapp.staff.models import StaffMember
from webapp.staff.queries import demo_staff, schools
from webapp.staff.ready import WHAT_TO_DO, Readiness, readiness

WAITING_TOO_LONG = PATIENCE[ROUTINE]
# By then the provider has been asked many times.
IN_DOUBT_TOO_LONG = timedelta(hours=1)
LITTLE_SPACE = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    well: bool
    sentence: str


@click.command()
def doctor() -> None:
    """Look at settings, database, queue, worker and disk; the exit status is 1 when something is wrong."""
    findings = list(_examine(datetime.now(UTC)))
    for finding in findings:
        mark = gettext("ok") if finding.well else gettext("PROBLEM")
        click.echo(f"{mark}: {finding.sentence}")
    if not all(finding.well for finding in findings):
        sys.exit(1)


def _examine(now: datetime) -> Iterator[Finding]:
    yield _settings()
    yield _mail()
    state = readiness()
    if state in WHAT_TO_DO:
        yield Finding(False, str(WHAT_TO_DO[state]))
    else:
        assert state is Readiness.READY  # noqa: S101
        yield Finding(True, gettext("The database answers and has the tables of this version."))
        checks: tuple[Callable[[datetime], Finding], ...] = (
            _people,
            _demo,
            _pauses,
            _waiting,
            _to_decide,
            _in_doubt,
        )
        yield from (check(now) for check in checks)
    yield from _queue(now)
    yield _disk()


def _settings() -> Finding:
    settings = current_settings()
    if settings.sandbox:
        return Finding(True, gettext("Practice mode: nothing is sent to real phones."))
    if not settings.https:
        return Finding(
            False,
            gettext("PUBLIC_BASE_URL must begin with https:// so that receipts reach this computer safely."),
        )
    return Finding(True, gettext("SMS leave through %(provider)s.", provider=settings.sms_provider))


def _mail() -> Finding:
    settings = current_settings()
    if settings.mail_leaves:
        return Finding(True, gettext("E-mail leaves through %(server)s.", server=settings.mail_server))
    if settings.sandbox:
        return Finding(True, gettext("E-mail stays on the practice pages."))
    return Finding(False, gettext("There is no MAIL_SERVER: families with only an e-mail get nothing."))


def _people(_now: datetime) -> Finding:
    if not schools():
        return Finding(False, gettext('There is no school. Run: flask --app webapp setup --school "…"'))
    if not db.session.scalar(select(func.count()).where(StaffMember.active)):
        return Finding(False, gettext("Nobody can sign in. Run: flask --app webapp staff create"))
    return Finding(True, gettext("There is a school, and people who can sign in."))


def _demo(_now: datetime) -> Finding:
    if demo_staff() and not current_settings().sandbox:
        return Finding(False, str(DEMO_LOGINS_LEFT))
    return Finding(True, gettext("No account has a password that everybody knows, outside of practice mode."))


def _pauses(_now: datetime) -> Finding:
    paused = db.session.scalar(select(ProviderPause).limit(1))
    if paused:
        return Finding(
            False,
            gettext(
                "%(provider)s sends nothing since an error with our account (code %(code)s). "
                "Mend the account there, then let it work again.",
                provider=paused.provider,
                code=paused.code,
            ),
        )
    return Finding(True, gettext("No provider is paused."))


def _waiting(now: datetime) -> Finding:
    late = db.session.scalar(
        select(func.count()).where(
            Delivery.state == State.PENDING, Delivery.not_before < now - WAITING_TOO_LONG
        )
    )
    if late:
        return Finding(
            False,
            gettext(
                "%(num)s messages wait for more than 10 minutes. Is the worker running and fast enough?",
                num=late,
            ),
        )
    return Finding(True, gettext("No message waits longer than it should."))


def _to_decide(_now: datetime) -> Finding:
    messages = db.session.scalar(select(func.count()).where(being(State.NEEDS_HUMAN)))
    if messages:
        return Finding(
            False,
            ngettext(
                "%(num)s message may or may not have arrived, and only a person can say what to do. Whoever "
                "sent it finds it on the first page.",
                "%(num)s messages may or may not have arrived, and only a person can say what to do. Whoever "
                "sent them finds them on the first page.",
                messages,
            ),
        )
    return Finding(True, gettext("No message waits for a person’s decision."))


def _in_doubt(now: datetime) -> Finding:
    messages = db.session.scalar(
        select(func.count()).where(
            # In the words of ix_deliveries_expiry: a million finished messages are not looked through.
            being(State.PENDING, State.UNCERTAIN),
            Delivery.state == State.UNCERTAIN,
            Delivery.last_attempt_at < now - IN_DOUBT_TOO_LONG,
        )
    )
    if messages:
        return Finding(
            False,
            ngettext(
                "For more than an hour the provider has not said whether it took %(num)s message. See that "
                "the worker runs and that the provider can be reached; nothing is sent twice meanwhile.",
                "For more than an hour the provider has not said whether it took %(num)s messages. See that "
                "the worker runs and that the provider can be reached; nothing is sent twice meanwhile.",
                messages,
            ),
        )
    return Finding(True, gettext("No message has been in doubt for long."))


def _queue(now: datetime) -> Iterator[Finding]:
    """Ask the queue's server, and through it when a worker was seen last."""
    try:
        seen = worker_seen(current_app.config["REDIS_URL"], now)
    except (redis.RedisError, OSError):
        yield Finding(
            False,
            gettext(
                "Redis does not answer. Start Kabarchy (make run, or python worker.py), or check REDIS_URL."
            ),
        )
        return
    yield Finding(True, gettext("Redis answers."))
    if seen:
        yield Finding(True, gettext("The worker is at work."))
    else:
        yield Finding(False, gettext("No worker was seen lately, so nothing is sent. Run: python worker.py"))


def _disk() -> Finding:
    instance = current_settings().instance
    if shutil.disk_usage(instance).free < LITTLE_SPACE:
        return Finding(
            False, gettext("There is less than 500 MB left on the disk of %(folder)s.", folder=instance)
        )
    return Finding(True, gettext("There is room on the disk."))
