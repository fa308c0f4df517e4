"""A survey as parents read it: the question, its keyed answers, and how to answer. No database here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.survey.models import Choice, Survey


@dataclass(frozen=True, slots=True)
class Words:
    answer: str  # with {keys}
    several: str  # with {example}
    call: str  # with {phone}
    tell: str  # there is nothing to call or write to
    either: str  # between the last two keys
    reminder: str


WORDS = {
    "ky": Words(
        "Жооп үчүн {keys} деп SMS жазыңыз.",
        " Бир нечесин жазса болот, мисалы {example}.",
        "Жообуңузду {phone} номерине чалып же SMS жазып айтыңыз.",
        "Жообуңузду класс жетекчиге айтыңыз.",
        "же",
        "Жообуңузду күтүп жатабыз. ",
    ),
    "ru": Words(
        "Ответьте по SMS: {keys}.",
        " Можно несколько, например {example}.",
        "Ответ сообщите по телефону {phone}, звонком или SMS.",
        "Ответ сообщите классному руководителю.",
        "или",
        "Ждём вашего ответа. ",
    ),
}


def texts_of(survey: Survey, phone: str, two_way: bool, *, again: bool = False) -> dict[str, str]:
    """Write the announcement in each language the question has; `again` is the reminder."""
    questions = {"ky": survey.question_ky, "ru": survey.question_ru}
    return {
        language: (words.reminder if again else "")
        + f"{questions[language]} {_listed(survey.choices, language)}. "
        + _how(survey, words, phone, two_way)
        if questions[language]
        else ""
        for language, words in WORDS.items()
    }


def _listed(choices: Sequence[Choice], language: str) -> str:
    return ", ".join(
        f"{key}-{choice['ru'] if language == 'ru' else choice['ky']}"
        for key, choice in enumerate(choices, start=1)
    )


def _how(survey: Survey, words: Words, phone: str, two_way: bool) -> str:
    if not two_way:
        return words.call.format(phone=phone) if phone else words.tell
    keys = [str(key) for key in range(1, len(survey.choices) + 1)]
    listed = f"{', '.join(keys[:-1])} {words.either} {keys[-1]}" if len(keys) > 1 else keys[0]
    said = words.answer.format(keys=listed)
    if survey.multiple and len(keys) > 2:
        said += words.several.format(example=keys[0] + keys[2])
    return said
