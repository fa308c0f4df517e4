"""Take apart a cell or a line that holds a whole lesson: «1-класс. Сабат ачуу. О тыбышы» (pure)."""

from __future__ import annotations

import re

from webapp.families.names import clean
from webapp.lessons.wording import BadGrade, BadLanguage, read_grades, read_language

_GRADE = re.compile(
    r"(?<![\w.])(?P<numbers>\d{1,2}(?:\s*(?:[-–—,]|жана|и)\s*\d{1,2})*)\s*[-–—]?\s*"
    r"(?P<letter>[«\"']?[А-ЯЁӨҮҢа-я][»\"']?\s+)?(?:класс(?:тар|ы|ов|а|тын)?|кл\b|grades?\b)\.?(?:ы|тар|тары)?",
    re.IGNORECASE,
)
_GRADE_BEFORE = re.compile(
    r"\b(?:класс|grades?)\s*[:№]?\s*(?P<numbers>\d{1,2}(?:\s*[-–—]\s*\d{1,2})?)", re.IGNORECASE
)
_IN_BRACKETS = re.compile(r"\(([^()]{1,40})\)")
_REPEAT = re.compile(r"\(?\b(?:кайталоо|кайталап көрсөтүү|повтор|repeat|rerun)\b\.?\)?", re.IGNORECASE)
# Bullets and pictures in front of a line.
_BEFORE_WORDS = re.compile(r"^[^\w«(\"“]+")
_EDGES = " .,;:—–-|/•·*"
# The subject ends at a colon, a full stop, a dash between spaces, or a bracket: «Математика: бөлчөк».
_SUBJECT_ENDS = re.compile(r"\s*(?:[.:;](?:\s+|$)|\s[—–-]\s|\s\()")


def lesson_in(text: str) -> dict[str, str]:
    """Return what a cell says of a lesson: grade, subject, topic, language, repeat; only what is there."""
    found: dict[str, str] = {}
    if _REPEAT.search(text):
        found["repeat"] = "yes"
        text = _REPEAT.sub(" ", text)
    match = _GRADE.search(text) or _GRADE_BEFORE.search(text)
    if match:
        found["grade"] = clean(match["numbers"]) + (
            f"-{clean(match['letter'])}" if match.groupdict().get("letter") else ""
        )
        text = f"{text[: match.start()]}\n{text[match.end() :]}"
    for bracket in _IN_BRACKETS.finditer(text):
        try:
            found["language"] = read_language(bracket[1])
        except BadLanguage:
            continue
        text = text.replace(bracket[0], " ")
        break
    lines = [_BEFORE_WORDS.sub("", clean(part)).strip(_EDGES) for part in text.splitlines()]
    lines = [line for line in lines if line]
    if len(lines) == 1 and (end := _SUBJECT_ENDS.search(lines[0])):
        lines = [lines[0][: end.start()], lines[0][end.end() :]]
    if lines:
        found["subject"] = lines[0].strip(_EDGES)
        topic = " ".join(line for line in lines[1:] if line).strip(" .,;:|/•·*")
        if topic.endswith(")") and topic.count(")") > topic.count("("):
            topic = topic[:-1]
        if topic:
            found["topic"] = topic
    return found


def is_grade(text: str) -> bool:
    """Whether the whole text is a grade with the word for it, such as a heading «5-класс»."""
    match = _GRADE.fullmatch(text.strip(_EDGES)) or _GRADE_BEFORE.fullmatch(text.strip(_EDGES))
    if not match:
        return False
    try:
        read_grades(match["numbers"])
    except BadGrade:
        return False
    return True


def grade_in(text: str) -> str:
    """Return the grade that a title speaks of, or ""."""
    match = _GRADE.search(text)
    return clean(match["numbers"]) if match else ""
