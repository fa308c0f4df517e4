"""One of each thing that a school has beside its families, for tests that walk through all pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from notifier.database import db
from tests.cast import Cast
from webapp.atschool.models import Group
from webapp.documents.models import Document
from webapp.families.models import ClassListUpload
from webapp.lessons.models import TvChannel, TvLesson
from webapp.staff.models import StaffMember
from webapp.survey.models import Survey


def a_survey(cast: Cast, now: datetime, **changes: Any) -> Survey:
    """What 5-А has at home."""
    own: dict[str, Any] = {
        "school_id": cast.school.id,
        "author_id": cast.teacher.id,
        "question_ky": "Үйүңүздө эмне бар?",
        "choices": [
            {"ky": "телевизор", "ru": "", "sets": ""},
            {"ky": "эч нерсе", "ru": "", "sets": ""},
        ],
        "created_at": now,
        "closes_at": now + timedelta(days=3),
        "classes": [cast.class_5a],
    }
    return Survey(**own | changes)


def a_group(cast: Cast, now: datetime, **changes: Any) -> Group:
    """Lessons at school, on this day of the week."""
    own: dict[str, Any] = {
        "school_id": cast.school.id,
        "name": "1-топ",
        "place": "12-кабинет",
        "meetings": [{"weekday": now.weekday(), "starts": 540, "ends": 600}],
        "seats": 50,
        "responsible_id": cast.teacher.id,
        "first_day": now.date(),
        "last_day": now.date() + timedelta(days=6),
        "created_at": now,
    }
    return Group(**own | changes)


def a_document(cast: Cast, now: datetime, token: str) -> Document:
    """An order that families are to know."""
    return Document(
        school_id=cast.school.id,
        token=token,
        kind="order",
        title_ky="Дистанттык окутуу жөнүндө",
        filename="order.pdf",
        size=8,
        content=b"%PDF-1.4",
        created_at=now,
    )


def a_class_list(cast: Cast, now: datetime, *rows: str, by: StaffMember | None = None) -> ClassListUpload:
    """A class list that somebody, by default the director, has brought and not looked through yet."""
    return ClassListUpload(
        school_id=cast.school.id,
        staff_id=(by or cast.director).id,
        filename="5-А.csv",
        content="\n".join(["класс;окуучу;телефон", *rows, ""]).encode(),
        created_at=now,
    )


def a_lesson(cast: Cast, now: datetime, starts_at: datetime) -> TvLesson:
    """A TV lesson for the fifth grade."""
    return TvLesson(
        school_id=cast.school.id,
        channel=db.session.scalars(db.select(TvChannel).filter_by(school_id=cast.school.id)).first(),
        starts_at=starts_at,
        minutes=30,
        first_grade=5,
        last_grade=5,
        language="ky",
        subject="Математика",
        changed_at=now,
    )
