"""Read one cell of each kind: a class, a language, e-mail addresses, phones (pure)."""

from __future__ import annotations

import re
from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email

from notifier import phones
from webapp.families.names import LOOKALIKES, clean, fold

GRADES = range(1, 13)
# What people write into a cell instead of leaving it empty.
NOTHING = {
    "", "-", "--", "---", "жок", "нет", "нету", "no", "none", "n/a", "н/д", "нд", "нет данных",
    "белгисиз", "неизвестно", "null", "nan", "#n/a", "#н/д",
}  # fmt: skip

_class = re.compile(r"(\d{1,2})(?:[-/. ]?([А-ЯЁӨҮҢ]{1,2}\d?|(?<=[-/. ])\d{1,2}))?").fullmatch
_about_class = re.compile(r"\b(?:КЛАСС\w*|КЛ|CLASS|GRADE|№)(?![^\W_])\.?|№|[\"'«»„“”‘’`()*]", re.IGNORECASE)
_KYRGYZ = ("кыр", "кир", "қыр", "ky", "kg", "kir", "qyr", "кг", "къ")
_RUSSIAN = ("рус", "орус", "ru", "ру", "oru", "орс", "рос")


class ClassName(NamedTuple):
    grade: int
    letter: str

    def __str__(self) -> str:
        return f"{self.grade}-{self.letter}" if self.letter else str(self.grade)


class BadCell(ValueError):
    """A cell that can't be read; `value` is the part that is wrong, `reason` says why, for a phone."""

    def __init__(self, value: str, reason: str = "") -> None:
        super().__init__(value)
        self.value, self.reason = value, reason


def is_nothing(text: str) -> bool:
    return not any(c.isalnum() for c in text) or fold(text) in NOTHING


def class_name(text: str) -> ClassName:
    """Read 5-А, 5А, 5 «а» класс, 5-A with a Latin letter; raise BadCell."""
    # A class named in words and marks is the same class without them.
    short = _about_class.sub(" ", clean(text).upper().replace("CLASS", "КЛАСС"))
    short = re.sub(r"[‐‑‒–—−_]", "-", short).translate(LOOKALIKES)
    short = re.sub(r"\s*([-/.])\s*", r"\1", " ".join(short.split())).strip("-/. ")
    short = re.sub(r"(\d)-?(?:Й|ЫЙ|ОЙ|ЧЫ|ЧИ|ЧУ|ЧҮ|ИНЧИ|ЫНЧЫ|НЧИ|НЧЫ|ҮНЧҮ|УНЧУ)\b", r"\1", short)
    found = _class(short)
    if not found or int(found[1]) not in GRADES:
        raise BadCell(text)
    return ClassName(int(found[1]), (found[2] or "").replace("Ё", "Е"))


def language(text: str) -> str:
    """Read "кыргызча", "русский", "ru"… as ky or ru, the first where there are two; raise BadCell."""
    for word in re.findall(r"[^\W\d_]+", fold(text)):
        if word.startswith(_KYRGYZ):
            return "ky"
        if word.startswith(_RUSSIAN):
            return "ru"
    raise BadCell(text)


def emails(text: str) -> list[str]:
    """Read the e-mail addresses of a cell, asking no network; raise BadCell with the first bad one."""
    found = []
    for piece in re.split(r"[,;\s]+", text.replace("mailto:", "")):
        address = piece.strip("<>()[]\"'.")
        if not address:
            continue
        try:
            # Cyrillic before the @ needs mail servers that few families have; mostly it is a typo.
            valid = validate_email(address, check_deliverability=False, allow_smtputf8=False)
        except EmailNotValidError:
            raise BadCell(address) from None
        if valid.normalized.lower() not in found:
            found.append(valid.normalized.lower())
    return found


class Numbers(NamedTuple):
    good: list[str]
    landlines: list[str]  # as written; they stood beside a number that can be texted


def numbers(text: str) -> Numbers:
    """Read the phones of a cell; raise BadCell with the first that is bad and why.

    A landline beside a mobile number is no fault of the list: the family has both.
    """
    good: list[str] = []
    landlines: list[str] = []
    for piece in phones.split_numbers(text):
        try:
            number = phones.normalise(piece)
        except phones.BadPhone as bad:
            if bad.reason == "empty":
                continue
            if bad.reason != "landline":
                raise BadCell(piece, bad.reason) from None
            landlines.append(piece)
        else:
            if number not in good:
                good.append(number)
    if landlines and not good:
        raise BadCell(landlines[0], "landline")
    return Numbers(good, landlines)
