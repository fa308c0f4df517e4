"""Who does not know of an announcement yet, and who of the staff goes to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from notifier.database import db
from webapp.announcements.levels import REACHED, Level, Standing, level
from webapp.announcements.models import Announcement
from webapp.announcements.progress import copies
from webapp.announcements.recipients import Recipient
from webapp.families.models import Family
from webapp.reach.models import FollowUp, FollowUpState, Means
from webapp.reach.tasks.followups import URGENT, USUAL, open_follow_up, whose
from webapp.staff.models import StaffMember

# Whose copy was taken back before it left need not know.
NOT_YET = frozenset(Standing) - REACHED - {Standing.TAKEN_BACK}
RULE = "by_hand"


def unreached(
    person: StaffMember, announcement: Announcement, now: datetime
) -> Select[tuple[Recipient, str]]:
    """Select the copies of families this person sees that do not know yet, the hardest first."""
    return copies(person, announcement.id, NOT_YET, now).options(joinedload(Recipient.family))


def who_goes(
    announcement: Announcement, person: StaffMember, now: datetime
) -> list[tuple[Family, FollowUp | None]]:
    """List the families this person sees that do not know yet, each with the task by which they are told."""
    rows = db.session.execute(unreached(person, announcement, now)).tuples()
    return _with_tasks(announcement, [copy.family for copy, _ in rows])


def going_for(announcement: Announcement, now: datetime) -> list[tuple[Family, FollowUp | None]]:
    """The same of the whole school, for a command."""
    families = db.session.scalars(
        select(Family)
        .join(Recipient, Recipient.family_id == Family.id)
        .outerjoin(Recipient.delivery)
        .where(
            Recipient.announcement_id == announcement.id,
            Recipient.taken_back_at.is_(None),
            level() < int(Level.DELIVERED),
        )
        .order_by(Family.id)
    ).all()
    return _with_tasks(announcement, families)


def _with_tasks(
    announcement: Announcement, families: Sequence[Family]
) -> list[tuple[Family, FollowUp | None]]:
    going = tasks_about(announcement.id, [family.id for family in families])
    return [(family, going.get(family.id)) for family in families]


def tasks_about(announcement_id: int, family_ids: Collection[int]) -> dict[int, FollowUp]:
    """Find for each family the open task about this announcement; else one by which somebody goes anyway."""
    tasks = db.session.scalars(
        select(FollowUp)
        .where(FollowUp.family_id.in_(family_ids), FollowUp.state == FollowUpState.OPEN)
        .options(joinedload(FollowUp.assignee))
        .order_by(FollowUp.due_at.desc(), FollowUp.id.desc())
    ).all()
    ranked = sorted(tasks, key=lambda task: task.announcement_id == announcement_id)
    return {task.family_id: task for task in ranked}


def send_somebody(
    announcement: Announcement, families: Iterable[Family], now: datetime, means: Means = Means.CALL
) -> int:
    """Open a task for each of these families, in the caller's transaction; say how many are new.

    A call is the class teacher's, a visit the social pedagogue's.
    """
    return sum(
        open_follow_up(
            family,
            RULE,
            f"announcement:{announcement.id}",
            now,
            means=means,
            announcement_id=announcement.id,
            priority=URGENT if announcement.urgent else USUAL,
        )
        for family in families
    )


def hand_over(
    announcement: Announcement, families: Iterable[tuple[Family, FollowUp | None]], now: datetime
) -> int:
    """Make these families the social pedagogue's, in the caller's transaction; say of how many that is new.

    Whose task is open keeps it, in other hands; of several pedagogues it is whoever's who takes it.
    """
    handed = 0
    for family, task in families:
        if task is None:
            handed += send_somebody(announcement, [family], now, Means.VISIT)
        else:
            task.assignee_id = whose(family, Means.VISIT)
            handed += 1
    return handed
