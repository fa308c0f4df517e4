"""What Twilio calls: status callbacks for our messages, and messages from parents.

Twilio tries a callback once and takes any 4xx as an answer, so each refusal here is final:
403 not signed by our account · 413 longer than any callback · 404 no message of ours has this ref
(or Twilio is not our provider) · 400 signed, but not what was announced. 2xx only after it is stored.
"""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, request
from twilio.request_validator import RequestValidator

from notifier import jobs, outbox
from notifier.channels.sms_twilio import receipt_from_callback
from notifier.phones import masked
from webapp.inbox.read import READ
from webapp.settings import current_settings
from webapp.staff.access import public

log = logging.getLogger(__name__)

blueprint = Blueprint("twilio", __name__, url_prefix="/hooks/twilio")

# Callbacks have about 1 KB, the longest message from a phone 1600 characters.
LONGEST_BODY = 64 * 1024
SID = re.compile(r"[A-Za-z0-9]{1,64}")
# TwiML for "nothing to answer": what a message means is read later.
NO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@blueprint.before_request
def only_twilio() -> None:
    """Let through what our Twilio account has signed, and nothing else."""
    settings = current_settings()
    if settings.sms_provider != "twilio":
        abort(404)
    request.max_content_length = LONGEST_BODY
    if (request.content_length or 0) > LONGEST_BODY:
        abort(413)
    # Twilio signs the address it was given, which a proxy in front of us may have changed.
    url = settings.public_base_url + request.path
    if request.query_string:
        url += f"?{request.query_string.decode('latin-1')}"
    signature = request.headers.get("X-Twilio-Signature", "")
    token = settings.twilio_auth_token
    # With an empty token anybody could sign.
    if not (token and signature and RequestValidator(token).validate(url, request.form, signature)):
        log.warning("a call that Twilio did not sign was refused at %s", request.endpoint)
        abort(403)


@blueprint.post("/status/<ref>")
@public
def status(ref: str) -> Response:
    """Take a receipt: what became of the message with our `ref`; most are taken before by `receipts`."""
    if not SID.fullmatch(request.form.get("MessageSid", "")):
        abort(400)
    receipt = receipt_from_callback(request.form)
    if not outbox.settle_receipt(ref, receipt, datetime.now(UTC)):
        log.warning("Twilio sent a receipt for a message that is not ours: %s", receipt.provider_ref)
        abort(404)
    return Response(status=204)


@blueprint.post("/inbound")
@public
def inbound() -> Response:
    """Take a message from a parent; told twice, it is stored once."""
    sid, sender = request.form.get("MessageSid", ""), request.form.get("From", "")
    if not SID.fullmatch(sid) or not 0 < len(sender) <= 254:
        abort(400)
    new = outbox.receive(
        provider="twilio",
        provider_ref=sid,
        sender=sender,
        recipient=request.form.get("To", "")[:254],
        # PostgreSQL stores no NUL.
        body=request.form.get("Body", "").replace("\x00", ""),
        now=datetime.now(UTC),
    )
    jobs.nudge(READ)
    log.info("a message came from %s%s", masked(sender), "" if new else ", once more")
    return Response(NO_ANSWER, mimetype="text/xml")
