"""How the columns of class lists are headed in Kyrgyz, Russian and English.

Written as `columns.plain` gives a header: small letters, ё as е, single spaces, no marks but # № / -.
"""

from __future__ import annotations

import re

CANONICAL = ("class", "pupil", "guardian", "relation", "phone", "email", "language", "address")


def _lines(text: str) -> frozenset[str]:
    return frozenset(line.strip() for line in text.strip().splitlines())


SYNONYMS: dict[str, frozenset[str]] = {
    "class": _lines("""
        class
        grade
        form
        class name
        group
        класс
        классы
        классы тамгасы
        класстын аты
        класстын аталышы
        классы литери
        группа
        тайпа
        класс литера
        класс/литера
        наименование класса
        название класса
        параллель
        """),
    "pupil": _lines("""
        pupil
        student
        child
        name
        full name
        pupil name
        student name
        child name
        name of pupil
        name of child
        name of the pupil
        name of the child
        pupil s name
        child s name
        student s name
        first name
        last name
        surname
        given name
        family name
        окуучу
        окуучулар
        окуучунун аты
        окуучунун аты-жону
        окуучунун аты-жөнү
        окуучунун аты жөнү
        окуучунун фамилиясы
        окуучунун толук аты
        бала
        баланын аты
        баланын аты-жөнү
        баланын аты жөнү
        аты-жөнү
        аты жөнү
        аты-жону
        аты
        аты фамилиясы
        аты жана фамилиясы
        фамилиясы
        фамилиясы аты
        фамилиясы жана аты
        фамилиясы аты атасынын аты
        фаа
        ф а а
        атасынын аты
        толук аты
        окуучу баланын аты-жөнү
        ученик
        ученица
        учащийся
        учащиеся
        ученики
        обучающийся
        ребенок
        дети
        фио
        ф и о
        фио ученика
        ф и о ученика
        фио учащегося
        ф и о учащегося
        фио обучающегося
        фио ребенка
        ф и о ребенка
        фамилия
        имя
        отчество
        фамилия имя
        фамилия имя отчество
        фамилия и имя
        имя фамилия
        имя и фамилия
        имя ученика
        имя ребенка
        фамилия ученика
        фамилия имя ученика
        фамилия имя ребенка
        """),
    "guardian": _lines("""
        guardian
        parent
        parents
        parent name
        guardian name
        name of parent
        name of guardian
        parent guardian
        parent/guardian
        parent or guardian
        legal representative
        mother
        father
        contact person
        ата-эне
        ата эне
        ата-энеси
        ата энеси
        ата-энелер
        ата-энелери
        ата-эненин аты
        ата-эненин аты-жөнү
        ата-энесинин аты-жөнү
        ата-энесинин аты
        ата эненин аты-жөнү
        ата энесинин аты-жөнү
        ата эненин аты жөнү
        ата-энеси же мыйзамдуу өкүлү
        мыйзамдуу өкүл
        мыйзамдуу өкүлү
        мыйзамдуу өкүлүнүн аты-жөнү
        өкүлү
        камкорчу
        камкорчусу
        камкорчусунун аты-жөнү
        көзөмөлчү
        жооптуу адам
        апасынын аты-жөнү
        атасынын аты-жөнү
        энесинин аты-жөнү
        родитель
        родители
        родителя
        фио родителя
        ф и о родителя
        фио родителей
        ф и о родителей
        имя родителя
        родитель фио
        родитель законный представитель
        родители законные представители
        фио родителя законного представителя
        ф и о родителя законного представителя
        законный представитель
        фио законного представителя
        представитель
        опекун
        фио опекуна
        мать
        отец
        фио матери
        фио отца
        ф и о матери
        ф и о отца
        мама
        папа
        контактное лицо
        """),
    "relation": _lines("""
        кимиси
        relation
        relationship
        relation to child
        relation to pupil
        relationship to child
        relationship to pupil
        kinship
        role
        who is it
        тууганчылыгы
        тууганчылык
        тууганчылык даражасы
        туугандыгы
        туугандык
        туугандык даражасы
        туугандык байланышы
        жакындыгы
        жакындык даражасы
        ким болот
        кими
        кими болот
        балага ким болот
        баланын кими
        окуучуга ким болот
        кем приходится
        кем является
        кем приходится ученику
        кем приходится ребенку
        степень родства
        родство
        отношение
        отношение к ребенку
        отношение к ученику
        статус родителя
        """),
    "phone": _lines("""
        phone
        phones
        telephone
        tel
        mobile
        mobile phone
        cell
        cell phone
        phone number
        phone numbers
        telephone number
        mobile number
        contact number
        contact phone
        number
        whatsapp
        sms
        телефон
        телефону
        телефондору
        телефондор
        телефон номери
        телефондун номери
        телефонунун номери
        тел
        тел номери
        уюлдук телефон
        уюлдук телефону
        уюлдук номери
        байланыш телефону
        байланыш номери
        байланыш
        номери
        номер
        номур
        номуру
        номер телефона
        номера телефонов
        номер тел
        тел номер
        мобильный
        мобильный телефон
        моб
        моб тел
        моб телефон
        сотовый
        сотовый телефон
        сот тел
        сот
        сотка
        контактный телефон
        контактный номер
        контакты
        контакт
        контактный тел
        ватсап
        ватсапп
        """),
    "email": _lines("""
        email
        e-mail
        e mail
        mail
        email address
        e-mail address
        mail address
        электрондук почта
        электрондук почтасы
        электрондук дарек
        электрондук дареги
        эл почта
        эл почтасы
        эл дарек
        эл дареги
        почта
        почтасы
        электронная почта
        электронный адрес
        адрес электронной почты
        эл адрес
        эл почта родителя
        имейл
        емейл
        мейл
        е-mail
        """),
    "language": _lines("""
        language
        lang
        preferred language
        home language
        language of messages
        тил
        тили
        кайсы тилде
        кат алышуу тили
        билдирүү тили
        билдирүүнүн тили
        кабарлоо тили
        байланыш тили
        сүйлөшүү тили
        үй-бүлөдөгү тил
        язык
        язык общения
        язык сообщений
        язык семьи
        язык оповещений
        предпочитаемый язык
        родной язык
        """),
    "address": _lines("""
        address
        home address
        postal address
        street
        place of residence
        дарек
        дареги
        дареги жашаган жери
        үй дареги
        үйүнүн дареги
        үй адреси
        жашаган жери
        жашаган дареги
        турак жайы
        турган жери
        адрес
        адреси
        домашний адрес
        адрес проживания
        адрес жительства
        место жительства
        место проживания
        фактический адрес
        адрес прописки
        улица
        """),
}  # fmt: skip

# A header in other words is known by one of these; the first that fits wins: "телефон родителя" is a phone.
WORDS = [
    ("email", re.compile(r"e-?mail|почт|имейл|электрон\w* (?:дарек|адрес)").search),
    (
        "phone",
        re.compile(
            r"телефон|\bтел\b|phone|mobile|сотов|мобильн|whats ?app|ватсап|\bномер\w*\b.*(?:эне|родит)"
        ).search,
    ),
    ("address", re.compile(r"\bадрес|\bдарек|\bдареги|жашаган|место жит|прожива|address").search),
    ("language", re.compile(r"\bязык|\bтили?\b|language").search),
    ("relation", re.compile(r"родств|приходится|тууган|ким болот|relation").search),
    (
        "guardian",
        re.compile(
            r"ата-? ?эне|родител|представител|опекун|камкор|мыйзамдуу"
            r"|\bматери|\bотца|\bапасы|\bэнеси|guardian|parent"
        ).search,
    ),
    (
        "pupil",
        re.compile(
            r"окуучу|ученик|учащ|обучающ|ребенк|ребенок|\bбала|pupil|student|child|\bф ?и ?о\b|аты-жөнү"
        ).search,
    ),
    ("class", re.compile(r"^класс|класс$|\bclass\b|\bgrade\b").search),
]
# Columns of real class lists that hold something else, though they share a word with ours.
NOT_OURS = re.compile(
    r"жетекчи|руководител|мугалим|учител|teacher|туулган|рожден|birth|пол\b|жынысы|улуту|националь|"
    r"ишинин|место работы|"
    r"кесиби|професси|должност|иштеген|снилс|инн|пин\b|паспорт|свидетел|күбөлүк|окуу тили|язык обуч|"
    r"иностранн|чет тил|примеч|эскерт|\bдата|күнү"
).search
# Numbers of rows and the like: nobody misses them.
UNREMARKABLE = frozenset(
    {
        *(
            "",
            "№",
            "#",
            "№ п/п",
            "п/п",
            "пп",
            "№ пп",
            "номер п/п",
            "т/н",
            "т/б",
            "№ т/б",
            "кат",
            "к/с",
            "к/н",
        ),
        *("n", "no", "nr", "nn", "no п/п", "no пп", "no т/б"),
    }
)
