"""Subjects at half their length, for SMS; a school edits its own table."""

from __future__ import annotations

from webapp.families.names import clean, fold

# By the language of the lesson.
ABBREVIATIONS: dict[str, dict[str, str]] = {
    "ky": {
        "Адабий окуу": "Адаб.окуу", "Адеп": "Адеп", "Алгебра": "Алг", "Англис тили": "Англ",
        "Астрономия": "Астр",
        "Биология": "Био", "География": "Геогр", "Геометрия": "Геом", "Дене тарбия": "Дене т.",
        "Дүйнөлүк тарых": "Дүйн.тарых", "Информатика": "Инф", "Кыргыз адабияты": "Кырг.адаб",
        "Кыргыз тили": "Кырг.тил", "Кыргызстан тарыхы": "Кырг.тарых", "Математика": "Мат",
        "Мекен таануу": "Мекен т.", "Музыка": "Муз", "Орус адабияты": "Орус адаб", "Орус тили": "Орус т.",
        "Сабат ачуу": "Сабат", "Сүрөт": "Сүрөт", "Табият таануу": "Табият", "Физика": "Физ", "Химия": "Хим",
    },
    "ru": {
        "Адеп": "Адеп", "Алгебра": "Алг", "Английский язык": "Англ", "Астрономия": "Астр", "Биология": "Био",
        "Всемирная история": "Всем.ист", "География": "Геогр", "Геометрия": "Геом", "Информатика": "Инф",
        "История Кыргызстана": "Ист.КР", "Кыргызская литература": "Кырг.лит", "Кыргызский язык": "Кырг.яз",
        "Литература": "Лит", "Литературное чтение": "Лит.чт", "Математика": "Мат", "Музыка": "Муз",
        "Обучение грамоте": "Грамота", "Природоведение": "Природа", "Родиноведение": "Родиновед",
        "Рисование": "Рис", "Русский язык": "Рус.яз", "Физика": "Физ", "Физкультура": "Физ-ра",
        "Химия": "Хим",
    },
}  # fmt: skip
LONGEST_SHORT = 20

Abbreviations = dict[str, dict[str, str]]


class Subjects:
    """A school's table, asked in any way of writing."""

    def __init__(self, table: Abbreviations) -> None:
        self._short = {
            (language, fold(subject)): short
            for language, rows in table.items()
            for subject, short in rows.items()
        }
        self._any = {subject: short for (_, subject), short in self._short.items()}

    def short(self, subject: str, language: str) -> str:
        """Return how a subject is abbreviated; itself when nobody said."""
        key = fold(subject)
        return self._short.get((language, key)) or self._any.get(key) or subject


def read_table(text: str) -> tuple[dict[str, str], list[str]]:
    """Read a subject in each line, "Математика = Мат"; also return the lines that say none."""
    found, bad = {}, []
    for line in filter(None, map(clean, text.splitlines())):
        subject, sign, short = (part.strip() for part in line.partition("="))
        if not sign or not subject or not 0 < len(short) <= LONGEST_SHORT or len(subject) > 120:
            bad.append(line)
        else:
            found[subject] = short
    return found, bad


def as_text(rows: dict[str, str]) -> str:
    """Write a table as a person edits it."""
    return "\n".join(f"{subject} = {short}" for subject, short in rows.items())
