"""How the columns of timetables are headed in Kyrgyz, Russian and English (pure).

Written in the form `plain` gives a header: small letters, ё as е, single spaces, no marks but # № / -.
"""

from __future__ import annotations

from collections.abc import Sequence

from webapp.families.columns import plain

FIELDS = (
    "date",
    "weekday",
    "start",
    "end",
    "minutes",
    "channel",
    "grade",
    "language",
    "subject",
    "topic",
    "repeat",
)

_SYNONYMS = {
    "date": """
        date; day and date; күнү; күн; дата; датасы; число; айы күнү; ай күнү; күнү айы; чыккан
        күнү; дата эфира
        """,
    "weekday": """
        weekday; day; day of week; day of the week; апта күнү; апта күндөрү; аптанын күнү; жума
        күнү; жуманын күнү; день недели; день; дни недели
        """,
    "start": """
        start; start time; starts; begin; begins; from; time; башталышы; башталуу; башталган
        убактысы; башталуу убактысы; убактысы; убакыт; убакты; саат; сааты; саат канчада; эфир
        убактысы; время; начало; время начала; время эфира; время показа; время выхода; часы
        """,
    "end": """
        end; end time; ends; to; until; finish; аягы; бүтүшү; аякташы; аяктоо; бүткөн убактысы;
        аяктоо убактысы; конец; окончание; время окончания
        """,
    "minutes": """
        minutes; minute; min; mins; length; duration; мүнөт; мүнөтү; узактыгы; убакыт узактыгы;
        минут; минуты; мин; длительность; продолжительность; хронометраж
        """,
    "channel": """
        channel; tv channel; tv; телеканал; телеканалы; телеканалдар; канал; каналы; тв; тв канал
        """,
    "grade": """
        grade; grades; class; classes; form; класс; классы; класстар; класстары; классы параллель;
        параллель
        """,
    "language": """
        language; lang; language of instruction; окутуу тили; окуу тили; тил; тили; язык; язык
        обучения
        """,
    "subject": """
        subject; lesson; предмет; предмети; предметтин аты; сабак; сабагы; сабактын аты; урок;
        дисциплина; название предмета; наименование предмета; название урока
        """,
    "topic": """
        topic; theme; тема; темасы; сабактын темасы; тема урока; темы; название темы
        """,
    "repeat": """
        repeat; rerun; repeat broadcast; кайталоо; кайталоосу; кайталап көрсөтүү; повтор; повтор
        эфира
        """,
}
_EXACT = {
    " ".join(synonym.split()): field
    for field, synonyms in _SYNONYMS.items()
    for synonym in synonyms.split(";")
}


def recognise(header: str) -> str:
    """Return the field that a header cell names; "" when it is none of ours."""
    return _EXACT.get(plain(header), "")


def columns_of(cells: Sequence[str]) -> tuple[str, ...] | None:
    """Return the fields that a header row names, "" for foreign columns; None when it is no header row."""
    names: list[str] = []
    for cell in cells:
        name = recognise(cell)
        names.append("" if name in names else name)
    return tuple(names) if {"start", "subject"} <= set(names) else None
