"""The form on which a survey is written; every fault has a sentence."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from notifier.text import tidy
from webapp.families.device_names import FACT_NAMES, VALUE_NAMES
from webapp.families.devices import CHOICES, HAVINGS, YES
from webapp.families.models import SchoolClass
from webapp.survey.models import LONGEST_LABEL, LONGEST_QUESTION, MOST_CHOICES, Choice, Survey
from webapp.survey.ready import READY

# How long answers count, unless somebody says otherwise; and at most.
USUAL, LONGEST = timedelta(days=7), timedelta(days=30)
NOTHING, NONE = "", "none"


def meanings() -> list[tuple[str, str]]:
    """List what an answer may say of a household: (value, words)."""
    listed = [
        (f"{fact}={value}", f"{FACT_NAMES[fact]}: {VALUE_NAMES[fact][value]}")
        for fact, values in CHOICES.items()
        for value in (values if fact not in HAVINGS else (YES,))
    ]
    return [
        (NOTHING, gettext("Nothing that is kept")),
        *listed,
        (NONE, gettext("Nothing of what the others name")),
    ]


@dataclass
class SurveyForm:
    token: str = ""
    question_ky: str = ""
    question_ru: str = ""
    choices: list[Choice] = field(default_factory=list)
    multiple: bool = False
    classes: list[str] = field(default_factory=list)
    closes_on: str = ""
    faults: dict[str, str | LazyString] = field(default_factory=dict)

    @classmethod
    def blank(cls, ready: str, today: date) -> SurveyForm:
        """Begin a survey, with the words of a ready one if there is one of that name."""
        form = cls(token=secrets.token_urlsafe(16), closes_on=(today + USUAL).isoformat())
        if found := READY.get(ready):
            form.question_ky, form.question_ru, form.multiple = found.ky, found.ru, found.multiple
            form.choices = list(found.choices)
        return form

    @classmethod
    def of(cls, survey: Survey, zone: ZoneInfo) -> SurveyForm:
        last = (survey.closes_at - timedelta(seconds=1)).astimezone(zone).date()
        return cls(
            survey.token,
            survey.question_ky,
            survey.question_ru,
            list(survey.choices),
            survey.multiple,
            [str(each.id) for each in survey.classes],
            last.isoformat(),
        )

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> SurveyForm:
        rows = zip(
            form.getlist("choice_ky")[:MOST_CHOICES],
            form.getlist("choice_ru")[:MOST_CHOICES],
            form.getlist("sets")[:MOST_CHOICES],
            strict=False,
        )
        choices: list[Choice] = [{"ky": _line(ky), "ru": _line(ru), "sets": sets} for ky, ru, sets in rows]
        return cls(
            form.get("token", "")[:32] or secrets.token_urlsafe(16),
            _line(form.get("question_ky", "")),
            _line(form.get("question_ru", "")),
            [choice for choice in choices if choice["ky"] or choice["ru"]],
            "multiple" in form,
            form.getlist("classes"),
            form.get("closes_on", ""),
        )

    def chosen(self, offered: Sequence[SchoolClass]) -> list[SchoolClass]:
        return [each for each in offered if str(each.id) in self.classes]

    def closes_at(self, zone: ZoneInfo) -> datetime:
        """The end of the last day."""
        day = date.fromisoformat(self.closes_on) + timedelta(days=1)
        return datetime.combine(day, time.min, zone).astimezone(UTC)

    def holds(self, offered: Sequence[SchoolClass], today: date) -> bool:
        """Say whether this can be asked; what is at fault says why."""
        if not self.question_ky and not self.question_ru:
            self.faults["question_ky"] = lazy_gettext("Write the question, in Kyrgyz or in Russian.")
        for name in ("question_ky", "question_ru"):
            if len(getattr(self, name)) > LONGEST_QUESTION:
                self.faults[name] = lazy_gettext("This is too long: at most 140 characters.")
        self._look_at_choices()
        if not self.chosen(offered):
            self.faults["classes"] = lazy_gettext("Choose at least one class.")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", self.closes_on) or not _is_day(self.closes_on):
            self.faults["closes_on"] = lazy_gettext("Choose the last day for answers.")
        elif not today <= date.fromisoformat(self.closes_on) <= today + LONGEST:
            self.faults["closes_on"] = lazy_gettext("Choose a day from today on, within 30 days.")
        return not self.faults

    def _look_at_choices(self) -> None:
        known = {value for value, _ in meanings()}
        languages = [language for language in ("ky", "ru") if getattr(self, f"question_{language}")]
        if len(self.choices) < 2:
            self.faults["choices"] = lazy_gettext("Give at least two answers to choose from.")
        elif any(not _label(choice, language) for choice in self.choices for language in languages):
            self.faults["choices"] = lazy_gettext("Write each answer in every language of the question.")
        elif any(max(len(choice["ky"]), len(choice["ru"])) > LONGEST_LABEL for choice in self.choices):
            self.faults["choices"] = lazy_gettext("An answer has at most 30 characters.")
        elif any(choice["sets"] not in known for choice in self.choices):
            self.faults["choices"] = lazy_gettext("Choose from the list what an answer says of the family.")

    def fill(self, survey: Survey, offered: Sequence[SchoolClass], zone: ZoneInfo) -> None:
        survey.question_ky, survey.question_ru = self.question_ky, self.question_ru
        survey.choices, survey.multiple = self.choices, self.multiple
        survey.classes, survey.closes_at = self.chosen(offered), self.closes_at(zone)


def _label(choice: Choice, language: str) -> str:
    return choice["ru"] if language == "ru" else choice["ky"]


def _line(text: str) -> str:
    return " ".join(tidy(text).split())[:1000]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
