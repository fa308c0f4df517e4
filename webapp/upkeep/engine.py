"""`flask --app webapp send-test`, `sweep` and `restored`: the engine by hand."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime

import click
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext, ngettext
from sqlalchemy import select

from notifier import jobs, outbox
from notifier.database import READING, db
from notifier.models import Delivery, State
from notifier.phones import BadPhone, normalise
from notifier.text import measure
from webapp.staff import audit

UNDER_WAY = frozenset({State.PENDING, State.SENDING, State.UNCERTAIN})


@click.command("send-test")
@click.argument("address")
@click.option("--text", help="What to write, instead of a line that says that it is a test.")
@click.option(
    "--wait", default=30, show_default=True, help="Seconds to wait for an answer; 0 for not at all."
)
def send_test(address: str, text: str | None, wait: int) -> None:
    """Send one message to your own ADDRESS, a phone number or an e-mail address, as all others go."""
    channel, address = _channel_and_address(address)
    body = text or gettext("A test message from Kabarchy. It arrived: all is well.")
    now = datetime.now(UTC)
    post = outbox.Post(
        dedupe_key=f"test:{secrets.token_urlsafe(12)}",
        channel=channel,
        address=address,
        subject=gettext("A test message from Kabarchy") if channel == "email" else "",
        body=body,
        segments=measure(body).segments if channel == "sms" else 0,
        priority=outbox.URGENT,
    )
    delivery_id = outbox.post([post], now)[post.dedupe_key]
    audit.record("test.sent", channel, {}, None, now)
    db.session.commit()
    jobs.nudge()
    click.echo(gettext("The test message waits for the worker."))
    if wait > 0:
        click.echo(_answer(delivery_id, wait))


@click.command()
def sweep() -> None:
    """Recover what was left lying, once; the worker does this by itself every 15 seconds."""
    jobs.sweep()
    click.echo(gettext("Swept: what was left lying is on its way again."))


@click.command()
def restored() -> None:
    """Say that the database was put back from a backup; before the worker starts again."""
    now = datetime.now(UTC)
    messages = outbox.doubt(db.engine, now)
    audit.record("database.restored", "database", {"deliveries": messages}, None, now)
    db.session.commit()
    click.echo(
        ngettext(
            "%(num)s message may have left since the backup: the provider is asked before it leaves.",
            "%(num)s messages may have left since the backup: the provider is asked before they leave.",
            messages,
        )
    )


def _channel_and_address(raw: str) -> tuple[str, str]:
    if "@" in raw:
        try:
            return "email", validate_email(raw.strip(), check_deliverability=False).normalized
        except EmailNotValidError:
            raise click.ClickException(gettext("This is not an e-mail address.")) from None
    try:
        return "sms", normalise(raw)
    except BadPhone:
        raise click.ClickException(
            gettext("This is not a mobile number of Kyrgyzstan. Write it like +996 555 123 456.")
        ) from None


def _answer(delivery_id: int, wait: int) -> str:
    """Wait for what becomes of the message, and say it. Raises ClickException when it can't be sent."""
    question = select(Delivery.state, Delivery.error_code, Delivery.error_text).where(
        Delivery.id == delivery_id
    )
    deadline = time.monotonic() + wait
    while True:
        with db.engine.connect().execution_options(**READING) as connection:
            state, code, why = connection.execute(question).one()
        if state == State.DELIVERED:
            sentence: str = gettext("Delivered.")
            return sentence
        if state not in UNDER_WAY | {State.ACCEPTED}:
            raise click.ClickException(
                gettext(
                    "Not delivered: %(reason)s", reason=" ".join(filter(None, (code, why))) or state.value
                )
            )
        if time.monotonic() > deadline:
            break
        time.sleep(0.3)
    if state == State.ACCEPTED:
        accepted: str = gettext("The provider took it. Whether it arrived will be known later.")
        return accepted
    raise click.ClickException(
        gettext(
            "Nothing happened in %(num)s seconds. Does the worker run? flask --app webapp doctor", num=wait
        )
    )
