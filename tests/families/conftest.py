"""Class lists for the tests: written in every format, brought in by the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from notifier.database import db

HEADER = ["Класс", "Окуучу", "Ата-эне", "Ким болот", "Телефон", "E-mail", "Тил", "Дарек"]


def csv_of(*rows: list[str], header: list[str] | None = None, delimiter: str = ";") -> str:
    """Write a class list; a cell is quoted when it must be."""

    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if any(c in text for c in f'"\n{delimiter}') else text

    lines = [delimiter.join(map(cell, row)) for row in (header or HEADER, *rows)]
    return "\r\n".join(lines) + "\r\n"


class Answer(dict[str, Any]):
    """What the command printed as JSON, and its exit status."""

    exit_status: int = 0

    @property
    def codes(self) -> list[tuple[int | None, str | None, str]]:
        return [(e["row"], e["column"], e["code"]) for e in self["errors"]]

    @property
    def warned(self) -> list[tuple[int | None, str]]:
        return [(w["row"], w["code"]) for w in self["warnings"]]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        return self["created"], self["updated"], self["unchanged"], self["leaving"]


@pytest.fixture
def bring_in(app: Flask, tmp_path: Path) -> Callable[..., Answer]:
    """Run `families import FILE --json` on a list given as text or bytes."""

    def run(content: str | bytes, *options: str, school: str = "№95", name: str = "list.csv") -> Answer:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        db.session.rollback()
        runner: FlaskCliRunner = app.test_cli_runner()
        result = runner.invoke(args=["families", "import", str(file), "--json", "--school", school, *options])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        answer = Answer(json.loads(result.stdout))
        answer.exit_status = result.exit_code
        db.session.rollback()
        return answer

    return run
