"""A real mail server on loopback (aiosmtpd) that can be told to misbehave at any stage."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

CERTIFICATES = Path(__file__).parent / "certificates"
AUTHORITY = CERTIFICATES / "ca.pem"
PASSWORD = "a-password-that-no-log-may-hold"
HANG_UP = "hang up"


def tls() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATES / "server.pem")
    return context


@dataclass
class MailServer:
    """What the mail server knows and how it is told to behave."""

    # What to answer at a stage (MAIL RCPT DATA TEXT AUTH) instead of yes, once for each entry.
    answers: dict[str, list[str]] = field(default_factory=dict)
    letters: list[tuple[Envelope, EmailMessage]] = field(default_factory=list)
    connections: int = 0
    pipelining: bool = False  # whether it says that it takes several commands at once
    port: int = 0
    transports: list[asyncio.Transport] = field(default_factory=list)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def answer(self, stage: str) -> str | None:
        waiting = self.answers.get(stage)
        return waiting.pop(0) if waiting else None

    def hang_up_everywhere(self) -> None:
        """Close every connection, as a server does with those that were idle for long."""
        for transport in self.transports:
            self.loop.call_soon_threadsafe(transport.close)
        done = threading.Event()
        self.loop.call_soon_threadsafe(self.loop.call_later, 0.05, done.set)
        done.wait(5)

    # What aiosmtpd asks of a handler:

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return ["250-PIPELINING", *responses] if self.pipelining else responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self._said(server, "MAIL") or "250 2.1.0 Sender OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._said(server, "RCPT")
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 Recipient OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answer("TEXT")
        if answer in {None, HANG_UP}:
            octets = envelope.content
            assert isinstance(octets, bytes)
            letter = email.message_from_bytes(octets, policy=email.policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append((envelope, letter))
        if answer == HANG_UP:
            server.transport.abort()
        return answer or "250 2.0.0 Taken"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        if answer := self.answer("AUTH"):
            return AuthResult(success=False, handled=False, message=answer)
        assert isinstance(data, LoginPassword)
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)

    def _said(self, server: SMTP, stage: str) -> str | None:
        answer = self.answer(stage)
        if answer == HANG_UP:
            server.transport.abort()
        return answer


class _Conversation(SMTP):
    """aiosmtpd's side of one connection, with what its handler cannot do."""

    def connection_made(self, transport: Any) -> None:
        over_tls = bool(self.transport)  # STARTTLS makes a second one of the same connection
        super().connection_made(transport)
        self.event_handler.transports.append(transport)
        if not over_tls:
            self.event_handler.connections += 1

    async def smtp_DATA(self, arg: str) -> None:
        answer = self.event_handler.answer("DATA")
        if answer == HANG_UP:
            self.transport.abort()
        elif answer:
            await self.push(answer)
        else:
            await super().smtp_DATA(arg)


@contextmanager
def running(*, starttls: bool = True, over_tls: bool = False, login: bool = False) -> Iterator[MailServer]:
    """Run a mail server: with STARTTLS offered and required, with TLS from the start, or with neither."""
    server = MailServer()

    def conversation() -> SMTP:
        return _Conversation(
            server,
            hostname="mail.example.kg",
            tls_context=tls() if starttls and not over_tls else None,
            require_starttls=starttls and not over_tls,
            auth_required=login,
            authenticator=server.authenticate if login else None,
            loop=server.loop,
        )

    def serve() -> None:
        asyncio.set_event_loop(server.loop)
        server.loop.run_forever()

    thread = threading.Thread(target=serve)
    thread.start()
    listening = asyncio.run_coroutine_threadsafe(
        server.loop.create_server(conversation, "127.0.0.1", 0, ssl=tls() if over_tls else None), server.loop
    ).result(5)
    server.port = listening.sockets[0].getsockname()[1]

    async def stop() -> None:
        listening.close()
        for transport in server.transports:
            transport.abort()
        await asyncio.sleep(0.05)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(stop(), server.loop).result(5)
        server.loop.call_soon_threadsafe(server.loop.stop)
        thread.join()
        server.loop.close()
