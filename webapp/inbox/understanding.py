"""What a message means: an answer to a question that was asked, a keyword, or something for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notifier.models import Inbound
from webapp.atschool.answers import take_answer as take_invitation_answer
from webapp.inbox.answering.guards import is_machine
from webapp.inbox.keywords import Keyword
from webapp.inbox.keywords import read as read_keyword
from webapp.reach.answers.acknowledge import acknowledge_latest
from webapp.survey.answers import take_answer as take_survey_answer

# A number whose messages are of no interest: the reason of its suppression.
BLOCKED = "blocked"
# Written by a machine; nobody has to read it.
MACHINE = "MACHINE"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What was understood; `settled` when nothing is left to be done about it."""

    intent: str | None = None
    keyword: Keyword | None = None  # one that is to be responded to
    acknowledged: int = 0  # families
    settled: bool = False


def understand(inbound: Inbound, now: datetime) -> Meaning:
    """Read a message in the caller's transaction, and take what it answers as answered."""
    if is_machine(inbound):
        return Meaning(MACHINE, settled=True)
    # A bare digit answers a survey before it can mean anything else.
    if take_survey_answer(inbound.channel, inbound.sender, inbound.body, inbound.received_at, inbound.id):
        return Meaning("SURVEY", settled=True)
    keyword = read_keyword(inbound.body)
    if keyword is None:
        return Meaning()
    if take_invitation_answer(
        inbound.channel, inbound.sender, keyword.intent, inbound.received_at, inbound.id
    ):
        return Meaning(keyword.intent, settled=True)
    acknowledged = 0
    if keyword.intent == "YES":
        acknowledged = acknowledge_latest(inbound.channel, inbound.sender, now, inbound_id=inbound.id)
    return Meaning(keyword.intent, keyword, acknowledged)
