"""What the fault suite needs: the short and the long form, and a place for the figures it measures."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

# `make soak` sets it: the same tests, for much longer.
SOAK = bool(os.environ.get("SOAK"))
# For what hardly touches the database: the short form has time for one of them.
ONE_OR_BOTH = pytest.mark.parametrize(
    "database", ["sqlite", "postgresql"] if SOAK else ["sqlite"], indirect=True
)
# And for what touches it a little more.
THE_OTHER_OR_BOTH = pytest.mark.parametrize(
    "database", ["sqlite", "postgresql"] if SOAK else ["postgresql"], indirect=True
)
FIGURES: list[str] = []


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Note what was measured; all of it is printed at the end."""
    name = request.node.name.removeprefix("test_")
    return lambda words: FIGURES.append(f"{name}: {words}")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if FIGURES:
        terminalreporter.section("recovery, measured")
        for line in FIGURES:
            terminalreporter.line(line)
