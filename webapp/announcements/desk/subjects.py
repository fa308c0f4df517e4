"""Subjects in both languages of the school: offered while one types, and said in each text's own."""

from __future__ import annotations

from webapp.families.names import fold

# Kyrgyz, Russian.
SUBJECTS = (
    ("Адабий окуу", "Литературное чтение"),
    ("Адеп", "Адеп"),
    ("Алгебра", "Алгебра"),
    ("Англис тили", "Английский язык"),
    ("Астрономия", "Астрономия"),
    ("Биология", "Биология"),
    ("География", "География"),
    ("Геометрия", "Геометрия"),
    ("Дене тарбия", "Физкультура"),
    ("Дүйнөлүк тарых", "Всемирная история"),
    ("Информатика", "Информатика"),
    ("Кыргыз адабияты", "Кыргызская литература"),
    ("Кыргыз тили", "Кыргызский язык"),
    ("Кыргызстан тарыхы", "История Кыргызстана"),
    ("Математика", "Математика"),
    ("Мекен таануу", "Родиноведение"),
    ("Музыка", "Музыка"),
    ("Орус адабияты", "Русская литература"),
    ("Орус тили", "Русский язык"),
    ("Сабат ачуу", "Обучение грамоте"),
    ("Сүрөт", "Рисование"),
    ("Табият таануу", "Природоведение"),
    ("Физика", "Физика"),
    ("Химия", "Химия"),
)
_AT = {"ky": 0, "ru": 1}
_known = {fold(name): pair for pair in SUBJECTS for name in pair}


def subject_in(subject: str, language: str) -> str:
    """Say a subject in a language; one that nobody listed as it was typed."""
    pair = _known.get(fold(subject))
    return pair[_AT[language]] if pair else subject


def offered(language: str) -> list[str]:
    """The subjects as somebody who uses the pages in this language types them."""
    return [pair[_AT.get(language, 0)] for pair in SUBJECTS]
