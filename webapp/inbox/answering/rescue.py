"""ЖАРДАМ: a number to call, and a person who calls the family: who is on duty, else the class teacher."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, select

from notifier.database import db
from webapp.families.models import Family
from webapp.inbox.answering.asked import Answer, Asked, Done
from webapp.reach.models import FollowUp, FollowUpState
from webapp.reach.tasks.followups import URGENT, open_follow_up
from webapp.roster.queries import who_answers, whom_to_call

RULE = "asked_help"
# Who asks for help is called today, not within the day that other calls may take.
WITHIN = timedelta(hours=2)


def send_help(asked: Asked) -> Done:
    """Say whom to call now, and open a task for every family behind the phone, unless one is open."""
    on_duty = who_answers(asked.school, asked.now)
    for household in asked.audience.households:
        if not _is_open(household.family_id):
            family = db.session.get_one(Family, household.family_id)
            open_follow_up(
                family,
                RULE,
                f"reply:{asked.reply.id}",
                asked.now,
                priority=URGENT,
                due_at=asked.now + WITHIN,
                assignee_id=on_duty.id if on_duty else None,
            )
    (name, phone), words = whom_to_call(asked.school, asked.now), asked.words
    if not phone:
        return Done(answer=Answer(asked.say(words.help_wait), urgent=True))
    whom = f"{phone} ({name})" if name else phone
    return Done(answer=Answer(asked.say(words.help_call.format(whom=whom)), urgent=True))


def _is_open(family_id: int) -> bool:
    """Who asks three times in a row asks for one call."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    FollowUp.family_id == family_id,
                    FollowUp.rule == RULE,
                    FollowUp.state == FollowUpState.OPEN,
                )
            )
        )
    )
