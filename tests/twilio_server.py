"""A server on loopback that answers like Twilio's Messages resource, by Twilio's published rules.

It keeps the truth of what it accepted, so a test can compare what the client believes with what happened;
it can be told to answer badly, and it sends signed status callbacks.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "a-token-that-no-log-may-hold"
SENDER = "+12025550143"
KNOWN = {"To", "Body", "From", "MessagingServiceSid", "StatusCallback", "SmartEncoded"}


@dataclass(kw_only=True)
class Answer:
    """One bad answer: what the next request to send gets instead of 201."""

    status: int = 500
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    accept: bool = False  # the message is taken, and only then the answer goes wrong
    stall: float = 0.0  # seconds before the answer
    drop: bool = False  # the connection is closed without an answer

    def __str__(self) -> str:
        kind = "dropped" if self.drop else "stalled" if self.stall else f"{self.status} {self.body[:15]}"
        return f"{kind} after accepting" if self.accept else kind


def refusal(code: int, status: int = 400) -> Answer:
    """An error in Twilio's words, which quote the number and may quote the text."""
    words = f"The 'To' number +996555000101 cannot get Эртең сабак: error {code}"
    more = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": words, "more_info": more, "status": status}
    return Answer(status=status, body=json.dumps(body))


def signature(url: str, form: dict[str, str], token: str = TOKEN) -> str:
    """Sign a callback as Twilio publishes it: the address and each parameter in alphabetical order."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


@dataclass
class Callback:
    """One status callback, ready to be posted."""

    url: str
    form: dict[str, str]

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Twilio-Signature": signature(self.url, self.form)}

    def post(self) -> int:
        """Post it to the real address and return the status."""
        request = urllib.request.Request(self.url, urlencode(self.form).encode(), self.headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code


class _Server(ThreadingHTTPServer):
    request_queue_size = 512  # connections come in hundreds at once


class TwilioServer:
    """What Twilio would know: `messages` in the order they came, `requests` as they were made."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.bad_answers: deque[Answer | None] = deque()  # None: a good one
        self.bad_lists: deque[Answer] = deque()
        self.violations: list[str] = []
        self.receipts: Sequence[str] = ()  # statuses posted by itself after each message, in this order
        self.page_limit = 1000
        self.latency = 0.0  # seconds a request to send takes; it is taken in the middle of them
        self.list_lag = 0.0  # seconds until a message is on the list
        self.ahead = 0.0  # seconds by which its clock is ahead of ours
        self._lock = threading.Lock()
        self._http = _Server(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._http.server_port}"

    @property
    def sent_to(self) -> list[str]:
        return [message["to"] for message in self.messages]

    def accept(self, form: dict[str, str], created: datetime | None = None) -> dict[str, Any]:
        """Take a message as Twilio does, and return what the API says of it."""
        sid = "SM" + secrets.token_hex(16)
        moment = format_datetime(created or datetime.now(UTC))
        service = form.get("MessagingServiceSid")
        message = {
            "sid": sid,
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": form["Body"],
            "date_created": moment,
            "date_sent": None,
            "date_updated": moment,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": None if service else form.get("From"),
            "messaging_service_sid": service,
            "num_media": "0",
            "num_segments": "0" if service else "1",
            "price": None,
            "price_unit": "USD",
            "status": "accepted" if service else "queued",
            "subresource_uris": {},
            "to": form["To"],
            "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json",
        }
        with self._lock:
            self.messages.append(
                message | {"callback": form.get("StatusCallback", ""), "taken_at": time.monotonic()}
            )
        if self.receipts:
            threading.Thread(target=self._report, args=(sid,), daemon=True).start()
        return message

    def callback(self, sid: str, status: str, error_code: int | None = None) -> Callback:
        """Let a message become `status`, and make the callback that says so."""
        message = next(m for m in self.messages if m["sid"] == sid)
        message["status"], message["error_code"] = status, error_code
        form = {
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            "From": message["from"] or SENDER,
            "MessageSid": sid,
            "MessageStatus": status,
            "SmsSid": sid,
            "SmsStatus": status,
            "To": message["to"],
        }
        if error_code:
            form["ErrorCode"] = str(error_code)
        return Callback(message["callback"], form)

    def _report(self, sid: str) -> None:
        for status in self.receipts:
            time.sleep(0.05)
            self.callback(sid, status).post()

    @contextmanager
    def running(self) -> Iterator[TwilioServer]:
        thread = threading.Thread(target=self._http.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()
            thread.join()


def fault_of(form: dict[str, str]) -> int | None:
    """Twilio's error code for a request to send, by its published rules; None when it is in order."""
    if not form.get("To"):
        return 21604
    if not re.fullmatch(r"\+[1-9]\d{7,14}", form["To"]):
        return 21211
    if not form.get("Body"):
        return 21602
    if len(form["Body"]) > 1600:
        return 21617
    service, sender = form.get("MessagingServiceSid", ""), form.get("From", "")
    if not (service or sender):
        return 21603
    if service and not re.fullmatch(r"MG[0-9a-f]{32}", service):
        return 21705
    if sender and not re.fullmatch(r"\+[1-9]\d{7,14}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}", sender):
        return 21212
    callback = urlsplit(form.get("StatusCallback", "http://none.example.org/"))
    host = callback.hostname or ""
    if callback.scheme not in {"http", "https"} or not re.fullmatch(r"[A-Za-z0-9.-]+", host):
        return 21609
    return None


def _handler(server: TwilioServer) -> type[BaseHTTPRequestHandler]:
    root = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((timestamp or time.time()) + server.ahead)

        def answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
            octets = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            kind = "text/html" if octets.startswith(b"<") else "application/json;charset=utf-8"
            for name, value in ({"Content-Type": kind} | (headers or {})).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def misbehave(self, bad: Answer) -> None:
            time.sleep(bad.stall)
            if bad.drop:
                self.close_connection = True
                return
            self.answer(bad.status, bad.body, bad.headers)

        def allowed(self) -> bool:
            expected = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
            if hmac.compare_digest(self.headers.get("Authorization", ""), expected):
                return True
            self.answer(401, refusal(20003, 401).body)
            return False

        def do_POST(self) -> None:
            octets = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            form = {name: values[0] for name, values in parse_qs(octets.decode()).items()}
            server.requests.append(("POST", self.path, form))
            server.violations += [f"Twilio has no parameter {name}" for name in form.keys() - KNOWN]
            if self.headers.get_content_type() != "application/x-www-form-urlencoded":
                server.violations.append("a request to send is a form")
            if self.path != f"{root}.json":
                return self.answer(404, refusal(20404, 404).body)
            if not self.allowed():
                return None
            time.sleep(server.latency / 2)
            if server.bad_answers and (bad := server.bad_answers.popleft()):
                if bad.accept:
                    server.accept(form)
                return self.misbehave(bad)
            if code := fault_of(form):
                return self.answer(400, refusal(code).body)
            message = server.accept(form)
            time.sleep(server.latency / 2)
            return self.answer(201, message)

        def do_GET(self) -> None:
            server.requests.append(("GET", self.path, {}))
            if not self.allowed():
                return None
            path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
            if server.bad_lists:
                return self.misbehave(server.bad_lists.popleft())
            if path == f"{root}.json":
                return self.answer(200, self.page({name: values[0] for name, values in query.items()}))
            for message in server.messages:
                if path == message["uri"]:
                    return self.answer(200, message)
            return self.answer(404, refusal(20404, 404).body)

        def page(self, query: dict[str, str]) -> dict[str, Any]:
            """One page of the list, the newest first."""
            size = min(int(query.get("PageSize", "50")), server.page_limit)
            number = int(query.get("Page", "0"))
            late = time.monotonic() - server.list_lag
            found = [m for m in reversed(server.messages) if query.get("To") in {None, m["to"]}]
            found = [m for m in found if m["taken_at"] <= late]
            more = len(found) > (number + 1) * size
            following = urlencode(query | {"PageSize": size, "Page": number + 1, "PageToken": "PASM"})
            return {
                "first_page_uri": f"{root}.json?{urlencode(query | {'Page': 0})}",
                "next_page_uri": f"{root}.json?{following}" if more else None,
                "previous_page_uri": None,
                "page": number,
                "page_size": size,
                "start": number * size,
                "end": number * size + size - 1,
                "uri": self.path,
                "messages": found[number * size : (number + 1) * size],
            }

    return Handler
