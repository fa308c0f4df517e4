"""The README names every command."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from flask import Flask

from config import ROOT

README = (ROOT / "README.md").read_text()


def commands(group: click.Group, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        whole = f"{before}{name}"
        if isinstance(command, click.Group) and not command.invoke_without_command:
            yield from commands(command, f"{whole} ")
        else:
            yield whole


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_command_stands_in_the_readme(app: Flask) -> None:
    ours = [name for name in commands(app.cli) if not name.startswith("db ")]
    assert len(ours) > 10
    assert [name for name in ours if f"`{name}" not in README] == []
