"""SMS by Twilio: its official client over an HTTP client of ours, and all its words in ours."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.response import Response
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessagePage

from config import Settings
from notifier.channels.twilio_http import API, TOO_MANY, NoAnswer, TwilioHttp, said_at
from notifier.message import Fault, Listing, Message, Outcome, Receipt
from notifier.policy import LOOK_BACK

log = logging.getLogger(__name__)

PAGE_SIZE, MOST_PAGES = 100, 20
# Pages come newest first by the time of sending, which may follow creation by hours.
QUEUED_AT_MOST = timedelta(hours=14)
LARGEST_COST = 1_000_000
TRIAL_PREFIX = "Sent from your Twilio trial account - "

# After these Twilio blocks a number, or unblocks it, and tells the person so itself.
OPT_WORDS = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "start", "unstop"}

STATUSES = {
    "accepted": Outcome.ACCEPTED,
    "scheduled": Outcome.ACCEPTED,
    "queued": Outcome.ACCEPTED,
    "sending": Outcome.ACCEPTED,
    "sent": Outcome.SENT,
    "delivered": Outcome.DELIVERED,
    "read": Outcome.DELIVERED,
    "partially_delivered": Outcome.UNDELIVERED,
    "undelivered": Outcome.UNDELIVERED,
    "failed": Outcome.UNDELIVERED,
    "canceled": Outcome.UNDELIVERED,
}

# https://www.twilio.com/docs/api/errors, in words that hold no number and no text.
ERRORS: dict[str, tuple[Fault, str]] = {
    "21211": (Fault.BAD_ADDRESS, "not a valid phone number"),
    "21614": (Fault.BAD_ADDRESS, "not a mobile number"),
    "21635": (Fault.BAD_ADDRESS, "a landline"),
    "30005": (Fault.BAD_ADDRESS, "no such number"),
    "30006": (Fault.BAD_ADDRESS, "a landline, or a carrier that cannot be reached"),
    "63003": (Fault.BAD_ADDRESS, "no such address on this channel"),
    "63024": (Fault.BAD_ADDRESS, "not a valid recipient"),
    "21612": (Fault.NO_ROUTE, "no route from our sender to this number"),
    "21610": (Fault.OPTED_OUT, "the person asked for silence"),
    "63014": (Fault.OPTED_OUT, "the person blocked our sender"),
    "21602": (Fault.OUR_MESSAGE, "the text is empty"),
    "21617": (Fault.OUR_MESSAGE, "the text has more than 1600 characters"),
    "21620": (Fault.OUR_MESSAGE, "an address of an attachment is wrong"),
    "21656": (Fault.OUR_MESSAGE, "a template was filled in wrongly"),
    "63016": (Fault.OUR_MESSAGE, "only a template may be sent now"),
    "20003": (Fault.OUR_ACCOUNT, "our account's name or token is wrong, or it has no money"),
    "20005": (Fault.OUR_ACCOUNT, "our account is not active"),
    "21212": (Fault.OUR_ACCOUNT, "our sender is not valid"),
    "21408": (Fault.OUR_ACCOUNT, "our account may not send to this country"),
    "21603": (Fault.OUR_ACCOUNT, "our sender is missing"),
    "21606": (Fault.OUR_ACCOUNT, "our sender is not ours, or cannot send SMS"),
    "21608": (Fault.OUR_ACCOUNT, "our trial account may write to confirmed numbers only"),
    "21659": (Fault.OUR_ACCOUNT, "our sender is not a number of Twilio's"),
    "21660": (Fault.OUR_ACCOUNT, "our sender belongs to another account"),
    "21703": (Fault.OUR_ACCOUNT, "our messaging service has no sender"),
    "21705": (Fault.OUR_ACCOUNT, "our messaging service is not valid"),
    "30002": (Fault.OUR_ACCOUNT, "our account is suspended"),
    "30018": (Fault.OUR_ACCOUNT, "the carrier wants our sender registered first"),
    "30024": (Fault.OUR_ACCOUNT, "the carrier does not know our sender"),
    "30032": (Fault.OUR_ACCOUNT, "our toll-free number is not verified"),
    "30034": (Fault.OUR_ACCOUNT, "our number is not registered"),
    "21611": (Fault.CAPACITY, "our sender's queue is full"),
    "30001": (Fault.CAPACITY, "the queue is full"),
    "30022": (Fault.CAPACITY, "the rate limit was exceeded"),
    "30023": (Fault.CAPACITY, "the daily cap is reached"),
    "30027": (Fault.CAPACITY, "the carrier's daily cap is reached"),
    "30036": (Fault.CAPACITY, "it waited in the queue for too long"),
    "63018": (Fault.CAPACITY, "the channel's rate limit was exceeded"),
    "30004": (Fault.FILTERED, "blocked"),
    "30007": (Fault.FILTERED, "filtered by the carrier"),
    "30003": (Fault.HANDSET_OFF, "the phone is off or out of reach"),
    "30008": (Fault.MAY_HAVE_ARRIVED, "the carrier gave no reason"),
    "30017": (Fault.MAY_HAVE_ARRIVED, "the carrier's network was congested"),
    "30410": (Fault.MAY_HAVE_ARRIVED, "the carrier did not answer in time"),
    "30500": (Fault.MAY_HAVE_ARRIVED, "the carrier had an error"),
}
# What a refused request means; whatever is not here is refused for good.
REFUSALS = {
    Fault.OPTED_OUT: Outcome.OPTED_OUT,
    Fault.OUR_ACCOUNT: Outcome.PAUSE,
    Fault.CAPACITY: Outcome.RETRY,
}
UNCLEAR = frozenset({"20500", "20503"})


class TwilioSms:
    """Sends SMS through Twilio and asks it what became of them."""

    name = "sms"
    provider = "twilio"
    # Enough to fill the time a request takes at any rate that Twilio grants; the engine takes fewer on a 429.
    in_flight = 512
    poll_ladder: Sequence[timedelta] = (timedelta(minutes=15), timedelta(hours=2), timedelta(hours=11))
    repeatable = False

    def __init__(
        self, account_sid: str, auth_token: str, *, sender: Mapping[str, str], callback: str, base: str = ""
    ) -> None:
        self._http = TwilioHttp(base, connections=self.in_flight)
        self._sender = sender
        self._callback = callback
        # Regions and edges come from our settings' TWILIO_API_BASE, not from the client's own variables.
        environment = {"TWILIO_EDGE": "", "TWILIO_REGION": ""}
        self._client = Client(account_sid, auth_token, http_client=self._http, environment=environment)
        self._create = self._client.api.v2010.create_async
        self._place = f"/Accounts/{account_sid}/Messages.json"
        self._list = f"{API}/2010-04-01{self._place}"

    @classmethod
    def from_settings(cls, settings: Settings) -> TwilioSms:
        service = settings.twilio_messaging_service_sid
        return cls(
            settings.twilio_account_sid,
            settings.twilio_auth_token,
            sender={"MessagingServiceSid": service} if service else {"From": settings.twilio_from},
            callback=f"{settings.public_base_url}/hooks/twilio/status",
            base=settings.twilio_api_base,
        )

    async def send(self, message: Message) -> Receipt:
        data = {
            "To": message.address,
            "Body": message.body,
            "StatusCallback": f"{self._callback}/{message.ref}",
            # The text shall arrive as it was counted, and be found again by its exact words.
            "SmartEncoded": "false",
            **self._sender,
        }
        try:
            # What `messages.create_async` calls; that also looks through all that a message could have and
            # reads the answer's dates, a fifth of a request's time.
            made = await self._create("POST", self._place, data=data)
        except NoAnswer as failure:
            return failure.receipt
        except (TwilioRestException, TwilioServiceException) as error:
            return _refusal(int(error.status), str(error.code or ""))
        except ValueError:
            return Receipt(outcome=Outcome.UNCERTAIN, code="no_json", reason="an answer that is not Twilio's")
        if not isinstance(made.get("sid"), str):
            return Receipt(outcome=Outcome.UNCERTAIN, code="no_sid", reason="an answer that names no message")
        return _receipt(made["sid"], made.get("status"), made.get("error_code"), made.get("price"))

    async def check(self, provider_ref: str) -> Receipt | None:
        try:
            found = await self._client.messages(provider_ref).fetch_async()
        except NoAnswer as failure:
            log.warning("Twilio could not say what became of a message: %s", failure.receipt.reason)
            return None
        except (TwilioRestException, TwilioServiceException) as error:
            log.warning("Twilio would not say what became of a message: %s %s", error.status, error.code)
            return None
        return _receipt(found.sid, found.status, found.error_code, found.price)

    async def find(self, message: Message, since: datetime) -> Listing | None:
        # Twilio's list cannot be asked by time of creation, and what still waits has no time of sending:
        # so it is asked by number alone, and read until it is older than the attempt.
        refs: list[str] = []
        try:
            answer = await self._ask_for(self._list, {"To": message.address, "PageSize": PAGE_SIZE})
            read_at = said_at(answer)
            # With our clock ahead, what has just left would seem older than its attempt. An identical text of
            # long before is another delivery's already.
            earliest = min(since, read_at - LOOK_BACK).replace(microsecond=0)
            for _ in range(MOST_PAGES):
                page = MessagePage(self._client.api.v2010, answer, {"account_sid": self._client.account_sid})
                rows = list(page)
                refs += [row.sid for row in rows if _is_ours(row, message.body, earliest)]
                if _is_past(rows, earliest) or not page.next_page_url:
                    return Listing(refs, read_at)
                answer = await self._ask_for(page.next_page_url)
            reason = "it does not end"
        except NoAnswer as failure:
            reason = failure.receipt.reason
        except (TwilioException, KeyError, TypeError) as error:
            # Only the kind: the exception itself may hold the page, texts and numbers.
            reason = type(error).__name__
        log.warning("Twilio's list of messages is not available: %s", reason)
        return None

    async def _ask_for(self, uri: str, params: Mapping[str, Any] | None = None) -> Response:
        # What `messages.page_async` does, which keeps the answer's headers to itself.
        answer: Response = await self._client.request_async("GET", uri, params=params)
        return answer

    async def close(self) -> None:
        await self._http.close()


def receipt_from_callback(form: Mapping[str, str]) -> Receipt:
    """Read a status callback; the caller has checked its signature."""
    sid = form.get("MessageSid") or form.get("SmsSid")
    status = form.get("MessageStatus") or form.get("SmsStatus")
    return _receipt(sid, status, form.get("ErrorCode"), form.get("Price"))


def _is_ours(row: Any, body: str, earliest: datetime) -> bool:
    """Whether a listed message is a sending of `body` by us since `earliest`."""
    text = (row.body or "").removeprefix(TRIAL_PREFIX)
    outbound = str(row.direction or "").startswith("outbound")
    return outbound and text.strip() == body.strip() and row.date_created >= earliest


def _is_past(rows: Sequence[Any], earliest: datetime) -> bool:
    """Whether the pages after these rows can hold nothing new."""
    return not rows or bool(rows[-1].date_created < earliest - QUEUED_AT_MOST)


def _receipt(sid: str | None, status: str | None, error: Any, price: Any) -> Receipt:
    """Say in our words how a message stands that Twilio has; an unknown status climbs nowhere."""
    outcome = STATUSES.get(str(status or "").lower(), Outcome.ACCEPTED)
    code, reason, fault = "", "", None
    if outcome is Outcome.UNDELIVERED:
        code = str(error or status)
        fault, reason = ERRORS.get(code, (Fault.UNKNOWN, f"Twilio's error {code}"))
        if status == "partially_delivered":
            fault, reason = Fault.MAY_HAVE_ARRIVED, "a part of it arrived"
    return Receipt(
        outcome=outcome, provider_ref=sid, code=code, reason=reason, fault=fault, price=_cost(price)
    )


def _refusal(status: int, code: str) -> Receipt:
    """Say in our words why a request was refused."""
    if status == 429 or code == TOO_MANY:
        return Receipt(outcome=Outcome.RETRY, code=TOO_MANY, reason="too many requests", fault=Fault.CAPACITY)
    if not 400 <= status < 500 or code in UNCLEAR:
        return Receipt(outcome=Outcome.UNCERTAIN, code=code, reason=f"Twilio answered with HTTP {status}")
    fault, reason = ERRORS.get(code, (Fault.UNKNOWN, f"Twilio's error {code}"))
    outcome = REFUSALS.get(fault, Outcome.REFUSED)
    return Receipt(outcome=outcome, code=code, reason=reason, fault=fault)


def answers_itself(body: str) -> bool:
    """Say whether Twilio has answered this message of a person before we could."""
    return body.strip().casefold() in OPT_WORDS


def _cost(price: Any) -> Decimal | None:
    """What a message cost: Twilio books it as a negative number, and not at once."""
    try:
        cost = abs(Decimal(str(price)))
        return cost if cost < LARGEST_COST else None
    except InvalidOperation:
        return None
