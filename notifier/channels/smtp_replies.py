"""What a mail server's answer means for a letter (pure)."""

from __future__ import annotations

import re

from notifier.message import Fault, Outcome, Receipt

# What the second and third digit of an enhanced status (RFC 3463) mean for a letter that is refused.
FAULTS = {
    "1": Fault.BAD_ADDRESS,
    "2": Fault.BAD_ADDRESS,
    "4": Fault.NO_ROUTE,
    "6": Fault.OUR_MESSAGE,
    "7": Fault.FILTERED,
    "1.7": Fault.OUR_ACCOUNT,  # the sender's address
    "1.8": Fault.OUR_ACCOUNT,
    "2.2": Fault.CAPACITY,  # the mailbox is full
    "2.3": Fault.OUR_MESSAGE,  # too long for the mailbox
    "3.4": Fault.OUR_MESSAGE,  # too long for the system
}
# Login wanted, wrong or too weak.
ACCOUNT_CODES = frozenset({530, 534, 535, 538})
STATUS = re.compile(rb"([245]\.\d{1,3}\.\d{1,3})\b")
# These are the recipient's alone, in whatever words: "… unknown in relay recipient table".
OF_RECIPIENT = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
# Many servers tell a sender's faults only when they hear the recipient.
ACCOUNT_WORDS = re.compile(
    rb"relay(?:ing)? (?:access )?(?:is )?(?:denied|not (?:allowed|permitted|supported))"
    rb"|(?:unable|not (?:allowed|permitted|authori[sz]ed)|will not|do(?:es)? not) (?:to )?relay"
    rb"|sender address rejected|not owned by|authentication (?:is )?required",
    re.IGNORECASE,
)
QUOTED = re.compile(rb"<[^>]*>")


def judge(stage: str, code: int, reply: bytes) -> Receipt:
    """Say in our words what the server's answer at a stage (AUTH MAIL RCPT DATA TEXT) means for a letter."""
    status = STATUS.match(reply)
    detail = status.group(1).decode() if status else ""
    name = f"{code} {detail}".strip()
    if stage == "TEXT" and code // 100 == 2:
        return Receipt(outcome=Outcome.ACCEPTED, code=name)
    reason = f"the mail server refused it at {stage}"
    if code // 100 == 4:
        return later(name, reason)
    if code // 100 != 5:
        outcome = Outcome.UNCERTAIN if stage == "TEXT" else Outcome.RETRY
        return Receipt(
            outcome=outcome, code=name, reason="the mail server's answer is not clear", fault=Fault.TEMPORARY
        )
    fault = _fault(stage, code, detail, reply)
    outcome = Outcome.PAUSE if fault is Fault.OUR_ACCOUNT else Outcome.REFUSED
    return Receipt(outcome=outcome, code=name, reason=reason, fault=fault)


def _fault(stage: str, code: int, detail: str, reply: bytes) -> Fault:
    """Whose fault it is that a letter was refused for good."""
    _, _, meaning = detail.partition(".")
    if code in ACCOUNT_CODES or stage in {"AUTH", "MAIL"}:
        return Fault.OUR_ACCOUNT
    if meaning not in OF_RECIPIENT and ACCOUNT_WORDS.search(QUOTED.sub(b"", reply)):
        return Fault.OUR_ACCOUNT
    fault = FAULTS.get(meaning) or FAULTS.get(meaning.partition(".")[0])
    if fault:
        return fault
    if code == 552:
        return Fault.OUR_MESSAGE
    return Fault.BAD_ADDRESS if stage == "RCPT" else Fault.FILTERED


def hangs_up(code: int) -> bool:
    """Whether this is the server's last word, or no SMTP at all."""
    return code == 421 or code < 200


def later(code: str, reason: str) -> Receipt:
    """Say that the letter was not taken now, and why; it is to be tried again."""
    return Receipt(outcome=Outcome.RETRY, code=code, reason=reason, fault=Fault.TEMPORARY)
