"""Write every family's copy of an announcement: in bulk, because a school has a thousand."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, select

from notifier import outbox
from notifier.database import db
from webapp.announcements.audience.households import Audience
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient, RecipientPupil

COPIES = outbox.Inserting(
    cast(Table, Recipient.__table__),
    (
        "announcement_id", "family_id", "guardian_id", "contact_point_id", "delivery_id", "no_address",
        "by_relay", "climb_at",
    ),
)  # fmt: skip
COPIES_OF = select(Recipient.family_id, Recipient.id).where(
    Recipient.announcement_id == bindparam("announcement")
)
CONCERNED = outbox.Inserting(cast(Table, RecipientPupil.__table__), ("recipient_id", "pupil_id"))


def write_copies(
    announcement: Announcement, audience: Audience, deliveries: dict[int, int], climb_at: datetime | None
) -> None:
    """Write a Recipient for each family, and whom it concerns."""
    connection = db.session.connection()
    COPIES(
        connection,
        [
            (
                announcement.id,
                household.family_id,
                household.guardian_id,
                household.address.contact_point_id if household.address else None,
                deliveries[household.address.contact_point_id] if household.address else None,
                household.no_address.value if household.no_address else None,
                household.address is not None and household.address.is_relay,
                climb_at,
            )
            for household in audience.households
        ],
    )
    written = connection.execute(COPIES_OF, {"announcement": announcement.id})
    copy_of = dict(written.tuples().all())
    CONCERNED(
        connection,
        [
            (copy_of[household.family_id], child.pupil_id)
            for household in audience.households
            for child in household.children
        ],
    )
