"""What stands against sending an announcement: a sentence each, that says what to do."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext, ngettext

from webapp.announcements.asks import NOTHING, Asks, asking
from webapp.announcements.audience.households import Audience, Child
from webapp.announcements.render import MAX_PARTS, opening, too_long_by
from webapp.staff.models import School, Script


@dataclass(frozen=True, slots=True)
class Flaw:
    field: str  # of the form: "classes", "text_ky", "text_ru"
    text: str


def flaws(school: School, texts: dict[str, str], audience: Audience, asks: Asks = NOTHING) -> list[Flaw]:
    """Name everything at once: nobody to tell, nothing to say, too much to say."""
    found = []
    if sentence := nobody(audience):
        found.append(Flaw("classes", sentence))
    if not any(texts.values()):
        found.append(Flaw("text_ky", gettext("Write the text, in Kyrgyz or in Russian.")))
    frames = _frames(school, audience)
    for language, text in asking(school, texts, asks).items():
        if text and (excess := too_long_by(school, text, language, frames)):
            found.append(Flaw(f"text_{language}", _too_long(excess)))
    return found


def nobody(audience: Audience) -> str:
    """Say why nobody would be told, and what to do; "" when somebody is."""
    if audience.told:
        return ""
    sentence: str
    if audience.households:
        sentence = gettext("None of these families has a phone number or e-mail address. Add one first.")
    elif audience.left_out:
        sentence = gettext("You have left everybody out. Open “Who exactly” and take somebody in again.")
    elif audience.narrows:
        sentence = gettext("No family fits what you chose, or none does any more. Choose more of them.")
    else:
        sentence = gettext("Nobody is in these classes yet. Choose others, or bring the class list in first.")
    return sentence


def _frames(school: School, audience: Audience) -> list[tuple[Script, tuple[Child, ...]]]:
    """The scripts and the children of every SMS to be; while there is none, as the school writes.

    Of those that begin with the same words one is enough.
    """
    found = {
        (envelope.script, opening(school, envelope.children)): envelope.children
        for envelope in audience.envelopes()
        if envelope.to.channel == "sms"
    }
    return [(script, tuple(children)) for (script, _), children in found.items()] or [
        (Script(school.script), ())
    ]


def _too_long(excess: int) -> str:
    sentence: str = ngettext(
        "The text is too long for an SMS of %(parts)s parts. Take out %(num)s character.",
        "The text is too long for an SMS of %(parts)s parts. Take out %(num)s characters.",
        excess,
        parts=MAX_PARTS,
    )
    return sentence
