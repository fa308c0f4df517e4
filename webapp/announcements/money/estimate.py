"""What a text would cost in either script, and what in it costs the most: shown while it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext

from notifier.text import Dear, characters, dear, is_latin, to_latin
from webapp.announcements.asks import NOTHING, Asks, asking, ending
from webapp.announcements.audience.households import Child, Envelope
from webapp.announcements.money.budget import price_of
from webapp.announcements.plan import Plan
from webapp.announcements.render import opening, sms, text_for
from webapp.staff.models import School, Script

SCRIPTS = (Script.CYRILLIC, Script.LATIN)
# Longer texts are no SMS, and nobody waits for them to be counted.
LONGEST = 5000


@dataclass(frozen=True, slots=True)
class TextCost:
    """One language's text, as one family of one child gets it; an empty text has no parts."""

    language: str
    characters: int
    parts: dict[Script, int]
    readers: int  # SMS that would be in this language if it had a text


@dataclass(frozen=True, slots=True)
class Total:
    """All SMS together, if all were in one script, or as families have chosen."""

    parts: int
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class Hint:
    language: str
    text: str
    script: Script | None = None  # None: it is said of both


@dataclass(frozen=True, slots=True)
class Estimate:
    texts: list[TextCost]
    messages: int  # SMS
    totals: dict[Script, Total]
    chosen: Total
    hints: list[Hint]
    start: str  # what stands before the text for a child of one of these classes
    ends: dict[str, str]  # what stands after it on a line of its own, by language

    @property
    def stamp(self) -> str:
        """Its numbers: a person who hears the page is told of them when they have changed."""
        return ".".join(str(total.parts) for total in (*self.totals.values(), self.chosen))


def estimate(plan: Plan, texts: dict[str, str], class_name: str, asks: Asks = NOTHING) -> Estimate:
    """Count an announcement's SMS in either script; `class_name` is one of those it goes to."""
    school = plan.school
    typed = {language: text[:LONGEST] for language, text in texts.items()}
    texts = asking(school, typed, asks)
    example = [Child(0, "", 0, class_name)]
    envelopes = [envelope for envelope, message in plan.messages if message.channel == "sms"]
    readers = Counter(envelope.language for envelope in envelopes)
    costs = [
        TextCost(
            language,
            len(characters(typed[language])),
            {
                script: sms(school, text, example, language, script).segments if text else 0
                for script in SCRIPTS
            },
            readers[language],
        )
        for language, text in texts.items()
    ]
    written = any(texts.values())
    parts = _parts(school, texts, envelopes) if written else Counter()
    chosen = plan.segments if written else 0
    return Estimate(
        texts=costs,
        messages=len(envelopes),
        totals={script: Total(parts[script], price_of(school, parts[script])) for script in SCRIPTS},
        chosen=Total(chosen, price_of(school, chosen)),
        hints=[
            hint
            for language, text in texts.items()
            if text
            for hint in _hints(school, text, example, language)
        ],
        start=opening(school, example),
        ends={language: ending(school, asks, language) for language in typed if asks != NOTHING},
    )


def _parts(school: School, texts: dict[str, str], envelopes: Iterable[Envelope]) -> Counter[Script]:
    """Count the parts of all SMS as if they were in one script; most of them say the same."""
    alike: Counter[tuple[str, str]] = Counter()
    example: dict[tuple[str, str], Envelope] = {}
    for envelope in envelopes:
        key = (envelope.language, opening(school, envelope.children))
        alike[key] += 1
        example[key] = envelope
    found: Counter[Script] = Counter()
    for key, times in alike.items():
        language, text = text_for(key[0], texts)
        for script in SCRIPTS:
            found[script] += times * sms(school, text, example[key].children, language, script).segments
    return found


def _hints(school: School, text: str, children: list[Child], language: str) -> Iterable[Hint]:
    """Name the characters that cost the most, and say what to write instead."""
    typed, cyrillic, latin = (
        dear(body)
        for body in (text, *(sms(school, text, children, language, script).body for script in SCRIPTS))
    )
    if is_latin(text) and typed.spoilers:
        yield Hint(language, _spoilt(typed.spoilers, cyrillic))
    elif latin.spoilers:
        sentence = gettext(
            "In Latin letters these characters stay as they are and make it cost more: %(characters)s "
            "(%(parts)s parts; %(fewer)s without them).",
            characters=" ".join(latin.spoilers),
            parts=latin.parts,
            fewer=latin.parts_without,
        )
        yield Hint(language, sentence, Script.LATIN)
    # In Latin letters some fall into pieces: those are named by what was typed.
    more = [each for each in latin.doubles if not any(each in whole for whole in typed.doubles)]
    if doubles := dict.fromkeys([*typed.doubles, *more]):
        sentence = gettext(
            "Each of these counts as two letters or more: %(characters)s", characters=" ".join(doubles)
        )
        yield Hint(language, sentence)


def _spoilt(spoilers: list[str], body: Dear) -> str:
    """Say what makes a text typed in Latin letters UCS-2: one № or « is enough."""
    others = [latin for character in spoilers if (latin := to_latin(character)) not in {"", character}]
    said = {"characters": " ".join(spoilers), "parts": body.parts, "fewer": body.parts_without}
    sentence: str
    if others:
        sentence = gettext(
            "The text is in Latin letters, but some characters make it as dear as Cyrillic: %(characters)s "
            "(%(parts)s parts; %(fewer)s without them). Write instead: %(others)s",
            others=" ".join(others),
            **said,
        )
    else:
        sentence = gettext(
            "The text is in Latin letters, but some characters make it as dear as Cyrillic: %(characters)s "
            "(%(parts)s parts; %(fewer)s without them). Leave them out.",
            **said,
        )
    return sentence
