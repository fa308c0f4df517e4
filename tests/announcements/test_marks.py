"""A negative mark reaches no family, in whatever spelling; what is positive does (clauses 4.2, 4.3, 4.5)."""

from __future__ import annotations

import time

import pytest

from webapp.announcements.desk.marks import Verdict, judge, negative_in
from webapp.announcements.desk.markup import tag_in

POSITIVE = (
    "5", "4+", "3", "5-", "V", "IV", "үч", "төрт", "БЕШ", "5 (беш)", "пятерка", "пятёрка", "четвёрка",
    "зачёт", "Зачтено", "отлично!", "хорошо", "xopoшo", "удовлетворительно", "эң жакшы", "жакшы", "өттү",
    "3 балл",
    "баасы 5", "оценка: 4", "18/20", "3/5", "12 из 20", "60%", "50 %", "A", "passed", "besh",
)  # fmt: skip
NEGATIVE = (
    "2", "2+", "2-", "1", "0", "-5", "２", "²", "②", "2️⃣", "٢", "२", "II", "Ⅱ", "ii.", "эки", "ЭКИ", "Эки!",
    "бир", "два", "двойка", "Двoйкa", "единица", "кол", "неуд.", "неудовлетворительно", "незачёт", "нeзaчёт",
    "НЕ ЗАЧТЕНО", "не\u00a0зачтено", "не сдал", "зачет эмес", "канааттандырарлык эмес", "өткөн жок", "начар",
    "плохо", "eki", "dva", "nezachet", "F", "fail", "not passed", "2/5", "9/20", "45%", "2 (эки)", "баасы 2",
    "оценка: два", "2 балл", "э\u200bки",
)  # fmt: skip
UNKNOWN = ("7", "10", "150%", "30/20", "жакшы эмес", "не хорошо", "болот", "?", "5/0")


@pytest.mark.parametrize("mark", POSITIVE)
def test_a_positive_mark_goes(mark: str) -> None:
    assert judge(mark) is Verdict.POSITIVE


@pytest.mark.parametrize("mark", NEGATIVE)
def test_a_negative_mark_is_known_in_any_spelling(mark: str) -> None:
    assert judge(mark) is Verdict.NEGATIVE


@pytest.mark.parametrize("mark", UNKNOWN)
def test_what_nobody_can_tell_is_asked_about(mark: str) -> None:
    assert judge(mark) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "Нурлан 2 алды", "баасы: 2", "Баасы эки", "оценка 2", "Оценка - два", "оценкa 2",
        "получил двойку",
        "Получила 2.", "эки алды", "Эки деген баа коюлду", "незачёт по физике", "Не зачтено", "НЕУД",
        "канааттандырарлык эмес", "зачет алган жок", "mark 1", "оценка ２",
    ],
)  # fmt: skip
def test_a_negative_mark_inside_a_text_is_found(text: str) -> None:
    assert negative_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "№2 мисалды аткарды", "Получил 2 задания", "баасы 5", "эки китеп алды",
        "2 тапшырма алды", "Оценка 25",
        "Экинчи тапшырма", "2-тапшырманы жакшы аткарды", "15-бет, 2-көнүгүү", "оценка 5", "Бирге иштедик",
        "Кол коюлду", "Два задания сделаны хорошо", "10:20да чыкты",
    ],
)  # fmt: skip
def test_a_text_about_something_else_is_left_alone(text: str) -> None:
    assert not negative_in(text)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("<b>Маанилүү</b>", "<b>"),
        ("Салам<br/>достор", "<br/>"),
        ('<a href="https://x.example">', '<a href="https://x.example">'),
        ("<SCRIPT>alert(1)</SCRIPT>", "<SCRIPT>"),
        ("а&nbsp;б", "&nbsp;"),
        ("<!-- Word -->", "<!--"),
        ("<o:p></o:p>", "<o:p>"),
        ("5 < 7 жана 9 > 3", ""),
        ("x<y>z", ""),
        ("R&D, <3", ""),
        ("", ""),
    ],
)
def test_html_in_a_text_is_named(text: str, tag: str) -> None:
    assert tag_in(text) == tag


@pytest.mark.parametrize("sign", ["1", "a", "1 ", "((", "получил ", "оценка 1"])
def test_a_long_row_of_anything_is_looked_through_at_once(sign: str) -> None:
    before = time.process_time()
    negative_in(sign * 30_000)
    assert time.process_time() - before < 2
