"""A Twilio-shaped server of truth on loopback: answers after a fixed latency and remembers all it accepted.

A bare asyncio protocol instead of a web framework, because it shares two cores with what it measures:
it must cost a small part of a sender's request. `python -m bench.provider --latency 0.15` prints its port.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import signal
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

ACCOUNT = "AC" + "5" * 32
TOKEN = "a token for benchmarks alone"


class Truth:
    """What the provider accepted; a second message with the same words to the same number is a duplicate.

    Requests are kept as they came and read when somebody asks.
    """

    def __init__(self, latency: float) -> None:
        self.latency = latency
        self.numbers = itertools.count(1)
        self.clear()

    def clear(self) -> None:
        self.accepted: list[tuple[float, str, bytes]] = []
        self.under_way = self.most_under_way = 0

    def accept(self, body: bytes) -> bytes:
        """Take a message, and return its answer."""
        sid = f"SM{next(self.numbers):032x}"
        self.accepted.append((time.time(), sid, body))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        return ANSWER.replace(b"<sid>", sid.encode())

    def summary(self) -> dict[str, Any]:
        return {"accepted": len(self.accepted), "most_under_way": self.most_under_way}

    def checked(self) -> dict[str, Any]:
        different = {(f["To"], f["Body"]) for _, _, f in self.read()}
        times = [at for at, _, _ in self.accepted]
        return self.summary() | {
            "different": len(different),
            "twice": len(times) - len(different),
            "first": min(times, default=None),
            "last": max(times, default=None),
            "busiest_second": busiest_second(times),
        }

    def read(self) -> list[tuple[float, str, dict[str, str]]]:
        return [(at, sid, dict(parse_qsl(body.decode()))) for at, sid, body in self.accepted]


def busiest_second(times: list[float]) -> int:
    """The most that came within a second, wherever that begins."""
    most = first = 0
    for i, at in enumerate(times):
        while times[first] <= at - 1:
            first += 1
        most = max(most, i - first + 1)
    return most


def message(sid: str, to: str, text: str, at: float) -> dict[str, Any]:
    """A message as Twilio's API writes it."""
    when = format_datetime(datetime.fromtimestamp(at, UTC))
    return {
        "account_sid": ACCOUNT,
        "api_version": "2010-04-01",
        "body": text,
        "date_created": when,
        "date_sent": None,
        "date_updated": when,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": "+15005550006",
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "2",
        "price": None,
        "price_unit": "USD",
        "sid": sid,
        "status": "queued",
        "subresource_uris": {"media": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media.json"},
        "to": to,
        "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json",
    }


def _response(document: object, status: int = 200) -> bytes:
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


# No sender reads its own text back, so the answer to a POST is the same but for its sid, which is put in its
# place: three times 34 characters for three times `<sid>`.
_SAMPLE = json.dumps(message("S" * 34, "+996555000000", "x" * 100, time.time())).replace("S" * 34, "<sid>")
ANSWER = (
    "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(_SAMPLE) + 3 * 29}\r\n\r\n"
    f"{_SAMPLE}"
).encode()


class Conversation(asyncio.Protocol):
    """One kept connection: requests one after the other, as Twilio's clients make them."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            length = _content_length(head)
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            self.asked(head, rest[:length])

    def asked(self, head: bytes, body: bytes) -> None:
        truth = self.truth
        if head.startswith(b"POST "):
            # Accepted when the request is in: a sender that dies before the answer has sent all the same.
            asyncio.get_running_loop().call_later(truth.latency, self.answer_post, truth.accept(body))
            return
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        if method == "DELETE":
            truth.clear()
        if target == "/truth":
            self.answer(_response(truth.summary()))
        elif target == "/truth?checked":
            self.answer(_response(truth.checked()))
        elif target.startswith("/truth?to="):
            to = target.removeprefix("/truth?to=")
            self.answer(_response({"at": [at for at, _, fields in truth.read() if fields["To"] == to]}))
        else:
            self.answer(_response(self.listed(target)))

    def answer_post(self, answer: bytes) -> None:
        self.truth.under_way -= 1
        self.answer(answer)

    def listed(self, target: str) -> dict[str, Any]:
        """The newest messages, to one number if the question names one."""
        to = dict(parse_qsl(target.partition("?")[2])).get("To", "")
        found = [
            message(sid, fields["To"], fields["Body"], at)
            for at, sid, fields in reversed(self.truth.read())
            if not to or fields["To"] == to
        ]
        return {"messages": found[:100], "page": 0, "page_size": 100, "next_page_uri": None, "uri": target}

    def answer(self, answer: bytes) -> None:
        if self.transport is not None:
            self.transport.write(answer)


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def serve(port: int, latency: float) -> None:
    truth = Truth(latency)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(truth), "127.0.0.1", port, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    asked_to_stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, asked_to_stop.set)
    await asked_to_stop.wait()
    server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.15)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.latency))
