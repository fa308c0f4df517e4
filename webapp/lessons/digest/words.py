"""What a digest says, in the languages guardians read: few letters, because each of them costs.

Not in the catalogues: a digest is composed for 900 phones at once, and its words are bound to its grammar.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Words:
    today: str
    tomorrow: str
    lessons: str
    tv: str  # the same at its shortest
    again: str  # an earlier lesson is shown once more
    same_time: str
    grade: str  # after numbers: "5, 7-кл"
    call: str  # more than fits: ask the school
    changed: str
    cancelled: str
    nothing: str  # of a day whose lessons are all cancelled
    added: str
    instead: str  # with {old}
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str  # with {day} and {month}
    letter: str  # the subject of an e-mail, with {school} and {day}
    letter_changed: str
    calendar: str  # with {name} and {address}

    def long_day(self, day: date) -> str:
        """Write a day as a letter has room for it."""
        return self.day.format(day=day.day, month=self.months[day.month - 1])

    def when(self, day: date, sent_on: date) -> str:
        """Call a day as it is called on the day the message leaves: "эртең 25.11"."""
        word = {0: self.today, 1: self.tomorrow}.get((day - sent_on).days)
        return f"{word} {short_day(day)}" if word else short_day(day)


def short_day(day: date) -> str:
    return f"{day.day}.{day.month:02}"


KYRGYZ = Words(
    today="бүгүн",
    tomorrow="эртең",
    lessons="телесабактар",
    tv="ТВ",
    again="кайра",
    same_time="Бир убакта",
    grade="кл",
    call="Калганын мектептен сураңыз",
    changed="телесабак өзгөрдү",
    cancelled="болбойт",
    nothing="телесабактар болбойт",
    added="кошулду",
    instead="{old} ордуна",
    weekdays=("Дш", "Шш", "Шр", "Бш", "Жм", "Иш", "Жк"),
    months=(
        "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь",
        "ноябрь", "декабрь",
    ),
    day="{day}-{month}",
    letter="{school}: телесабактар, {day}",
    letter_changed="{school}: телесабактар өзгөрдү, {day}",
    calendar="Телефондун календарына кошуу, {name}: {address}",
)  # fmt: skip
RUSSIAN = Words(
    today="сегодня",
    tomorrow="завтра",
    lessons="телеуроки",
    tv="ТВ",
    again="повтор",
    same_time="Одновременно",
    grade="кл",
    call="Остальное спросите в школе",
    changed="изменения телеуроков",
    cancelled="отмена",
    nothing="телеуроков не будет",
    added="добавлено",
    instead="вместо {old}",
    weekdays=("Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс"),
    months=(
        "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября",
        "ноября", "декабря",
    ),
    day="{day} {month}",
    letter="{school}: телеуроки, {day}",
    letter_changed="{school}: изменения в телеуроках, {day}",
    calendar="Добавить в календарь телефона, {name}: {address}",
)  # fmt: skip


def words_in(language: str) -> Words:
    """Return the words for a reader of `language`; Kyrgyz for one we have none for."""
    return RUSSIAN if language == "ru" else KYRGYZ
