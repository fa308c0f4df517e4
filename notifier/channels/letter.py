"""One message as a letter: headers, the text in two forms, and the files that go with it."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Callable
from email.charset import BASE64, Charset
from email.header import Header
from email.message import Message as Part
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import encode_rfc2231, parseaddr
from typing import Any

import flask_mail

from notifier.channels.html import as_html
from notifier.message import Enclosed, Message, Stationery

PLAIN = Stationery()
# Base64: no long lines and no eighth bit, which not every mail server takes, and the shortest for Cyrillic.
CHARSET = Charset("utf-8")
CHARSET.body_encoding = BASE64
# The headers are folded already. Python's newer policies would read each of them again, which doubles the
# time a letter takes, and break a long address to unsubscribe at into pieces.
AS_IT_IS = compat32.clone(linesep="\r\n", max_line_length=0)
# All parts are base64, in which this cannot occur: so what lies between two of it is the same in all letters.
BOUNDARY = "=_kabarchy_="
# Files are encoded once for all letters that carry them; so many bytes are kept.
MOST_ENCODED = 48 * 1024 * 1024
LINE = 57  # bytes in a line of base64


class Letter(flask_mail.Message):
    """One message as a letter to one mailbox; the same message makes the same Message-ID."""

    def __init__(self, message: Message, *, recipient: str, sender: str, unsubscribe: str) -> None:
        stationery = message.stationery or PLAIN
        foot = f"\n{stationery.stop}: {unsubscribe}\n" if stationery.stop else ""
        super().__init__(
            subject=message.subject,
            recipients=[recipient],
            body=message.body + foot,
            html=as_html(message.subject, message.body, stationery, unsubscribe),
            sender=sender,
            date=time.time(),
            extra_headers={
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{unsubscribe}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )
        self.recipient = recipient
        self.enclosures = stationery.enclosures
        self.envelope_sender = parseaddr(sender)[1]
        self.msgId = message_id(message.ref, self.envelope_sender.rpartition("@")[2])

    def pieces(self, encoded: Callable[[Enclosed], bytes]) -> list[bytes]:
        """Return the letter in pieces, each of whole lines; those of its files are shared by many letters."""
        text = self._message()
        if not self.enclosures:
            return [text.as_bytes(policy=AS_IT_IS)]
        whole = MIMEMultipart("mixed", boundary=BOUNDARY)
        for name, value in text.items():
            if name.lower() not in {"content-type", "mime-version"}:
                whole[name] = value
                del text[name]
        del text["mime-version"]
        whole.attach(text)
        start = whole.as_bytes(policy=AS_IT_IS).rstrip().removesuffix(f"--{BOUNDARY}--".encode())
        between = f"--{BOUNDARY}\r\n".encode()
        files = [piece for each in self.enclosures for piece in (between, encoded(each))]
        return [start, *files, f"--{BOUNDARY}--\r\n".encode()]

    def _mimetext(self, text: str | None, subtype: str = "plain") -> MIMEText:
        return MIMEText(text or "", subtype, CHARSET)  # type: ignore[arg-type]


class Encoder:
    """Files as parts of letters, each encoded once, whichever of many threads asks first."""

    def __init__(self) -> None:
        self._parts: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def __call__(self, file: Enclosed) -> bytes:
        with self._lock:
            if file.key not in self._parts:
                if sum(map(len, self._parts.values())) > MOST_ENCODED:
                    self._parts.clear()
                self._parts[file.key] = as_part(file)
            return self._parts[file.key]


def as_part(file: Enclosed) -> bytes:
    """Return a file as a part of a letter, headers and all."""
    part = Part()
    charset = "; charset=utf-8" if file.media_type.startswith("text/") else ""
    # Older programs read the name here only, in the words of RFC 2047; the newer ones below, in RFC 2231's.
    old_name = Header(file.name, None if file.name.isascii() else "utf-8", maxlinelen=10_000).encode()
    part["Content-Type"] = f'{file.media_type}{charset}; name="{old_name}"'
    part["Content-Transfer-Encoding"] = "base64"
    if file.name.isascii():
        part["Content-Disposition"] = f'attachment; filename="{file.name}"'
    else:
        part["Content-Disposition"] = f"attachment; filename*={encode_rfc2231(file.name, 'utf-8')}"
    head: Any = part.as_bytes(policy=AS_IT_IS)
    return bytes(head) + base64.encodebytes(file.content).replace(b"\n", b"\r\n")


def message_id(ref: str, domain: str) -> str:
    """Return the same name for the same message.

    Not the ref itself: who knows that may stop letters, and answers and logs quote a Message-ID.
    """
    return f"<{hashlib.sha256(f'message:{ref}'.encode()).hexdigest()[:32]}@{domain}>"
