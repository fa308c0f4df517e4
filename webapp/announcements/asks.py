"""What an announcement asks of families beside being read, and the line at its end that says so.

Not in the catalogues: the line is part of an SMS, so its words are few, and bound to the text's language and
letters. It says how to answer by the road that is open: a sender that is a name cannot be written to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notifier.text import is_latin, to_latin
from webapp.announcements.models import Announcement
from webapp.settings import current_settings
from webapp.staff.models import School


@dataclass(frozen=True, slots=True)
class Asks:
    """To answer that one knows; to get in touch by an hour."""

    acknowledgement: bool = False
    answer_by: datetime | None = None

    @classmethod
    def of(cls, announcement: Announcement) -> Asks:
        return cls(bool(announcement.asks_acknowledgement), announcement.answer_by)


NOTHING = Asks()


@dataclass(frozen=True, slots=True)
class Words:
    understood: str  # by SMS
    call_that_known: str  # with {phone}
    tell_teacher: str  # there is no number to call
    get_in_touch: str  # with {day}, {hour}
    write_or_call: str  # with {phone}
    write: str
    call: str  # with {phone}
    day: str  # with {day}, {month}
    months: tuple[str, ...]

    def by(self, moment: datetime) -> str:
        """Name the day and the hour, in the words of the school's clock."""
        day = self.day.format(day=moment.day, month=self.months[moment.month - 1])
        return self.get_in_touch.format(day=day, hour=f"{moment:%H:%M}")


KYRGYZ = Words(
    understood="Түшүндүңүзбү? ООБА деп жооп жазыңыз.",
    call_that_known="Окуганыңызды айтып чалыңыз: {phone}",
    tell_teacher="Окуганыңызды класс жетекчиге айтыңыз.",
    get_in_touch="Баланын байланышка чыгуу мөөнөтү: {day}, саат {hour}.",
    write_or_call="Жооп жазыңыз же чалыңыз: {phone}",
    write="Жооп жазыңыз.",
    call="Чалыңыз: {phone}",
    day="{day}-{month}",
    months=(
        "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь",
        "ноябрь", "декабрь",
    ),
)  # fmt: skip
RUSSIAN = Words(
    understood="Вы поняли? Ответьте ДА.",
    call_that_known="Позвоните и скажите, что прочитали: {phone}",
    tell_teacher="Скажите классному руководителю, что прочитали.",
    get_in_touch="Ребёнок должен выйти на связь до {hour}, {day}.",
    write_or_call="Ответьте на SMS или позвоните: {phone}",
    write="Ответьте на это SMS.",
    call="Позвоните: {phone}",
    day="{day} {month}",
    months=(
        "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября",
        "ноября", "декабря",
    ),
)  # fmt: skip


def asking(school: School, texts: dict[str, str], asks: Asks, channel: str = "sms") -> dict[str, str]:
    """Put at the end of each text what it asks; what is empty stays empty, and a text keeps its letters."""
    if asks == NOTHING:
        return texts
    return {
        language: f"{text}\n{ending(school, asks, language, channel, latin=is_latin(text))}" if text else ""
        for language, text in texts.items()
    }


def ending(school: School, asks: Asks, language: str, channel: str = "sms", *, latin: bool = False) -> str:
    """Write what is asked, in the text's language, for those who can or cannot answer by SMS."""
    words = RUSSIAN if language == "ru" else KYRGYZ
    answered = channel == "sms" and current_settings().answers_come
    said = []
    if asks.answer_by:
        said.append(words.by(asks.answer_by.astimezone(school.zone)))
        # Whoever answers "yes" is in touch, too: one way is enough.
        if not (asks.acknowledgement and answered):
            said.append(_how_to_get_in_touch(words, school.phone, answered))
    if asks.acknowledgement:
        said.append(_how_to_acknowledge(words, school.phone, answered, said=bool(asks.answer_by)))
    line = " ".join(filter(None, said))
    return to_latin(line, language, ascii=school.ascii_only) if latin else line


def _how_to_get_in_touch(words: Words, phone: str, answered: bool) -> str:
    if answered:
        return words.write_or_call.format(phone=phone) if phone else words.write
    return words.call.format(phone=phone) if phone else ""


def _how_to_acknowledge(words: Words, phone: str, answered: bool, *, said: bool) -> str:
    if answered:
        return words.understood
    if phone:
        # The number to call stands there already.
        return "" if said else words.call_that_known.format(phone=phone)
    return words.tell_teacher
