"""Twilio's side of the receipts: signed callbacks over kept connections, each connection one after the other.

`python -m bench.callers PORT CONNECTIONS` reads JSON lines [ref, sid, address] until an empty one, signs all
of them, waits for another line, calls, and prints JSON: how long it took and how long each answer took.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from bench.provider import ACCOUNT, TOKEN

BASE = "http://127.0.0.1:8000"


def request(validator: RequestValidator, ref: str, sid: str, address: str) -> bytes:
    """One callback as Twilio makes it."""
    path = f"/hooks/twilio/status/{ref}"
    fields = {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "From": "+15005550006",
        "MessageSid": sid,
        "MessageStatus": "delivered",
        "RawDlrDoneDate": "2611241400",
        "SmsSid": sid,
        "SmsStatus": "delivered",
        "To": address,
    }
    body = urlencode(fields).encode()
    signature = validator.compute_signature(BASE + path, fields)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nX-Twilio-Signature: {signature}\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Caller(asyncio.Protocol):
    """One kept connection; the answers have no body."""

    def __init__(self, requests: Iterator[bytes], took: list[float], done: asyncio.Future[None]) -> None:
        self.requests, self.took, self.done = requests, took, done
        self.transport: asyncio.Transport | None = None
        self.buffer = b""
        self.asked = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.next()

    def next(self) -> None:
        assert self.transport
        request = next(self.requests, None)
        if request is None:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.asked = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.buffer.endswith(b"\r\n\r\n"):
            return
        self.took.append(time.perf_counter() - self.asked)
        if not self.buffer.startswith(b"HTTP/1.1 204"):
            self.done.set_exception(RuntimeError(f"not taken: {self.buffer[:200]!r}"))
            return
        self.buffer = b""
        self.next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError(f"the server hung up: {error}"))


async def main(port: int, connections: int) -> None:
    validator = RequestValidator(TOKEN)
    requests = []
    for line in sys.stdin:
        if not line.strip():
            break
        requests.append(request(validator, *json.loads(line)))
    print("ready", flush=True)
    sys.stdin.readline()
    loop = asyncio.get_running_loop()
    took: list[float] = []
    waiting = iter(requests)
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(connections)]
    began = time.perf_counter()
    for end in ends:
        await loop.create_connection(lambda e=end: Caller(waiting, took, e), "127.0.0.1", port)
    await asyncio.gather(*ends)
    seconds = time.perf_counter() - began
    took.sort()
    print(
        json.dumps({"seconds": seconds, "p50": took[len(took) // 2], "p99": took[int(len(took) * 0.99)]}),
        flush=True,
    )


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
