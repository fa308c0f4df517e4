"""What a spreadsheet told a family is told to its next number in the same words, and to nobody else's."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from notifier.database import db
from notifier.message import Fault
from notifier.models import State
from tests.cast import Cast
from tests.families.books import xlsx
from tests.message_templates.conftest import pressed
from tests.message_templates.test_sheets import ASAN, HEADER, NURLAN, PYOTR
from tests.reach.climbing import FATHER, guardian, minute, rungs, sent_to, settle, tasks
from webapp.announcements.models import Announcement
from webapp.message_templates.models import MessageSheet
from webapp.message_templates.sheets.jobs import forget

SIBLINGS, SHARED = "+996700000102", "+996555000101"


def test_a_row_climbs_to_the_next_number_with_its_own_text(
    cast: Cast, sign_in, upload, now: datetime
) -> None:
    guardian(cast.siblings, "Эрмек Экөөбаев", FATHER)
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, NURLAN])).location
    client.post(f"{where}/send", data=pressed(client.get(where)))
    settle(sent_to(SIBLINGS)[-1], State.UNDELIVERED, now, Fault.HANDSET_OFF)
    later = now
    for _ in range(3):
        later = minute(later)
    (first,), (second,) = sent_to(SIBLINGS), sent_to(FATHER)
    assert first.body == second.body == "№95, 5-А: Нурлан Экөөбаев: 400 сом 1.12 чейин."
    announcement = db.session.scalars(select(Announcement)).one()
    assert rungs(announcement, cast.siblings) == ["first", "next_number"]


def test_a_message_about_two_families_is_repeated_to_neither(
    cast: Cast, sign_in, upload, now: datetime
) -> None:
    guardian(cast.button_phone, "Эрмек Мисалов", FATHER)
    client = sign_in(cast.director)
    where = upload(client, xlsx([HEADER, ASAN, PYOTR])).location
    client.post(f"{where}/send", data=pressed(client.get(where)))
    settle(sent_to(SHARED)[-1], State.UNDELIVERED, now, Fault.HANDSET_OFF)
    later = now
    for _ in range(3):
        later = minute(later)
    # The neighbour's sum is not the father's to read: people tell them.
    assert sent_to(FATHER) == []
    assert tasks(cast.button_phone) != []


def test_what_nobody_sent_is_forgotten_also_when_nobody_comes_back(
    cast: Cast, sign_in, upload, clock, now: datetime
) -> None:
    upload(sign_in(cast.teacher), xlsx([HEADER, ASAN]))
    clock.move_to(now + timedelta(hours=23))
    forget()
    assert len(db.session.scalars(select(MessageSheet.id)).all()) == 1
    clock.move_to(now + timedelta(hours=25))
    forget()
    assert db.session.scalars(select(MessageSheet.id)).all() == []
