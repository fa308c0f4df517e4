"""A number the network does not know: nothing is sent there any more, and somebody asks for a new one."""

from __future__ import annotations

from datetime import datetime

from notifier.database import db
from notifier.models import Delivery
from webapp.announcements.recipients import Recipient
from webapp.families.models import ContactPoint
from webapp.families.numbers import Why, families_behind, mark_wrong
from webapp.reach.tasks.followups import open_follow_up

RULE = "wrong_number"


def no_such_number(recipient: Recipient, delivery: Delivery, now: datetime) -> bool:
    """Mark the address of a failed message, in the caller's transaction; False when it was marked before."""
    point = db.session.get(ContactPoint, recipient.contact_point_id or 0)
    if point is None or point.address != delivery.address or not mark_wrong(point, now, Why.NO_SUCH):
        return False
    ask_for_another(point, now)
    return True


def ask_for_another(point: ContactPoint, now: datetime) -> int:
    """Open a task for each family behind a wrong number; say how many are new."""
    behind = db.session.execute(families_behind([point.id])).tuples().all()
    return sum(open_follow_up(family, RULE, f"contact:{point.id}", now) for _, family in behind)
