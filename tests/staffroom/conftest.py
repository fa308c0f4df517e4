from __future__ import annotations

import pytest

from notifier.database import db
from tests.cast import Cast


@pytest.fixture(autouse=True)
def commands_speak_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a request everything speaks Kyrgyz; these tests read English."""
    monkeypatch.setattr("webapp.languages.DEFAULT", "en")
    monkeypatch.setattr("webapp.cli.DEFAULT", "en")


@pytest.fixture
def phones(cast: Cast) -> None:
    """Where the staff are told: a phone that two share, an e-mail address, and nothing for the pedagogue."""
    cast.teacher.phone = cast.other_teacher.phone = "+996555000201"
    cast.office.email = "office@example.kg"
    db.session.commit()
