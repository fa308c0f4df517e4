"""Each kind of announcement writes its text in Kyrgyz and in Russian, and it fits a button phone."""

from __future__ import annotations

from typing import Any

import pytest

from notifier.text import measure
from webapp.announcements import kinds
from webapp.announcements.desk.said import About, Said
from webapp.announcements.desk.table import KINDS
from webapp.announcements.desk.texts import texts_of
from webapp.families.modes import Mode

ABOUT = About("+996 312 000 095", False, "Нурлан", "5-А", Mode.DISTANCE)
ANSWERED = About("+996 312 000 095", True, "Нурлан", "5-А")
OPENING = "№95, 5-А: "
MOST_PARTS = 3

TEXTS: list[tuple[str, dict[str, Any], str, str]] = [
    (
        kinds.ASSIGNMENT,
        {
            "subject": "Математика", "what": "№125–130 мисалдар", "page": "45", "until_day": "2026-12-01",
            "until_hour": "18:00", "hand_in": "класстын WhatsApp тобуна", "activity": "own",
        },
        "Математика, өз алдынча иш: №125–130 мисалдар, 45-бет. Мөөнөтү: 1-декабрь, саат 18:00. "
        "Тапшыруу: класстын WhatsApp тобуна.",
        "Математика, самостоятельная работа: №125–130 мисалдар, с. 45. Срок: 1 декабря, 18:00. "
        "Сдать: класстын WhatsApp тобуна.",
    ),
    (
        kinds.ASSIGNMENT,
        {"subject": "Русский язык", "what": "Прочитать сказку", "feedback": "phone"},
        "Орус тили, тапшырма: Прочитать сказку. Жообун чалып айтыңыз: +996 312 000 095.",
        "Русский язык, задание: Прочитать сказку. Ответ скажите по телефону +996 312 000 095.",
    ),
    (
        kinds.ONLINE_LESSON,
        {
            "subject": "Математика", "lesson_day": "2026-12-01", "lesson_hour": "10:00", "minutes": "30",
            "platform": "Zoom", "link": "https://zoom.example/j/123", "code": "77",
            "dial_in": "+996 312 000 096",
        },
        "Онлайн сабак: математика. 1-декабрь, саат 10:00, 30 мүн. Zoom: https://zoom.example/j/123 Код: 77. "
        "Интернет жок болсо чалыңыз: +996 312 000 096.",
        "Онлайн-урок: математика. 1 декабря, 10:00, 30 мин. Zoom: https://zoom.example/j/123 Код: 77. "
        "Без интернета звоните: +996 312 000 096.",
    ),
    (
        kinds.RESULT,
        {"subject": "Кыргыз тили", "work": "жат жазуу", "mark": "5", "journal": True,
         "comment": "Азаматсың!"},
        "Нурлан: кыргыз тили, жат жазуу, баасы 5. Азаматсың! Журналга киргизилди.",
        "Нурлан: кыргызский язык, жат жазуу, оценка 5. Азаматсың! Занесено в журнал.",
    ),
    (
        kinds.RESULT,
        {"subject": "Физика", "comment": "Жакшы аракет кылды", "comment_form": "oral",
         "where": "WhatsApp, 15:00"},
        "Нурлан: физика. Жакшы аракет кылды. Оозеки консультация: WhatsApp, 15:00.",
        "Нурлан: физика. Жакшы аракет кылды. Устная консультация: WhatsApp, 15:00.",
    ),
    (
        kinds.PARTICIPATION,
        {"takes_part": "absent", "since": "2026-11-25", "tells_mode": True, "call": True},
        "Нурлан 25-ноябрдан бери сабактарга катышпай жатат. 5-А аралыктан окуйт. "
        "Бизге чалыңыз: +996 312 000 095.",
        "Нурлан: не участвует в уроках с 25 ноября. 5-А учится дистанционно. "
        "Позвоните нам: +996 312 000 095.",
    ),
    (
        kinds.ORDER,
        {
            "order_number": "№ 01-5/95", "order_day": "2026-11-28", "act": "start", "mode": "distance",
            "quarantine": True, "first_day": "2026-12-01", "last_day": "2026-12-14",
        },
        "Буйрук №01-5/95, 28-ноябрь. Карантин: 1-декабрдан 14-декабрга чейин аралыктан окуйбуз.",
        "Приказ №01-5/95 от 28 ноября. Карантин: с 1 декабря по 14 декабря учимся дистанционно.",
    ),
    (
        kinds.ORDER,
        {"order_number": "13", "order_day": "2026-12-12", "act": "extend", "last_day": "2026-12-21"},
        "Буйрук №13, 12-декабрь. Аралыктан окуу 21-декабрга чейин узартылды.",
        "Приказ №13 от 12 декабря. Дистанционное обучение продлено по 21 декабря.",
    ),
    (
        kinds.ORDER,
        {"order_number": "14", "order_day": "2026-12-20", "act": "end", "first_day": "2026-12-22",
         "quarantine": True},
        "Буйрук №14, 20-декабрь. Карантин аяктады. 22-декабрдан мектепте окуйбуз.",
        "Приказ №14 от 20 декабря. Карантин окончен. С 22 декабря учимся в школе.",
    ),
    (
        kinds.TALK,
        {"topic": "touch", "meet_day": "2026-12-02", "meet_hour": "18:00", "place": "акт залы"},
        "Балаңыз белгиленген күнү жана саатта мугалимге байланышка чыксын. Интернет жок болсо, чалса да "
        "болот. Жолугушуу: 2-декабрь, саат 18:00, акт залы.",
        "Ребёнок выходит на связь с учителем в назначенный день и час. Если нет интернета, можно позвонить. "
        "Встреча: 2 декабря, 18:00, акт залы.",
    ),
    (
        kinds.EVENT,
        {"title": "Билим күнү", "event_day": "2027-09-01", "event_hour": "9:00", "place": "ЭЛТР каналы"},
        "Билим күнү: 1-сентябрь, саат 09:00, ЭЛТР каналы.",
        "Билим күнү: 1 сентября, 09:00, ЭЛТР каналы.",
    ),
    (
        kinds.PLATFORMS,
        {"platforms": ["Zoom", "WhatsApp"], "help": "информатика кабинети"},
        "Онлайн иштеген платформаларыбыз: Zoom, WhatsApp. Жардам: информатика кабинети.",
        "Онлайн мы работаем здесь: Zoom, WhatsApp. Помощь: информатика кабинети.",
    ),
    (
        kinds.RECOMMENDATION,
        {"topic": "көз", "note": "Экран алдында 20 мүнөт сайын эс алыңыз"},
        "Сунуш, көз: Экран алдында 20 мүнөт сайын эс алыңыз.",
        "Рекомендация, көз: Экран алдында 20 мүнөт сайын эс алыңыз.",
    ),
    (
        kinds.AT_HOME,
        {"conditions_at_home": ["place", "tv", "touch"]},
        "Балаңызга аралыктан окууга шарт түзүңүз: тынч орун, телесабак көрүү, белгиленген саатта мугалим "
        "менен байланыш.",
        "Создайте ребёнку условия для учёбы дома: тихое место, просмотр телеуроков, связь с учителем "
        "в назначенный час.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "answers", "ky", "ru"), TEXTS)
def test_a_kind_writes_its_text_in_both_languages_within_three_parts(
    kind: str, answers: dict[str, Any], ky: str, ru: str
) -> None:
    assert texts_of(kind, Said(answers), ABOUT) == {"ky": ky, "ru": ru}
    assert all(measure(OPENING + text).segments <= MOST_PARTS for text in (ky, ru))


def test_every_kind_with_fields_has_its_text_tried_here() -> None:
    assert {kind for kind, *_ in TEXTS} == {code for code, kind in KINDS.items() if kind.asks}


@pytest.mark.parametrize("kind", KINDS)
def test_while_nothing_is_said_no_text_pretends_to_be_one(kind: str) -> None:
    assert set(texts_of(kind, Said({}), ABOUT).values()) == {""}


@pytest.mark.parametrize("topic", ["distance", "tv", "touch", "marks"])
def test_a_ready_explanation_fits_a_button_phone(topic: str) -> None:
    for text in texts_of(kinds.TALK, Said({"topic": topic, "call": True}), ABOUT).values():
        assert measure(OPENING + text).segments <= MOST_PARTS


@pytest.mark.parametrize("state", ["active", "partly", "absent", "silent"])
def test_how_a_child_takes_part_names_it_in_each_language(state: str) -> None:
    for text in texts_of(kinds.PARTICIPATION, Said({"takes_part": state}), ABOUT).values():
        assert text.startswith("Нурлан")
        assert measure(OPENING + text).segments <= 2


def test_an_answer_by_phone_is_asked_for_by_the_road_that_is_open() -> None:
    said = Said({"subject": "Адеп", "what": "Окуу", "feedback": "phone"})
    assert "SMS жазыңыз же чалыңыз: +996 312 000 095" in texts_of(kinds.ASSIGNMENT, said, ANSWERED)["ky"]
    nobody = texts_of(kinds.ASSIGNMENT, said, About())
    assert nobody["ky"].endswith("Жообун класс жетекчиге айтыңыз.")
    assert nobody["ru"].endswith("Ответ скажите классному руководителю.")


def test_what_was_kept_is_read_again_and_nonsense_is_nothing() -> None:
    said = Said({"subject": "Адеп", "journal": True, "platforms": ["Zoom"], "page": ""})
    assert Said.read(said.written()).answers == {"subject": "Адеп", "journal": True, "platforms": ["Zoom"]}
    assert Said.read("nonsense").answers == Said.read("[1]").answers == Said.read("").answers == {}
    assert Said({"subject": ["not a line"]})["subject"] == ""
    assert Said({"until_day": "1.12.2026"}).day("until_day") == Said({"until_day": "2026-12-01"}).day(
        "until_day"
    )
    assert Said({"h": "9.05"}).hour("h") == "09:05"
