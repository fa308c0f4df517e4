"""How long each family has been unreached: written anew from the tables, for those whose copies moved.

The worker does it for the families it climbed for, once in a while for all that are unreached, and once a day
for everybody. A family has missed what was sent since the last thing that it heard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, and_, case, exists, func, or_, select

from notifier.database import db, insert_into
from notifier.models import Delivery, State
from webapp.announcements.levels import reached
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient
from webapp.families.models import Family, Pupil
from webapp.reach.models import ContactLog, FamilyStanding, Outcome

# A message that is under way is no news missed; one without a receipt is, when an hour has passed.
GRACE = timedelta(hours=1)
# Whatever is older says nothing of how a family can be reached today: a school year.
LOOKED_BACK = timedelta(days=365)
UNREACHED_AGAIN = timedelta(minutes=5)
EVERYBODY_AGAIN = timedelta(days=1)
CHUNK = 200
# How "reached_by" calls the ways in which a family said that it knows.
ACKNOWLEDGED_BY = {"sms": "reply", "paper": "paper", "phone": "call"}

Copy = Row[
    tuple[int, int, datetime, bool, bool, datetime | None, datetime | None, str | None, datetime | None]
]


@dataclass(slots=True)
class Stand:
    """What a family's row is to say."""

    heard_of: datetime | None = None  # when the newest thing that it heard was sent
    unreached_since: datetime | None = None
    missed: int = 0
    missed_copy_id: int | None = None
    reached_at: datetime | None = None
    reached_by: str = ""

    def hears(self, at: datetime | None, by: str) -> None:
        if at is not None and (self.reached_at is None or at > self.reached_at):
            self.reached_at, self.reached_by = at, by


def stand_anew(family_ids: Collection[int], now: datetime) -> int:
    """Write how these families stand, in the caller's transaction; say of how many."""
    ids = sorted(set(family_ids))
    for start in range(0, len(ids), CHUNK):
        _write(ids[start : start + CHUNK], now)
    return len(ids)


def stale(now: datetime, limit: int = CHUNK) -> Sequence[int]:
    """List families whose row should be written again: the unreached soon, everybody daily, new ones now."""
    return db.session.scalars(
        select(Family.id)
        .outerjoin(FamilyStanding, FamilyStanding.family_id == Family.id)
        .where(
            or_(
                FamilyStanding.family_id.is_(None),
                and_(
                    FamilyStanding.unreached_since.is_not(None),
                    FamilyStanding.computed_at <= now - UNREACHED_AGAIN,
                ),
                FamilyStanding.computed_at <= now - EVERYBODY_AGAIN,
            )
        )
        .order_by(FamilyStanding.computed_at.is_not(None), FamilyStanding.computed_at, Family.id)
        .limit(limit)
    ).all()


def _write(ids: Sequence[int], now: datetime) -> None:
    stands = _stands(ids, now)
    schools = db.session.execute(select(Family.id, Family.school_id).where(Family.id.in_(ids))).tuples()
    rows = [
        {
            "family_id": family_id,
            "school_id": school_id,
            "unreached_since": stands[family_id].unreached_since,
            "missed": stands[family_id].missed,
            "missed_copy_id": stands[family_id].missed_copy_id,
            "reached_at": stands[family_id].reached_at,
            "reached_by": stands[family_id].reached_by,
            "computed_at": now,
        }
        for family_id, school_id in schools
    ]
    if not rows:
        return
    statement = insert_into(FamilyStanding)
    statement = statement.on_conflict_do_update(
        index_elements=["family_id"],
        set_={name: statement.excluded[name] for name in rows[0] if name not in {"family_id", "school_id"}},
    )
    db.session.flush()
    db.session.execute(statement, rows)
    for standing in db.session.identity_map.values():
        if isinstance(standing, FamilyStanding):
            db.session.expire(standing)


def _stands(ids: Sequence[int], now: datetime) -> defaultdict[int, Stand]:
    """Find how families stand; one whose children have all left has missed nothing."""
    found: defaultdict[int, Stand] = defaultdict(Stand)
    copies = list(_copies(ids, now))
    for copy in copies:
        stand = found[copy.family_id]
        if copy.knows and (stand.heard_of is None or copy.published_at > stand.heard_of):
            stand.heard_of = copy.published_at
        if copy.arrived_at is not None:
            stand.hears(copy.arrived_at, "sms")
        if copy.acknowledged_at is not None:
            stand.hears(copy.acknowledged_at, ACKNOWLEDGED_BY.get(copy.acknowledged_how or "", "reply"))
        stand.hears(copy.spoken_at, "call")
    for family_id, at, means in _talks(ids):
        stand = found[family_id]
        # The same talk, and by what means it was.
        if stand.reached_at is None or at >= stand.reached_at:
            stand.reached_at, stand.reached_by = at, means
    here = set(
        db.session.scalars(
            select(Family.id).where(
                Family.id.in_(ids), exists().where(Pupil.family_id == Family.id, Pupil.left_at.is_(None))
            )
        )
    )
    for copy in copies:
        stand = found[copy.family_id]
        if copy.knows or copy.open or copy.family_id not in here:
            continue
        if stand.heard_of is not None and copy.published_at <= stand.heard_of:
            continue
        stand.missed += 1
        stand.missed_copy_id = copy.id
        stand.unreached_since = min(stand.unreached_since or copy.published_at, copy.published_at)
    return found


def _copies(ids: Sequence[int], now: datetime) -> Iterable[Copy]:
    """List the families' copies of a school year, oldest first; `open` is one that may still arrive."""
    under_way = Delivery.state.in_([State.PENDING, State.SENDING])
    awaited = and_(
        Delivery.state.in_([State.ACCEPTED, State.UNCERTAIN]), Announcement.published_at > now - GRACE
    )
    return db.session.execute(
        select(
            Recipient.family_id,
            Recipient.id,
            Announcement.published_at,
            reached().label("knows"),
            func.coalesce(or_(under_way, awaited), False).label("open"),
            case(
                (
                    and_(
                        Delivery.state == State.DELIVERED,
                        Delivery.channel != "email",
                        Recipient.by_relay.is_(False),
                    ),
                    Delivery.settled_at,
                )
            ).label("arrived_at"),
            Recipient.acknowledged_at,
            Recipient.acknowledged_how,
            Recipient.spoken_at,
        )
        .join(Announcement, Announcement.id == Recipient.announcement_id)
        .outerjoin(Recipient.delivery)
        .where(
            Recipient.family_id.in_(ids),
            Announcement.published_at > now - LOOKED_BACK,
            # What was taken back was never news.
            Recipient.taken_back_at.is_(None),
        )
        .order_by(Announcement.published_at, Recipient.id)
    )


def _talks(ids: Sequence[int]) -> Iterable[Row[tuple[int, datetime, str]]]:
    return db.session.execute(
        select(ContactLog.family_id, ContactLog.at, ContactLog.means)
        .where(ContactLog.family_id.in_(ids), ContactLog.outcome == Outcome.SPOKE)
        .order_by(ContactLog.at)
    )
