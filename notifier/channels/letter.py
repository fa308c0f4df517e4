"""One message as a letter: headers, the text in two forms, and the files that go with it.

Written line by line: Python's `email` takes ten times as long for the same octets, and a school waits for a
thousand of them. A test reads every letter with `email` again.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable
from email.header import Header
from email.utils import encode_rfc2231, formatdate, parseaddr
from functools import lru_cache

import flask_mail

from notifier.channels.html import as_html
from notifier.message import Enclosed, Message, Stationery

PLAIN = Stationery()
# All parts are base64, in which these cannot occur: what lies between two parts is the same in all letters.
MIXED, EITHER = "=_kabarchy_files_=", "=_kabarchy_text_="
# Files are encoded once for all letters that carry them; so many bytes are kept.
MOST_ENCODED = 48 * 1024 * 1024
# No long lines and no eighth bit, which not every mail server takes, and the shortest for Cyrillic.
BASE64 = "Content-Transfer-Encoding: base64"


class Letter:
    """One message as a letter to one mailbox; the same message makes the same Message-ID."""

    def __init__(self, message: Message, *, recipient: str, sender: str, unsubscribe: str) -> None:
        stationery = message.stationery or PLAIN
        foot = f"\n{stationery.stop}: {unsubscribe}\n" if stationery.stop else ""
        self.recipient = recipient
        self.envelope_sender = parseaddr(sender)[1]
        self.headers = {
            "MIME-Version": "1.0",
            "Subject": _words(message.subject),
            "From": _mailbox(sender),
            "To": recipient,
            "Date": formatdate(localtime=True),
            "Message-ID": message_id(message.ref, self.envelope_sender.rpartition("@")[2]),
            "Auto-Submitted": "auto-generated",
            # In one piece each, however long: a folded address would not be one.
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        self.plain = message.body + foot
        self.html = as_html(message.subject, message.body, stationery, unsubscribe)
        self.enclosures = stationery.enclosures

    def pieces(self, encoded: Callable[[Enclosed], bytes]) -> list[bytes]:
        """Return the letter in pieces, each of whole lines; those of its files are shared by many letters."""
        head = [f"{name}: {value}" for name, value in self.headers.items()]
        if not self.enclosures:
            return [_octets(*head, *self._both())]
        start = _octets(*head, f'Content-Type: multipart/mixed; boundary="{MIXED}"', "", f"--{MIXED}")
        between = _octets(f"--{MIXED}")
        files = [piece for each in self.enclosures for piece in (between, encoded(each))]
        return [start + _octets(*self._both()), *files, _octets(f"--{MIXED}--")]

    def _both(self) -> list[str]:
        """The lines of the text in two forms, of which a mail program shows the last one it can."""
        lines = [f'Content-Type: multipart/alternative; boundary="{EITHER}"', ""]
        for kind, text in (("plain", self.plain), ("html", self.html)):
            lines += [f"--{EITHER}", f'Content-Type: text/{kind}; charset="utf-8"', BASE64, ""]
            lines.append(_base64(text.replace("\r\n", "\n").replace("\n", "\r\n").encode()))
        return [*lines, f"--{EITHER}--"]


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
    charset = "; charset=utf-8" if file.media_type.startswith("text/") else ""
    plain = file.name.isascii()
    # Older programs read the name here only, in the words of RFC 2047; the newer ones below, in RFC 2231's.
    old_name = file.name if plain else _words(file.name).replace("\r\n", "")
    name = f'="{file.name}"' if plain else f"*={encode_rfc2231(file.name, 'utf-8')}"
    return _octets(
        f'Content-Type: {file.media_type}{charset}; name="{old_name}"',
        BASE64,
        f"Content-Disposition: attachment; filename{name}",
        "",
        _base64(file.content),
    )


def message_id(ref: str, domain: str) -> str:
    """Return the same name for the same message.

    Not the ref itself: who knows that may stop letters, and answers and logs quote a Message-ID.
    """
    return f"<{hashlib.sha256(f'message:{ref}'.encode()).hexdigest()[:32]}@{domain}>"


@lru_cache(maxsize=1024)
def _words(text: str) -> str:
    """A header's text, folded, as RFC 2047 writes what is not ASCII."""
    return Header(text, None if text.isascii() else "utf-8", header_name="Subject").encode(linesep="\r\n")


@lru_cache(maxsize=16)
def _mailbox(sender: str) -> str:
    return flask_mail.sanitize_address(sender)


def _base64(content: bytes) -> str:
    return base64.encodebytes(content).decode("ascii").replace("\n", "\r\n").removesuffix("\r\n")


def _octets(*lines: str) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode("ascii")
