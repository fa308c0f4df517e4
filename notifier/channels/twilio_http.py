"""How the requests of Twilio's official client travel: with time limits, without retries, without its log."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from notifier.message import Fault, Outcome, Receipt

log = logging.getLogger(__name__)

API = "https://api.twilio.com"
# Together less than half the lease the engine holds a message by.
CONNECT_SECONDS, READ_SECONDS = 3, 15
TOO_MANY = "20429"


class NoAnswer(Exception):
    """There was no answer of Twilio's own; `receipt` says what that means for a message."""

    def __init__(self, outcome: Outcome, code: str, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        fault = Fault.CAPACITY if code == TOO_MANY else Fault.TEMPORARY
        self.receipt = Receipt(
            outcome=outcome, code=code, reason=reason, fault=fault, retry_after=retry_after
        )


class TwilioHttp(AsyncHttpClient):
    """Carries requests to Twilio, or to another `base` address that speaks like it.

    The client that Twilio brings writes phone numbers to the log, waits for five minutes, and opens its
    session before an event loop runs.
    """

    def __init__(self, base: str, connections: int) -> None:
        super().__init__(log, is_async=True)
        self._base = base or API
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        uri: str,
        *,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_: Any,
    ) -> Response:
        """Make one request; raises NoAnswer when Twilio itself did not say what became of it."""
        sent_headers = dict(headers or {})
        if auth:
            sent_headers["Authorization"] = aiohttp.encode_basic_auth(*auth)
        try:
            async with self._open_session().request(
                method,
                self._base + uri.removeprefix(API),
                params=params,
                data=_form(data),
                headers=sent_headers,
                allow_redirects=False,
            ) as answer:
                status, answered = answer.status, answer.headers
                text = await answer.text("utf-8", errors="replace")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NoAnswer(Outcome.RETRY, "connect", f"no connection: {type(error).__name__}") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NoAnswer(Outcome.UNCERTAIN, "lost", f"no answer: {type(error).__name__}") from None
        if status == 429:
            wait = _seconds(answered.get("Retry-After", ""))
            raise NoAnswer(Outcome.RETRY, TOO_MANY, "too many requests", wait)
        # What a success says is read by whoever posted; reading it twice would cost a twentieth of a request.
        taken = method == "POST" and status < 300 and text.startswith("{")
        if not (taken or _is_json_object(text)):
            raise NoAnswer(Outcome.UNCERTAIN, f"http_{status}", "an answer that is not Twilio's")
        return Response(status, text, answered)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=60),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(
                    total=CONNECT_SECONDS + READ_SECONDS, connect=CONNECT_SECONDS, sock_read=READ_SECONDS
                ),
            )
        return self._session

    async def close(self) -> None:
        session, self._session = self._session, None
        if session:
            await session.close()


def _form(data: Mapping[str, Any] | None) -> Mapping[str, Any] | bytes | None:
    """The form as it travels."""
    if not data or not all(isinstance(value, str) for value in data.values()):
        return data
    return "&".join(f"{name}={_quoted(value)}" for name, value in data.items()).encode()


def _quoted(value: str) -> str:
    # Every octet as %XX: choosing which need it, octet by octet, takes an eighth of a request's time.
    return "%" + value.encode().hex("%").upper() if value else ""


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def said_at(answer: Response) -> datetime:
    """When Twilio gave this answer, by its own clock (by ours, should the answer not say)."""
    return _moment((answer.headers or {}).get("Date", "")) or datetime.now(UTC)


def _seconds(retry_after: str) -> float | None:
    """Read a Retry-After header, which holds seconds or a date."""
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    moment = _moment(retry_after)
    return None if moment is None else max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _moment(date: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    # Python leaves a date without a zone where the header says GMT in an old way.
    return moment.replace(tzinfo=moment.tzinfo or UTC)
