"""The table of periodic work: what, and how often.

Each entry is harmless when it runs twice, on two machines, or late.
"""

from __future__ import annotations

from datetime import timedelta

from notifier.jobs import SWEEP
from notifier.rq_worker import Periodic
from webapp.inbox.number_check import ASK
from webapp.inbox.read import READ
from webapp.lessons.digest.jobs import TELL
from webapp.message_templates.sheets.jobs import FORGET
from webapp.reach.answers.feedback import KEEP_HOURS
from webapp.reach.contacts.lessons_at_school import NOTE
from webapp.reach.jobs import CLIMB
from webapp.staffroom.plan_jobs import REMIND
from webapp.upkeep.scheduled import SEND_SCHEDULED

TABLE = (
    Periodic(SWEEP, every=timedelta(seconds=15)),
    Periodic(SEND_SCHEDULED, every=timedelta(seconds=15)),
    Periodic(READ, every=timedelta(seconds=15)),
    Periodic(ASK, every=timedelta(minutes=10)),
    Periodic(TELL, every=timedelta(minutes=1)),
    Periodic(CLIMB, every=timedelta(minutes=1)),
    Periodic(NOTE, every=timedelta(minutes=5)),
    Periodic(KEEP_HOURS, every=timedelta(minutes=1)),
    Periodic(REMIND, every=timedelta(minutes=5)),
    Periodic(FORGET, every=timedelta(hours=1)),
)
