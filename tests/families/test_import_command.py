"""A class list comes in: `flask --app webapp families import FILE`."""

from __future__ import annotations

from tests.cast import Cast
from tests.families.conftest import csv_of


def test_a_class_list_is_brought_in(cast: Cast, bring_in) -> None:
    answer = bring_in(
        csv_of(
            [
                "6-А",
                "Айдана Үлгүева",
                "Назгүл Үлгүева",
                "апасы",
                "0555 000 201",
                "",
                "кыргызча",
                "Мисал көчөсү 1",
            ],
            ["6-А", "Бакыт Үлгүев", "Назгүл Үлгүева", "апасы", "+996 555 000 201", "", "", ""],
            ["6-А", "Данил Примеров", "Ирина Примерова", "мать", "", "irina@example.kg", "русский", ""],
        )
    )
    print(answer)
    assert answer.exit_status == 0
    assert answer.counts == (3, 0, 0, 0)
    assert answer["errors"] == []
