"""The demo school's templates: a ready one that was taken, and one of its own with a second version."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from notifier.database import db
from webapp.message_templates.keeping import change_template, make_template, take_ready
from webapp.staff.models import School, StaffMember

NAME = "Тамак акысы"
FIRST = {"ky": "((окуучу)): тамак акысы ((сумма)) сом.", "ru": "((ученик)): оплата питания ((сумма)) сом."}
NOW = {
    "ky": "((окуучу)): тамак акысы ((сумма)) сом. Мөөнөтү: ((күнү))."
    "((чалуу?? Суроолор боюнча мектепке чалыңыз.))",
    "ru": "((ученик)): оплата питания ((сумма)) сом. Срок: ((дата))."
    "((звонок?? По вопросам звоните в школу.))",
}


def keep_templates(school: School, now: datetime) -> None:
    """Write them down; the caller commits."""
    author = db.session.scalar(select(StaffMember).filter_by(school_id=school.id, login="demo-5a"))
    own = make_template(school, NAME, FIRST, now - timedelta(days=3), token="demo", author=author)  # noqa: S106
    if own and author:
        change_template(own, NAME, NOW, 1, now, author)
    take_ready(school, "meeting", now, None)
