"""What the tests of TV lessons share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from notifier.database import db
from tests.cast import Cast
from webapp.lessons.models import TvChannel, TvLesson


@pytest.fixture
def without_forgery_check(app: Flask) -> None:
    """The walk through all doors tests the tokens; here the forms go without."""
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def lesson(cast: Cast, now: datetime) -> Callable[..., TvLesson]:
    """Put a lesson for grade 5 in Kyrgyz on ЭЛТР: `lesson(minutes_from_now, subject="Химия")`."""

    def put(start: int = 60, channel: str = "ЭЛТР", **values: Any) -> TvLesson:
        found = db.session.scalars(
            db.select(TvChannel).filter_by(school_id=cast.school.id, name=channel)
        ).one()
        made = TvLesson(
            **{
                "school_id": cast.school.id,
                "channel_id": found.id,
                "starts_at": now + timedelta(minutes=start),
                "minutes": 30,
                "first_grade": 5,
                "last_grade": 5,
                "language": "ky",
                "subject": "Математика",
                "topic": "Бөлчөк",
                "changed_at": now,
                **values,
            }
        )
        db.session.add(made)
        db.session.commit()
        return made

    return put


@pytest.fixture
def count_statements(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """Collect the statements of a block: `with count_statements() as statements: …`."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            statements.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return collect
