from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def commands_speak_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a request everything speaks Kyrgyz; these tests read English."""
    monkeypatch.setattr("webapp.languages.DEFAULT", "en")
    monkeypatch.setattr("webapp.cli.DEFAULT", "en")
