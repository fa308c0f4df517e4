"""What an answer means for a delivery: pure decisions from how it stands to how it shall stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from notifier import policy
from notifier.message import Fault, Listing, Outcome, Receipt
from notifier.models import TRANSITIONS, State
from notifier.outbox.moves import Standing

# A provider that took a message can only say these of it; that it refused it afterwards means the same to us.
CLIMBS = {
    Outcome.ACCEPTED: State.ACCEPTED,
    Outcome.SENT: State.ACCEPTED,
    Outcome.DELIVERED: State.DELIVERED,
    Outcome.UNDELIVERED: State.UNDELIVERED,
    Outcome.REFUSED: State.UNDELIVERED,
    Outcome.OPTED_OUT: State.UNDELIVERED,
    Outcome.PAUSE: State.UNDELIVERED,
}
# In these the present try has no outcome yet: a name they carry is an earlier try's.
OPEN = frozenset({State.PENDING, State.SENDING, State.UNCERTAIN, State.NEEDS_HUMAN})
# Tries after which a message that was accepted and then not delivered goes once more.
RESENDS = {Fault.CAPACITY: 2, Fault.OUR_ACCOUNT: 3}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the delivery shall stand, and the line for the log of attempts (none when `event` is empty)."""

    after: Standing
    event: str = ""
    code: str = ""
    reason: str = ""
    pauses: str = ""  # the provider that must rest
    silences: bool = False  # the address wants nothing more


def answered(
    row: Standing,
    receipt: Receipt,
    *,
    provider: str,
    now: datetime,
    ladder: Sequence[timedelta],
    chance: float,
) -> Verdict:
    """Judge the answer to a request of the present claim.

    `ladder`: when, after acceptance, to ask for a missing receipt; `chance`, from 0 to 1, spreads tries.
    """
    row = row._replace(provider=provider)
    event, code, reason = receipt.outcome.value, receipt.code, receipt.reason
    if receipt.outcome in {Outcome.ACCEPTED, Outcome.SENT, Outcome.DELIVERED, Outcome.UNDELIVERED}:
        return _climbed(row, receipt, now, ladder)
    if row.state not in {State.SENDING, State.UNCERTAIN}:
        # A receipt has overtaken this answer, and knows better.
        return Verdict(row, event, code, reason)
    failed = row._replace(
        next_check_at=None,
        fault=receipt.fault,
        error_code=code[:32] or None,
        error_text=reason[:255] or None,
    )
    match receipt.outcome:
        case Outcome.RETRY:
            wait = policy.backoff(row.attempts, chance, receipt.retry_after)
            return Verdict(failed._replace(state=State.PENDING, not_before=now + wait), event, code, reason)
        case Outcome.PAUSE:
            # Not this message's fault: its tries are not counted.
            after = failed._replace(state=State.PENDING, attempts=max(row.attempts - 1, 0))
            return Verdict(after, event, code, reason, pauses=provider)
        case Outcome.REFUSED:
            return Verdict(failed._replace(state=State.FAILED), event, code, reason)
        case Outcome.OPTED_OUT:
            after = failed._replace(state=State.SUPPRESSED, fault=Fault.OPTED_OUT)
            return Verdict(after, event, code, reason, silences=True)
        case _:
            # However long the answer took to get lost: the provider may have the message on its list by now.
            look = now + policy.FIRST_LOOK
            after = failed._replace(state=State.UNCERTAIN, next_check_at=look, absent_since=None)
            return Verdict(after, event, code, reason)


def received(row: Standing, receipt: Receipt, now: datetime, ladder: Sequence[timedelta]) -> Verdict:
    """Judge a receipt that came by itself, perhaps twice, late, or for an earlier try."""
    if receipt.outcome not in CLIMBS:
        return Verdict(row)
    named = receipt.provider_ref is not None and row.provider_ref is not None
    # Of an earlier try only one thing still matters: that it did arrive.
    earlier = named and (receipt.provider_ref == row.provider_ref) == (row.state in OPEN)
    if earlier and receipt.outcome is not Outcome.DELIVERED:
        return Verdict(row)
    return _climbed(row, receipt, now, ladder)


def late(row: Standing, receipt: Receipt) -> Verdict:
    """Judge an answer to an earlier claim: it may leave its name where there is none, no more."""
    if row.provider_ref is None and receipt.provider_ref and receipt.outcome in CLIMBS:
        row = row._replace(provider_ref=receipt.provider_ref)
    return Verdict(row, "late", receipt.code, receipt.outcome.value)


def polled(row: Standing, receipt: Receipt | None, now: datetime, ladder: Sequence[timedelta]) -> Verdict:
    """Judge what the provider said when asked about an accepted message."""
    if row.state is not State.ACCEPTED:
        return Verdict(row)
    checks = row.checks + 1
    row = row._replace(checks=checks, next_check_at=policy.next_poll(row.accepted_at or now, checks, ladder))
    if receipt is None or receipt.outcome not in CLIMBS:
        return Verdict(row, "asked")
    found = _climbed(row, receipt, now, ladder)
    return found if found.after.state is not State.ACCEPTED else replace(found, event="asked")


def looked(
    row: Standing,
    listing: Listing | None,
    now: datetime,
    ladder: Sequence[timedelta],
    repeatable: bool,
) -> Verdict:
    """Judge what the provider's list says of an uncertain message; it names only those nobody else has."""
    if row.state is not State.UNCERTAIN:
        return Verdict(row)
    if row.expires_at is not None and row.expires_at <= now:
        return Verdict(row._replace(state=State.NEEDS_HUMAN, next_check_at=None), "needs_human")
    again = row._replace(state=State.PENDING, next_check_at=None, not_before=now)
    if repeatable:
        # Sent twice it shows once; but a second doubt is for a person.
        if row.absent_checks == 0:
            return Verdict(again._replace(absent_checks=1), "repeat")
        return Verdict(row._replace(state=State.NEEDS_HUMAN, next_check_at=None), "needs_human")
    if listing is None:
        in_doubt_for = now - (row.last_attempt_at or row.created_at)
        return Verdict(row._replace(next_check_at=now + policy.next_look(in_doubt_for)))
    ours = [ref for ref in listing.refs if ref != row.provider_ref]
    if ours:
        found = _climbed(row, Receipt(outcome=Outcome.ACCEPTED, provider_ref=ours[0]), now, ladder)
        return replace(found, event="found")
    # By the provider's clock alone: ours may have jumped.
    since = row.absent_since or listing.read_at
    absent_for = listing.read_at - since
    later = row._replace(absent_since=since, next_check_at=now + policy.next_look(absent_for))
    if not policy.absence_counts(absent_for):
        return Verdict(later)
    if row.absent_checks + 1 < policy.ABSENT_LOOKS:
        return Verdict(later._replace(absent_checks=row.absent_checks + 1), "absent")
    return Verdict(again._replace(absent_checks=0), "absent")


def again(row: Standing, now: datetime) -> Verdict:
    """Send an undelivered message once more, if that is still news."""
    if row.state is not State.UNDELIVERED:
        return Verdict(row)
    if row.expires_at is not None and row.expires_at <= now:
        return Verdict(row._replace(next_check_at=None))
    return Verdict(row._replace(state=State.PENDING, not_before=now, next_check_at=None), "resend")


def released(row: Standing, reason: str, departed: bool, not_before: datetime) -> Verdict:
    """Give back a delivery whose request certainly never left, for others to take from a moment on."""
    if row.state not in {State.SENDING, State.UNCERTAIN}:
        return Verdict(row)
    attempts = max(row.attempts - 1, 0) if departed else row.attempts
    after = row._replace(
        state=State.PENDING,
        attempts=attempts,
        next_check_at=None,
        not_before=not_before,
    )
    return Verdict(after, "released" if reason else "", reason=reason)


def nameless(receipt: Receipt) -> Receipt:
    """The receipt without what only its provider knows: the message's name and price."""
    return replace(receipt, provider_ref=None, price=None)


def _climbed(row: Standing, receipt: Receipt, now: datetime, ladder: Sequence[timedelta]) -> Verdict:
    """Move up to where the receipt says the message is, if that is up from here."""
    to = CLIMBS[receipt.outcome]
    # The open try's message replaces an earlier one's name; elsewhere the first name stays.
    if receipt.provider_ref and (row.provider_ref is None or row.state in OPEN):
        row = row._replace(provider_ref=receipt.provider_ref)
    if receipt.price is not None:
        row = row._replace(price=receipt.price)
    if to not in TRANSITIONS[row.state]:
        return Verdict(row)
    clean = row._replace(
        state=to,
        accepted_at=row.accepted_at or now,
        next_check_at=None,
        fault=None,
        error_code=None,
        error_text=None,
    )
    event, code, reason = receipt.outcome.value, receipt.code, receipt.reason
    if to is State.ACCEPTED:
        # A new try is polled from its own beginning.
        after = clean._replace(accepted_at=now, checks=0, next_check_at=policy.next_poll(now, 0, ladder))
        return Verdict(after, event, code, reason)
    if to is State.DELIVERED:
        return Verdict(clean, event, code, reason)
    fault = receipt.fault or (Fault.OPTED_OUT if receipt.outcome is Outcome.OPTED_OUT else Fault.UNKNOWN)
    if receipt.outcome is Outcome.PAUSE:
        fault = Fault.OUR_ACCOUNT
    again = row.attempts < RESENDS.get(fault, 0)
    after = clean._replace(
        fault=fault,
        error_code=code[:32] or None,
        error_text=reason[:255] or None,
        next_check_at=now + policy.CAPACITY_REST if again else None,
    )
    return Verdict(
        after,
        event,
        code,
        reason,
        pauses=row.provider or "" if fault is Fault.OUR_ACCOUNT else "",
        silences=fault is Fault.OPTED_OUT,
    )
