"""Invent the families of the demo school, always the same ones, and write them as a class list.

`python -m webapp.demo.invented` writes `class-list.csv` anew.

Nobody here exists. The surnames say so: Мисалов is "Exampleson", Жомоков "of the fairy tale", Выдумкин "the
invented one". All numbers are +996 555 000 xxx.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CLASS_LIST = Path(__file__).parent / "class-list.csv"
HEADER = ("Класс", "Окуучу", "Ата-эне", "Ким болот", "Телефон", "Электрондук почта", "Тил", "Дарек")

# Family's number → the last digits that make the practice phones fail in the ways real ones do.
FAILING = {6: "901", 17: "902", 23: "904", 33: "903", 47: "906", 58: "905"}
# A neighbour's or an aunt's phone stands for these families too: number → whose phone.
SHARED = {9: 2, 29: 28, 41: 12, 66: 60}
EMAIL_ALONE = frozenset({7, 22, 36, 54, 70})
NO_SUCH_MAILBOX = 54
NO_ADDRESS = frozenset({14, 31, 50, 72})
LANDLINE_TOO = frozenset({63})
TWO_NUMBERS = frozenset({4, 26, 45})
WITH_EMAIL_TOO = frozenset({1, 20, 39, 57, 68})
# A second child, in another class.
SIBLINGS = {3: "7-А", 11: "7-А", 19: "5-Б", 35: "7-А", 52: "5-А", 64: "5-А"}
GRANDMOTHERS = frozenset({5, 13, 24, 38, 50, 61, 73})
FATHERS = frozenset({2, 8, 16, 27, 34, 43, 51, 59, 67, 74})
# In a class taught in Kyrgyz these parents read Russian, and the other way round.
OTHER_LANGUAGE = frozenset({10, 21, 30, 32, 44, 46, 62})

CLASSES = (("5-А", "ky", 25), ("5-Б", "ru", 25), ("7-А", "ky", 25))

SURNAMES = {
    "ky": (
        "Мисалов", "Жомоков", "Үлгүбаев", "Табышмаков", "Макалбаев", "Тамсилов", "Кыялбаев", "Түштөнов",
        "Элесбаев", "Ойдонбаев", "Жаңылмачев", "Уламышев", "Сүрөтбаев", "Белгилиев", "Ырчыкеев",
        "Көркөмов", "Дептербаев", "Калемов", "Сызгычев", "Китепбаев", "Үтүрбаев", "Чекитов",
    ),
    "ru": (
        "Примеров", "Выдумкин", "Образцов", "Сказкин", "Небылицын", "Вымыслов", "Загадкин", "Поговоркин",
        "Баснин", "Присказкин", "Запятаев", "Тетрадкин", "Кляксин", "Точкин",
    ),
}  # fmt: skip
BOYS = {
    "ky": ("Бакыт", "Нурбек", "Эрлан", "Азамат", "Тилек", "Адилет", "Канат", "Айбек", "Улан", "Эмир", "Өмүр"),
    "ru": ("Артём", "Илья", "Максим", "Тимур", "Никита", "Егор", "Фёдор"),
}
GIRLS = {
    "ky": (
        "Айпери",
        "Нурайым",
        "Бегимай",
        "Жибек",
        "Айдана",
        "Сезим",
        "Мээрим",
        "Чолпон",
        "Каныкей",
        "Гүлзат",
    ),
    "ru": ("Дарья", "Алина", "Полина", "Софья", "Милана", "Вероника", "Ксения"),
}
MOTHERS = {
    "ky": ("Гүлнара", "Айнура", "Бурул", "Жаңыл", "Венера", "Чынара", "Назгүл", "Махабат", "Кенже"),
    "ru": ("Ольга", "Наталья", "Ирина", "Анна", "Людмила", "Светлана"),
}
FATHERS_NAMES = {
    "ky": ("Жолдошбек", "Кубаныч", "Сабырбек", "Талант", "Маратбек"),
    "ru": ("Сергей", "Андрей", "Виктор"),
}
GRANDMOTHERS_NAMES = {"ky": ("Бүбүсара", "Зуура", "Сайра"), "ru": ("Раиса", "Валентина")}
RELATIONS = {
    "ky": {"mother": "апасы", "father": "атасы", "grandmother": "таенеси"},
    "ru": {"mother": "мать", "father": "отец", "grandmother": "бабушка"},
}
LANGUAGES = {"ky": "кыргызча", "ru": "орусча"}
STREETS = ("Үлгү көчөсү", "Мисал көчөсү", "Жомок көчөсү", "Сынак көчөсү")


@dataclass(frozen=True, slots=True)
class Household:
    """A family as the class teachers know it; `phone` as they wrote it down."""

    children: tuple[tuple[str, str], ...]  # (class, name)
    guardian: str
    relation: str
    language: str
    phone: str = ""
    email: str = ""
    address: str = field(default="")

    def rows(self) -> Iterator[tuple[str, ...]]:
        for school_class, child in self.children:
            yield (
                school_class, child, self.guardian, self.relation, self.phone, self.email,
                LANGUAGES[self.language], self.address,
            )  # fmt: skip


def households() -> list[Household]:
    """Invent the 75 families of the three classes."""
    found: list[Household] = []
    for name, language, size in CLASSES:
        found.extend(_household(number, name, language) for number in range(len(found), len(found) + size))
    return found


def _household(number: int, school_class: str, taught_in: str) -> Household:
    people = taught_in if number not in OTHER_LANGUAGE else {"ky": "ru", "ru": "ky"}[taught_in]
    surname = _one_of(SURNAMES[people], number)
    girl = number % 2 == 0
    children = [(school_class, _child(people, surname, girl, number // 2 + number // 14))]
    if number in SIBLINGS:
        children.append((SIBLINGS[number], _child(people, surname, not girl, number)))
    guardian, relation = _guardian(number, people, surname)
    return Household(
        children=tuple(children),
        guardian=guardian,
        relation=RELATIONS[people][relation],
        language=people,
        phone=_phone(number),
        email=_email(number),
        address=f"{_one_of(STREETS, number)}, {number + 1}" if number % 3 else "",
    )


def _child(people: str, surname: str, girl: bool, number: int) -> str:
    names = GIRLS if girl else BOYS
    return f"{_hers(surname) if girl else surname} {_one_of(names[people], number)}"


def _guardian(number: int, people: str, surname: str) -> tuple[str, str]:
    if number in GRANDMOTHERS:
        return f"{_hers(surname)} {_one_of(GRANDMOTHERS_NAMES[people], number)}", "grandmother"
    if number in FATHERS:
        return f"{surname} {_one_of(FATHERS_NAMES[people], number)}", "father"
    return f"{_hers(surname)} {_one_of(MOTHERS[people], number)}", "mother"


def _phone(number: int) -> str:
    """The family's phone in one of the ways people write phones down."""
    if number in NO_ADDRESS:
        return "жок"
    if number in EMAIL_ALONE:
        return ""
    last = FAILING.get(number) or f"{SHARED.get(number, number) + 101}"
    ways = (
        f"+996 555 000 {last}",
        f"0555 000 {last}",
        f"0555000{last}",
        f"996555000{last}",
        f"0555-00-0{last[0]}-{last[1:]}",
        f"тел. 0555 000 {last}",
    )
    written = _one_of(ways, number)
    if number in LANDLINE_TOO:
        return f"0312 00 00 95, {written}"
    return f"{written}, 0555 000 {number + 301}" if number in TWO_NUMBERS else written


def _email(number: int) -> str:
    if number == NO_SUCH_MAILBOX:
        return "nobody@example.kg"
    return f"family{number}@example.kg" if number in EMAIL_ALONE | WITH_EMAIL_TOO else ""


def _hers(surname: str) -> str:
    return f"{surname}а"


def _one_of(names: tuple[str, ...], number: int) -> str:
    return names[number % len(names)]


def class_list() -> str:
    """Write the households as the spreadsheet of a school: class by class, children in alphabetical order."""
    rows = sorted(row for household in households() for row in household.rows())
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([HEADER, *rows])
    return out.getvalue()


if __name__ == "__main__":
    # With the mark by which Excel knows UTF-8.
    CLASS_LIST.write_text(class_list(), encoding="utf-8-sig", newline="")
