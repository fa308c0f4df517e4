"""E-mail by SMTP: `letter` writes it, and a connection made from Flask-Mail's carries it."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

import flask_mail
from flask import Flask

from config import Settings
from notifier.channels import smtp
from notifier.channels.letter import Encoder, Letter
from notifier.channels.smtp import Line, Refusal
from notifier.channels.smtp_replies import later
from notifier.message import Fault, Message, Outcome, Receipt

log = logging.getLogger(__name__)

# A whole conversation, so that it ends within half the lease the engine holds a message by.
SECONDS = 18
# A letter with files gets through a line of 1.5 Mbit/s in this time; the engine holds it for longer, too.
HEAVY_SECONDS = 75
# Mail servers close a connection that has carried too much.
LETTERS_PER_LINE = 50
ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+")


class Email:
    """Sends e-mail over kept connections to one mail server."""

    name = "email"
    provider = "smtp"
    # Common servers take 20 to 50 connections from one sender; one that takes fewer says so, and gets fewer.
    in_flight = 16
    poll_ladder: Sequence[timedelta] = ()
    repeatable = True

    def __init__(self, config: Mapping[str, Any], *, unsubscribe: str) -> None:
        # Flask-Mail reads its settings from an application; this one has nothing else to do.
        self._app = Flask(__name__, static_folder=None)
        self._app.config.update(config)
        self._mail = flask_mail.Mail(self._app)
        self._unsubscribe = unsubscribe
        self._threads: ThreadPoolExecutor | None = None
        self._names: ThreadPoolExecutor | None = None
        self._idle: deque[Line] = deque()
        self._encoded = Encoder()

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
        if self._threads is None or self._names is None:
            self._threads = ThreadPoolExecutor(self.in_flight, thread_name_prefix="smtp")
            self._names = ThreadPoolExecutor(self.in_flight, thread_name_prefix="names")
        if not self._idle and not await self._is_found(self._names):
            return later("connect", "the mail server's name was not found")
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
            # A letter with large files may still be on its way; who stops does not wait for it.
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None
        if self._names is not None:
            self._names.shutdown(wait=False, cancel_futures=True)
            self._names = None

    async def _is_found(self, names: ThreadPoolExecutor) -> bool:
        """Whether the mail server's name is found in time: who looks for it keeps no limit of ours."""
        server, port = self._app.config["MAIL_SERVER"], self._app.config["MAIL_PORT"]
        try:
            async with asyncio.timeout(smtp.CONNECT_SECONDS):
                await asyncio.get_running_loop().run_in_executor(names, socket.getaddrinfo, server, port)
        except (TimeoutError, OSError):
            return False
        return True

    def _deliver(self, message: Message, recipient: str) -> Receipt:
        """Carry one message, in a thread of its own."""
        heavy = message.stationery is not None and message.stationery.is_heavy
        deadline = time.monotonic() + (HEAVY_SECONDS if heavy else SECONDS)
        letter = Letter(
            message,
            recipient=recipient,
            sender=self._app.config["MAIL_DEFAULT_SENDER"],
            unsubscribe=f"{self._unsubscribe}/{message.ref}",
        )
        pieces = letter.pieces(self._encoded)
        try:
            receipt = self._carry(letter, pieces, deadline)
        except Refusal as refusal:
            log.warning("the mail server could not be used: %s", refusal.receipt.reason)
            return refusal.receipt
        return replace(receipt, provider_ref=message.ref) if receipt.outcome is Outcome.ACCEPTED else receipt

    def _carry(self, letter: Letter, pieces: Sequence[bytes], deadline: float) -> Receipt:
        """Carry a letter over a kept connection or else a fresh one; raises Refusal."""
        kept = self._kept_line(deadline)
        if kept is not None:
            try:
                return self._carry_over(kept, letter, pieces)
            except Refusal:
                pass  # it was lost before the letter's text began: over a fresh one nothing is repeated
        return self._carry_over(Line(self._mail, deadline), letter, pieces)

    def _carry_over(self, line: Line, letter: Letter, pieces: Sequence[bytes]) -> Receipt:
        receipt = line.carry(letter.envelope_sender, letter.recipient, pieces)
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
