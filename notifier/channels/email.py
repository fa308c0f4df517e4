"""E-mail by SMTP: Flask-Mail writes the letter, and a connection of ours carries it to the mail server."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from email.charset import BASE64, Charset
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import parseaddr
from typing import Any

import flask_mail
from flask import Flask
from markupsafe import escape

from config import Settings
from notifier.channels.smtp import Line, Refusal
from notifier.message import Fault, Message, Outcome, Receipt

log = logging.getLogger(__name__)

# A whole conversation, so that it ends within half the lease the engine holds a message by.
SECONDS = 18
# Mail servers close a connection that has carried too much.
LETTERS_PER_LINE = 50
ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+")
# Base64: no long lines and no eighth bit, which not every mail server takes, and the shortest for Cyrillic.
CHARSET = Charset("utf-8")
CHARSET.body_encoding = BASE64
# The headers are folded already. Python's newer policies would read each of them again, which doubles the
# time a letter takes, and break a long address to unsubscribe at into pieces.
AS_IT_IS = compat32.clone(linesep="\r\n", max_line_length=0)


class Letter(flask_mail.Message):
    """One message as a letter to one mailbox; the same message makes the same Message-ID."""

    def __init__(self, message: Message, *, recipient: str, sender: str, unsubscribe: str) -> None:
        super().__init__(
            subject=message.subject,
            recipients=[recipient],
            body=message.body,
            html=_html(message.body),
            sender=sender,
            date=time.time(),
            extra_headers={
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{unsubscribe}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )
        self.recipient = recipient
        self.envelope_sender = parseaddr(sender)[1]
        self.msgId = f"<{message.ref}@{self.envelope_sender.rpartition('@')[2]}>"

    def as_bytes(self) -> bytes:
        octets: bytes = self._message().as_bytes(policy=AS_IT_IS)
        return octets

    def _mimetext(self, text: str | None, subtype: str = "plain") -> MIMEText:
        return MIMEText(text or "", subtype, CHARSET)  # type: ignore[arg-type]


class Email:
    """Sends e-mail over kept connections to one mail server."""

    name = "email"
    provider = "smtp"
    # Common servers take 20 to 50 connections from one sender; one that takes fewer says so, and gets fewer.
    in_flight = 16
    poll_ladder: Sequence[timedelta] = ()
    repeatable = True

    def __init__(self, config: Mapping[str, Any], *, unsubscribe: str) -> None:
        # Flask-Mail writes letters only inside an application; this one has nothing else to do.
        self._app = Flask(__name__, static_folder=None)
        self._app.config.update(config)
        self._mail = flask_mail.Mail(self._app)
        self._unsubscribe = unsubscribe
        self._threads: ThreadPoolExecutor | None = None
        self._idle: deque[Line] = deque()

    @classmethod
    def from_settings(cls, settings: Settings) -> Email:
        name, address = parseaddr(settings.mail_default_sender)
        address = _ascii(address) or address
        return cls(
            {
                "MAIL_SERVER": settings.mail_server,
                "MAIL_PORT": settings.mail_port,
                "MAIL_USE_TLS": settings.mail_use_tls,
                "MAIL_USE_SSL": settings.mail_use_ssl,
                "MAIL_USERNAME": settings.mail_username,
                "MAIL_PASSWORD": settings.mail_password,
                "MAIL_DEFAULT_SENDER": f"{name} <{address}>" if name else address,
            },
            unsubscribe=f"{settings.public_base_url}/unsubscribe",
        )

    async def send(self, message: Message) -> Receipt:
        recipient = _ascii(message.address)
        if recipient is None:
            return Receipt(
                outcome=Outcome.REFUSED,
                code="address",
                reason="not an e-mail address that every mail server takes",
                fault=Fault.BAD_ADDRESS,
            )
        if re.search(r"[\r\n\x00]", message.subject + message.ref):
            return Receipt(
                outcome=Outcome.REFUSED,
                code="header",
                reason="a subject of several lines",
                fault=Fault.OUR_MESSAGE,
            )
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.in_flight, thread_name_prefix="smtp")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._deliver, message, recipient)

    async def check(self, provider_ref: str) -> Receipt | None:
        return None  # no mail server says what became of a letter

    async def find(self, message: Message, since: datetime) -> None:
        return None

    async def close(self) -> None:
        if self._threads is not None:
            loop = asyncio.get_running_loop()
            await asyncio.gather(*(loop.run_in_executor(self._threads, line.quit) for line in self._idle))
            self._idle.clear()
            self._threads.shutdown()
            self._threads = None

    def _deliver(self, message: Message, recipient: str) -> Receipt:
        """Carry one message, in a thread of its own."""
        deadline = time.monotonic() + SECONDS
        with self._app.app_context():
            letter = Letter(
                message,
                recipient=recipient,
                sender=self._app.config["MAIL_DEFAULT_SENDER"],
                unsubscribe=f"{self._unsubscribe}/{message.ref}",
            )
            octets = letter.as_bytes()
        try:
            receipt = self._carry(letter, octets, deadline)
        except Refusal as refusal:
            log.warning("the mail server could not be used: %s", refusal.receipt.reason)
            return refusal.receipt
        return replace(receipt, provider_ref=message.ref) if receipt.outcome is Outcome.ACCEPTED else receipt

    def _carry(self, letter: Letter, octets: bytes, deadline: float) -> Receipt:
        """Carry a letter over a kept connection or else a fresh one; raises Refusal."""
        kept = self._kept_line(deadline)
        if kept is not None:
            try:
                return self._carry_over(kept, letter, octets)
            except Refusal:
                pass  # it was lost before the letter's text began: over a fresh one nothing is repeated
        return self._carry_over(Line(self._mail, deadline), letter, octets)

    def _carry_over(self, line: Line, letter: Letter, octets: bytes) -> Receipt:
        receipt = line.carry(letter.envelope_sender, letter.recipient, octets)
        if line.is_open and line.carried < LETTERS_PER_LINE:
            self._idle.append(line)
        else:
            line.quit()
        return receipt

    def _kept_line(self, deadline: float) -> Line | None:
        """A kept connection that still answers."""
        while self._idle:
            try:
                line = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            if line.answers(deadline):
                return line
            line.quit()
        return None


def _ascii(address: str) -> str | None:
    """The address as every mail server understands it, its domain in Punycode; None when there is no such."""
    if not ADDRESS.fullmatch(address):
        return None
    local, _, domain = address.partition("@")
    try:
        # A Cyrillic name before the @ needs SMTPUTF8 on every server of the way, which hardly one has.
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None


def _html(body: str) -> str:
    """The plain text as simple HTML: paragraphs and lines."""
    paragraphs = re.split(r"\n\s*\n", str(escape(body.strip())).replace("\r\n", "\n"))
    lines = "\n".join("<p>" + text.replace("\n", "<br>\n") + "</p>" for text in paragraphs)
    return f'<!doctype html>\n<html><head><meta charset="utf-8"></head><body>\n{lines}\n</body></html>\n'
