"""For whom a person must be sought: rules that run again and again, and open each task once.

Those of the ladder are `climbing`'s, and a wrong number's `wrong_numbers`'.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, String, and_, cast, exists, literal, select

from notifier.database import db
from webapp.announcements.audience.find import has_usable_address
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient
from webapp.families.devices import NO, Fact, families_known
from webapp.families.models import Family, Pupil
from webapp.lessons.models import LessonRules
from webapp.reach.models import FollowUp, FollowUpState, Means
from webapp.reach.tasks.followups import cancel, close, open_follow_up, whose
from webapp.staff.models import School

NO_ADDRESS, NO_TV = "no_address", "no_tv"
# The rule of `feedback`, whose tasks name what they are about in their cause.
HOUR = "feedback"
ADDRESS_WITHIN = timedelta(days=3)
TV_WITHIN = timedelta(days=7)
# Commit after so many: nobody waits long for SQLite's one writer.
BATCH = 50


def run_rules(now: datetime) -> int:
    """Open what the rules ask for and close what is settled, committing on the way; say how many are new."""
    new = 0
    for school in db.session.scalars(select(School).order_by(School.id)).all():
        quarter = quarter_of(school, now)
        new += _no_address(school, quarter, now)
        new += _no_tv(school, quarter, now)
    _close_with_address(now)
    _cancel_moot(now)
    db.session.commit()
    return new


def quarter_of(school: School, now: datetime) -> str:
    """The quarter it is at the school: "2026-Q4"."""
    local = now.astimezone(school.zone)
    return f"{local.year}-Q{(local.month + 2) // 3}"


def _no_address(school: School, quarter: str, now: datetime) -> int:
    """Nobody can write to these: the class teacher asks for a number, once a quarter."""
    wanted = _here(school).where(~has_usable_address(Family.id))
    return _open_each(wanted, NO_ADDRESS, quarter, now, Means.VISIT, now + ADDRESS_WITHIN, by_teacher=True)


def _no_tv(school: School, quarter: str, now: datetime) -> int:
    """TV lessons are told at this school, and these have no television: they learn at school."""
    told = exists().where(LessonRules.school_id == school.id, LessonRules.digest_at.is_not(None))
    wanted = _here(school).where(told, Family.id.in_(families_known(school.id, Fact.TV, NO)))
    return _open_each(wanted, NO_TV, quarter, now, Means.LESSON, now + TV_WITHIN)


def _here(school: School) -> Select[tuple[Family]]:
    """Select the families with a child at the school today."""
    return (
        select(Family)
        .where(
            Family.school_id == school.id,
            exists().where(Pupil.family_id == Family.id, Pupil.left_at.is_(None)),
        )
        .order_by(Family.id)
    )


def _open_each(
    families: Select[tuple[Family]],
    rule: str,
    cause: str,
    now: datetime,
    means: Means,
    due_at: datetime,
    *,
    by_teacher: bool = False,
) -> int:
    """Open a task for each of these that has none of this cause; a few at a time."""
    had = exists().where(FollowUp.rule == rule, FollowUp.family_id == Family.id, FollowUp.cause == cause)
    new = 0
    while found := db.session.scalars(families.where(~had).limit(BATCH)).all():
        for family in found:
            assignee = whose(family, Means.CALL) if by_teacher else None
            new += open_follow_up(family, rule, cause, now, means=means, due_at=due_at, assignee_id=assignee)
        db.session.commit()
    return new


def _close_with_address(now: datetime) -> None:
    """Who can be written to again needs no asking for a number."""
    settled = select(FollowUp).where(
        FollowUp.state == FollowUpState.OPEN,
        FollowUp.rule == NO_ADDRESS,
        has_usable_address(FollowUp.family_id),
    )
    for task in db.session.scalars(settled).all():
        close(task, "address", None, now)


def _cancel_moot(now: datetime) -> None:
    """Nobody need hear of what the school has taken back, or from a person what it has set right since."""
    taken_back = select(Announcement.id).where(Announcement.taken_back_at.is_not(None))
    hours = select(literal("announcement:") + cast(Announcement.id, String)).where(
        Announcement.taken_back_at.is_not(None), Announcement.answer_by.is_not(None)
    )
    # Its own ladder climbs for whom the correction does not reach.
    told_anew = (
        select(1)
        .select_from(Announcement)
        .join(Recipient, Recipient.announcement_id == Announcement.id)
        .where(
            Announcement.corrects_id == FollowUp.announcement_id, Recipient.family_id == FollowUp.family_id
        )
        .correlate(FollowUp)
        .exists()
    )
    for because, moot in (
        ("taken_back", FollowUp.announcement_id.in_(taken_back)),
        ("taken_back", and_(FollowUp.rule == HOUR, FollowUp.cause.in_(hours))),
        ("set_right", told_anew),
    ):
        tasks = select(FollowUp).where(FollowUp.state == FollowUpState.OPEN, moot)
        for task in db.session.scalars(tasks).all():
            cancel(task, None, now, because)
