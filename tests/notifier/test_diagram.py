"""The README's drawing of a message's life is the table the engine moves by."""

from __future__ import annotations

import re
from pathlib import Path

from notifier.models import TRANSITIONS, State

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_drawn_states_are_the_table_of_transitions() -> None:
    drawing = README.read_text().partition("stateDiagram-v2")[2].partition("```")[0]
    arrows = set(re.findall(r"(\S+) --> (\S+)", drawing))
    table = {(state.value, to.value) for state, nexts in TRANSITIONS.items() for to in nexts}
    ends = {(state.value, "[*]") for state in State if not TRANSITIONS[state]}
    assert arrows == table | ends | {("[*]", State.PENDING.value)}
