"""A conversation with a mail server: within a time, over verified TLS, and knowing how far it came."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any

import flask_mail

from notifier.channels.smtp_replies import hangs_up, judge, later
from notifier.message import Fault, Outcome, Receipt

CONNECT_SECONDS, READ_SECONDS = 3, 15
# A server may look through a letter with files for long before it answers.
HEAVY_READ_SECONDS = 60
# So much is written at once, so that a slow line shows that it moves.
CHUNK = 64 * 1024
QUIT_SECONDS = 2
# A line used so lately is taken to be open still.
FRESH_SECONDS = 5
EXPECTED = {"MAIL": {250}, "RCPT": {250, 251}, "DATA": {354}}
DOT = re.compile(rb"^\.", re.MULTILINE)


class Refusal(Exception):
    """The mail server cannot be used now; nothing was sent."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(receipt.reason)
        self.receipt = receipt


class _Hurried(smtplib.SMTP):
    """Waits briefly for a connection, longer for an answer, and for all of it until the deadline."""

    def __init__(self, server: str, port: int, me: str, deadline: float) -> None:
        self.deadline = deadline
        self.reads_long = False
        super().__init__(server, port, me)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), CONNECT_SECONDS)
        connection.settimeout(READ_SECONDS)
        return connection

    def hurry(self) -> None:
        if self.sock:
            patience = HEAVY_READ_SECONDS if self.reads_long else READ_SECONDS
            self.sock.settimeout(min(patience, max(0.05, self.deadline - time.monotonic())))

    def getreply(self) -> tuple[int, bytes]:
        self.hurry()
        return super().getreply()

    def send(self, s: Any) -> None:
        self.hurry()
        super().send(s)


class _HurriedOverTls(smtplib.SMTP_SSL, _Hurried):
    """The same over TLS from the first octet."""

    def __init__(self, server: str, port: int, me: str, deadline: float, context: ssl.SSLContext) -> None:
        self.deadline = deadline
        self.reads_long = False
        smtplib.SMTP_SSL.__init__(self, server, port, me, context=context)


class Line(flask_mail.Connection):
    """An open connection to the mail server, for several letters one after the other."""

    host: _Hurried

    def __init__(self, mail: flask_mail.Mail, deadline: float) -> None:
        """Connect, secure and log in; raises Refusal."""
        super().__init__(mail)
        self.deadline = deadline
        self.carried = 0
        self._clean = False  # nothing of an earlier letter is left
        self._used_at = 0.0
        try:
            self.host = self.configure_host()
        except smtplib.SMTPAuthenticationError as error:
            raise Refusal(judge("AUTH", error.smtp_code, _octets(error.smtp_error))) from None
        except smtplib.SMTPResponseException as error:
            raise Refusal(later(str(error.smtp_code), "the mail server is not ready")) from None
        except ssl.SSLCertVerificationError as error:
            reason = f"the mail server's certificate is not trusted: {error.verify_message}"
            raise Refusal(later("certificate", reason)) from None
        except ssl.SSLError as error:
            raise Refusal(later("tls", f"no secure connection to the mail server: {error.reason}")) from None
        except (smtplib.SMTPException, OSError) as error:
            reason = f"no connection to the mail server: {type(error).__name__}"
            raise Refusal(later("connect", reason)) from None

    def configure_host(self) -> _Hurried:
        mail = self.mail
        # A name for the greeting: looking up this machine's own can take seconds.
        me = parseaddr(mail.default_sender)[1].rpartition("@")[2]
        host: _Hurried
        if mail.use_ssl:
            context = ssl.create_default_context()
            host = _HurriedOverTls(mail.server, mail.port, me, self.deadline, context)
        else:
            host = _Hurried(mail.server, mail.port, me, self.deadline)
        try:
            if mail.use_tls:
                host.starttls(context=ssl.create_default_context())
            if mail.username and mail.password:
                host.login(mail.username, mail.password)
            host.ehlo_or_helo_if_needed()
        except BaseException:
            host.close()
            raise
        return host

    @property
    def is_open(self) -> bool:
        return self.host.sock is not None

    def answers(self, deadline: float) -> bool:
        """Whether the server still listens, and has forgotten the letter before."""
        self.deadline = self.host.deadline = deadline
        # To ask takes a turn of the line, and one that was lost a moment ago shows it before the text.
        if self._clean and time.monotonic() - self._used_at < FRESH_SECONDS:
            return True
        try:
            return self.host.rset()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def carry(self, sender: str, recipient: str, pieces: Sequence[bytes]) -> Receipt:
        """Hand over one letter for one recipient; raises Refusal when the line is lost before its text.

        A letter with files comes in pieces of whole lines, and only the first has any that begin with a dot.
        """
        host, text_begun = self.host, False
        if self._takes_less_than(size := sum(map(len, pieces))):
            return judge("TEXT", 552, b"5.3.4 too long")
        self.carried += 1
        self._clean = False
        try:
            refused = self._ask(f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA")
            if refused:
                stage, code, reply = refused
                if hangs_up(code):
                    host.close()
                    raise Refusal(judge(stage, code, reply))
                return judge(stage, code, reply)
            text_begun = True
            host.reads_long = size > CHUNK
            self._write([DOT.sub(b"..", pieces[0]), *pieces[1:]])
            code, reply = host.getreply()
        except (smtplib.SMTPException, OSError) as error:
            host.close()
            if not text_begun:
                raise Refusal(later("lost", f"the mail server hung up: {type(error).__name__}")) from None
            reason = f"the connection was lost while the letter was handed over: {type(error).__name__}"
            return Receipt(outcome=Outcome.UNCERTAIN, code="lost", reason=reason, fault=Fault.TEMPORARY)
        finally:
            host.reads_long = False
        if hangs_up(code):
            host.close()
        self._clean, self._used_at = code == 250, time.monotonic()
        return judge("TEXT", code, reply)

    def _takes_less_than(self, size: int) -> bool:
        """Whether the server has said that a letter of this size is too long (RFC 1870)."""
        limit = self.host.esmtp_features.get("size", "")
        return limit.isdecimal() and 0 < int(limit) < size

    def _write(self, pieces: Sequence[bytes]) -> None:
        """Write a letter's text, and that this was it."""
        *others, last = pieces
        for piece in [*others, last + b".\r\n"]:
            octets = memoryview(piece)
            for start in range(0, len(octets), CHUNK):
                self.host.send(octets[start : start + CHUNK])

    def _ask(self, *commands: str) -> tuple[str, int, bytes] | None:
        """Ask to hand over a letter; returns who said no (MAIL RCPT DATA), in which words.

        A server that can is asked all at once: over a distance that is twice as fast.
        """
        host, at_once = self.host, self.host.has_extn("pipelining")
        if at_once:
            host.send("".join(f"{command}\r\n" for command in commands))
        refused: tuple[str, int, bytes] | None = None
        for command in commands:
            stage = command[:4]
            try:
                code, reply = host.getreply() if at_once else host.docmd(command)
            except (smtplib.SMTPException, OSError):
                if refused is None:
                    raise
                host.close()
                break
            if refused is None and code not in EXPECTED[stage]:
                refused = stage, code, reply
                if not at_once or hangs_up(code):
                    break
            elif refused is not None and stage == "DATA" and code == 354:
                # It waits for the text of a letter that it would give to nobody.
                host.close()
        return refused

    def quit(self) -> None:
        self.host.deadline = time.monotonic() + QUIT_SECONDS
        try:
            self.host.quit()
        except (smtplib.SMTPException, OSError):
            self.host.close()


def _octets(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
