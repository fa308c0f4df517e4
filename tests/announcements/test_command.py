"""`flask announce` does what the pages do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from notifier.database import db
from notifier.models import Delivery
from tests.announcements.writing import KY, RU
from tests.cast import Cast


@pytest.fixture
def text(tmp_path: Path) -> str:
    (tmp_path / "ky.txt").write_text(f"\ufeff{KY}\r\n", encoding="utf-8")
    return str(tmp_path / "ky.txt")


def announce(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["announce", "--school", "№95", *arguments])


@pytest.mark.parametrize("name", ["5-А", "5-A", "5а", "5 А"])
def test_a_class_is_announced_to_by_any_of_its_spellings(
    app: Flask, cast: Cast, text: str, name: str
) -> None:
    done = announce(app, "--class", name, "--text-file", text, "--json")
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert said.pop("announcement") > 0
    assert said == {"families": 4, "recipients": 3, "deliveries": 3, "segments": 2, "without_address": 1}
    bodies = db.session.scalars(select(Delivery.body).where(Delivery.channel == "sms"))
    assert f"№95, 5-А: {KY}" in list(bodies)


def test_two_classes_urgently_in_two_languages(app: Flask, cast: Cast, text: str, tmp_path: Path) -> None:
    (tmp_path / "ru.txt").write_text(RU, encoding="utf-8")
    done = announce(
        app, "--class", "5-А", "--class", "5-Б", "--class", "5a", "--urgent", "--text-file", text,
        "--text-ru-file", str(tmp_path / "ru.txt"),
    )  # fmt: skip
    assert done.exit_code == 0
    assert "families: 5" in done.stdout
    assert set(db.session.scalars(select(Delivery.priority))) == {10}
    assert any(RU in body for body in db.session.scalars(select(Delivery.body)))


@pytest.mark.parametrize(
    ("chosen", "families"),
    [
        (["--grade", "5"], 5),
        (["--whole-school"], 5),
        (["--taught-in", "ru"], 2),
        (["--grade", "5", "--taught-in", "ky"], 4),
    ],
)
def test_a_grade_a_stream_or_the_whole_school(
    app: Flask, cast: Cast, text: str, chosen: list[str], families: int
) -> None:
    done = announce(app, *chosen, "--text-file", text, "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["families"] == families


@pytest.mark.parametrize("chosen", [[], ["--grade", "9"], ["--class", "5-А", "--taught-in", "ru"]])
def test_without_a_class_the_command_says_how_to_name_one(
    app: Flask, cast: Cast, text: str, chosen: list[str]
) -> None:
    done = announce(app, *chosen, "--text-file", text)
    assert done.exit_code == 1
    assert "Name classes with --class or --grade, or say --whole-school." in done.stderr


@pytest.mark.parametrize(
    ("arguments", "content", "sentence"),
    [
        (["--class", "9-Ж"], KY.encode(), "There is no class 9-Ж. There are: 5-А, 5-Б"),
        (["--class", "5-А"], b" \n", "Write the text, in Kyrgyz or in Russian."),
        (["--class", "5-А"], KY.encode("utf-16"), "Save "),
        (["--class", "5-А"], "ө".encode() * 700, "Take out 40 characters."),
        (["--class", "5-А", "--school", "№7"], KY.encode(), "Say which school with --school."),
    ],
)
def test_a_fault_is_one_sentence_and_sends_nothing(
    app: Flask, cast: Cast, tmp_path: Path, arguments: list[str], content: bytes, sentence: str
) -> None:
    (tmp_path / "text").write_bytes(content)
    done = announce(app, *arguments, "--text-file", str(tmp_path / "text"))
    assert done.exit_code == 1
    assert done.stdout == ""
    assert sentence in done.stderr
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 0


@pytest.mark.parametrize("option", ["--text-file", "--text-ru-file"])
def test_a_text_that_is_not_there_is_told_in_our_own_words(
    app: Flask, cast: Cast, tmp_path: Path, option: str
) -> None:
    done = announce(app, "--class", "5-А", option, str(tmp_path / "gone.txt"))
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "gone.txt. Check its name and folder, and try again." in done.stderr
    assert "Traceback" not in done.stderr


def test_the_text_may_come_by_standard_input(app: Flask, cast: Cast) -> None:
    done = app.test_cli_runner().invoke(
        args=["announce", "--school", "№95", "--class", "5-А", "--text-file", "-", "--json"],
        input=KY.encode(),
    )
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["families"] == 4
