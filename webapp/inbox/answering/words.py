"""What automatic answers say, in the languages guardians read: few letters, because each of them costs.

Not in the catalogues: whoever asks reads them in their own language, whatever language a page speaks.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    no_lessons: str
    no_lessons_of: str  # with {grade}
    which_grade: str
    stopped: str
    started: str
    help_call: str  # with {whom}
    help_wait: str
    language: str
    still_yours: str  # with {children}


KYRGYZ = Words(
    no_lessons="бүгүн да, эртең да балдарыңызга телесабак жок.",
    no_lessons_of="бүгүн да, эртең да {grade}-класска телесабак жок.",
    which_grade="ТВ деп, жанына классты жазыңыз, мисалы: ТВ 5",
    stopped="мындан ары жазбайбыз. Кайра алуу үчүн БАШТА деп жазыңыз.",
    started="макул, кайра жазабыз. Токтотуу үчүн ТОКТОТ деп жазыңыз.",
    help_call="жардам керек болсо, чалыңыз: {whom}. Өзүбүз да чалабыз.",
    help_wait="кабарыңызды алдык, мектептен сизге чалышат.",
    language="макул, мындан ары кыргызча жазабыз.",
    still_yours="{children} сиздин үй-бүлөңүздөнбү? ООБА же ЖОК деп жооп бериңиз.",
)
RUSSIAN = Words(
    no_lessons="сегодня и завтра у ваших детей нет телеуроков.",
    no_lessons_of="сегодня и завтра для {grade} класса нет телеуроков.",
    which_grade="напишите ТВ и номер класса, например: ТВ 5",
    stopped="больше не пишем. Чтобы получать снова, напишите СТАРТ.",
    started="хорошо, снова пишем вам. Чтобы остановить, напишите СТОП.",
    help_call="если нужна помощь, позвоните: {whom}. Мы тоже вам позвоним.",
    help_wait="сообщение получили, из школы вам позвонят.",
    language="хорошо, теперь пишем по-русски.",
    still_yours="{children} из вашей семьи? Ответьте: ДА или НЕТ.",
)


def words_in(language: str) -> Words:
    """Return the words for a reader of `language`; Kyrgyz for one we have none for."""
    return RUSSIAN if language == "ru" else KYRGYZ
