"""All that a family was told, and all that was tried: newest first, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask import url_for
from flask_babel import LazyString, gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from notifier.database import db
from webapp.announcements.levels import Standing, standing
from webapp.announcements.models import Announcement
from webapp.announcements.progress import seen_copies
from webapp.announcements.reasons import reason, why
from webapp.announcements.recipients import Climb, Recipient
from webapp.languages import headline
from webapp.reach.models import ContactLog, FollowUp, FollowUpState, Means, Outcome
from webapp.reach.tasks.followups import for_the_eyes_of
from webapp.reach.words import BECAUSE, MEANS, OUTCOME_KINDS, OUTCOMES, about
from webapp.staff.models import StaffMember

PER_PAGE = 30
KINDS = {
    Standing.NOT_REACHED: "problem",
    Standing.WAITING: "waiting",
    Standing.SENT: "sent",
    Standing.RELAYED: "sent",
    Standing.DELIVERED: "delivered",
    Standing.ACKNOWLEDGED: "acknowledged",
    Standing.SPOKEN_TO: "spoken",
    Standing.TAKEN_BACK: "none",
}


class Sort(StrEnum):
    TOLD = "told"
    CLIMBED = "climbed"
    TALKED = "talked"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: when, what, how it stands in word and shape, and where the evidence is."""

    at: datetime
    sort: Sort
    what: str
    kind: str
    said: LazyString | str | None = (
        None  # the pill's word; None: the standing of an announcement, by `standing`
    )
    standing: str = ""
    who: str = ""
    note: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A part of a family's history; `earlier` is where the rest begins, None at the end."""

    entries: list[Entry]
    earlier: datetime | None


def story_of(person: StaffMember, family_id: int, before: datetime | None, now: datetime) -> Story:
    """Tell what happened with a family before a moment, the newest first."""
    entries = sorted(
        (
            *_told(person, family_id, before, now),
            *_climbed(family_id, before),
            *_talked(family_id, before),
            *_tasks(person, family_id, before),
        ),
        key=lambda entry: entry.at,
        reverse=True,
    )
    if len(entries) <= PER_PAGE:
        return Story(entries, None)
    # What happened at one moment is not torn apart.
    last = entries[PER_PAGE - 1].at
    shown = [entry for entry in entries if entry.at >= last]
    return Story(shown, last if len(entries) > len(shown) else None)


def _told(person: StaffMember, family_id: int, before: datetime | None, now: datetime) -> Iterator[Entry]:
    query = (
        select(Recipient, standing(now))
        .join(Recipient.announcement)
        .outerjoin(Recipient.delivery)
        .where(Recipient.family_id == family_id)
        .options(joinedload(Recipient.announcement), joinedload(Recipient.delivery))
        .order_by(Announcement.published_at.desc(), Recipient.id.desc())
        .limit(PER_PAGE + 1)
    )
    if before is not None:
        query = query.where(Announcement.published_at < before)
    if (seen := seen_copies(person)) is not None:
        query = query.where(seen)
    for copy, stands in db.session.execute(query).tuples():
        told = why(Standing(stands), copy.delivery, copy.no_address)
        yield Entry(
            copy.announcement.published_at or now,
            Sort.TOLD,
            headline(copy.announcement),
            KINDS[Standing(stands)],
            standing=stands,
            note=str(told.what) if told else "",
            url=url_for("messages.story", ref=copy.delivery.ref) if copy.delivery else None,
        )


def _climbed(family_id: int, before: datetime | None) -> Iterator[Entry]:
    query = (
        select(Climb)
        .join(Recipient, Recipient.id == Climb.recipient_id)
        .where(Recipient.family_id == family_id, Climb.delivery_id.is_not(None))
        .options(joinedload(Climb.delivery))
        .order_by(Climb.at.desc())
        .limit(PER_PAGE + 1)
    )
    if before is not None:
        query = query.where(Climb.at < before)
    for climb in db.session.scalars(query):
        if climb.delivery is None or climb.position == 0:
            continue
        arrived = climb.delivery.state == "delivered"
        yield Entry(
            climb.at,
            Sort.CLIMBED,
            str(MEANS[Means(climb.means)]),
            "delivered" if arrived else "sent",
            gettext("Delivered") if arrived else gettext("Tried"),
            note="" if arrived else str(reason(climb.delivery) or ""),
            url=url_for("messages.story", ref=climb.delivery.ref),
        )


def _talked(family_id: int, before: datetime | None) -> Iterator[Entry]:
    query = (
        select(ContactLog)
        .where(ContactLog.family_id == family_id)
        .options(joinedload(ContactLog.staff))
        .order_by(ContactLog.at.desc(), ContactLog.id.desc())
        .limit(PER_PAGE + 1)
    )
    if before is not None:
        query = query.where(ContactLog.at < before)
    for log in db.session.scalars(query):
        yield Entry(
            log.at,
            Sort.TALKED,
            str(MEANS[Means(log.means)]),
            OUTCOME_KINDS.get(Outcome(log.outcome), "problem"),
            OUTCOMES[Outcome(log.outcome)],
            who=log.staff.name if log.staff else "",
            note=log.note,
        )


def _tasks(person: StaffMember, family_id: int, before: datetime | None) -> Iterator[Entry]:
    query = (
        select(FollowUp)
        .where(FollowUp.family_id == family_id, for_the_eyes_of(person))
        .options(
            joinedload(FollowUp.announcement), joinedload(FollowUp.closed_by), joinedload(FollowUp.assignee)
        )
        .order_by(FollowUp.opened_at.desc(), FollowUp.id.desc())
        .limit(PER_PAGE + 1)
    )
    if before is not None:
        query = query.where(FollowUp.opened_at < before)
    for task in db.session.scalars(query):
        done = task.state == FollowUpState.DONE
        closed_by = task.closed_by.name if task.closed_by else ""
        yield Entry(
            task.opened_at,
            Sort.TASK,
            gettext("Follow-up: %(what)s", what=about(task)),
            "acknowledged" if done else "none" if task.state == FollowUpState.CANCELLED else "waiting",
            gettext("Done")
            if done
            else gettext("Cancelled")
            if task.state == FollowUpState.CANCELLED
            else gettext("Open"),
            who=closed_by or (task.assignee.name if task.assignee else ""),
            note=str(BECAUSE.get(task.closed_because, "")),
            url=url_for("reach_tasks.one", number=task.id),
        )
