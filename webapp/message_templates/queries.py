"""Questions about templates, answered within one's school; about spreadsheets, to their owner alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from flask import abort
from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, undefer

from notifier.database import db
from webapp.announcements.models import Announcement
from webapp.message_templates.models import MessageSheet, MessageTemplate, TemplateUse, TemplateVersion
from webapp.staff.models import KEEPERS, StaffMember

# A spreadsheet that was not sent waits so long, unless it goes later; of one that was, the sum of its bytes.
KEPT, NOTICED = timedelta(days=1), timedelta(days=2)
# Of other templates so many wait for the same person.
MOST_WAITING = 4


def templates_for(person: StaffMember, *, archived: bool = False) -> Select[tuple[MessageTemplate]]:
    """Select the school's templates by name; everybody who writes to families may use each."""
    kept = MessageTemplate.archived_at
    return (
        select(MessageTemplate)
        .where(
            MessageTemplate.school_id == person.school_id, kept.is_not(None) if archived else kept.is_(None)
        )
        .options(joinedload(MessageTemplate.current), joinedload(MessageTemplate.author))
        .order_by(MessageTemplate.name, MessageTemplate.id)
    )


def template_of(person: StaffMember, template_id: int) -> MessageTemplate:
    """Return a template of this person's school; else 404."""
    found = db.session.scalar(
        select(MessageTemplate)
        .where(MessageTemplate.id == template_id, MessageTemplate.school_id == person.school_id)
        .options(joinedload(MessageTemplate.current), joinedload(MessageTemplate.author))
    )
    return found or abort(404)


def template_with_token(person: StaffMember, token: str) -> MessageTemplate | None:
    """Find what this form, or this ready template, has made before."""
    return db.session.scalar(select(MessageTemplate).filter_by(school_id=person.school_id, token=token))


def taken_ready(person: StaffMember, keys: Collection[str]) -> set[str]:
    """Which of the ready templates the school has among its own already."""
    tokens = db.session.scalars(
        select(MessageTemplate.token).where(
            MessageTemplate.school_id == person.school_id,
            MessageTemplate.token.in_([f"ready:{key}" for key in keys]),
        )
    )
    return {token.removeprefix("ready:") for token in tokens}


def may_change(person: StaffMember, template: MessageTemplate) -> bool:
    """The administration looks after all templates; whoever wrote one, after that."""
    return person.may(KEEPERS) or template.author_id == person.id


def versions_of(template: MessageTemplate) -> Select[tuple[TemplateVersion]]:
    """Select what a template has said, the newest first."""
    return (
        select(TemplateVersion)
        .where(TemplateVersion.template_id == template.id)
        .options(joinedload(TemplateVersion.staff))
        .order_by(TemplateVersion.number.desc())
    )


def sent_with(version_ids: Collection[int]) -> dict[int, int]:
    """Count the sent announcements that each version has written."""
    rows = db.session.execute(
        select(TemplateUse.version_id, func.count())
        .join(Announcement, Announcement.id == TemplateUse.announcement_id)
        .where(TemplateUse.version_id.in_(version_ids), Announcement.published_at.is_not(None))
        .group_by(TemplateUse.version_id)
    )
    return dict(rows.tuples().all())


def version_behind(announcement: Announcement) -> TemplateVersion | None:
    """By which version an announcement was written; None: by hand."""
    return db.session.scalar(
        select(TemplateVersion)
        .join(TemplateUse, TemplateUse.version_id == TemplateVersion.id)
        .where(TemplateUse.announcement_id == announcement.id)
    )


def sheet_of(person: StaffMember, sheet_id: int, now: datetime) -> MessageSheet | None:
    """Return this person's own spreadsheet, while it is here; a sent one leads to its announcement."""
    return db.session.scalar(
        select(MessageSheet)
        .where(
            MessageSheet.id == sheet_id,
            MessageSheet.staff_id == person.id,
            MessageSheet.school_id == person.school_id,
            or_(MessageSheet.sent_at.is_not(None), ~_left_lying(now)),
        )
        .options(
            undefer(MessageSheet.content),
            joinedload(MessageSheet.announcement),
            joinedload(MessageSheet.version).joinedload(TemplateVersion.template),
        )
    )


def same_file_sent(sheet: MessageSheet, since: datetime) -> MessageSheet | None:
    """Find the latest time the very same file was sent at this school since then."""
    return db.session.scalar(
        select(MessageSheet)
        .where(
            MessageSheet.school_id == sheet.school_id,
            MessageSheet.digest == sheet.digest,
            MessageSheet.sent_at >= since,
            MessageSheet.id != sheet.id,
        )
        .options(joinedload(MessageSheet.version))
        .order_by(MessageSheet.sent_at.desc())
        .limit(1)
    )


def same_file_waiting(sheet: MessageSheet) -> MessageSheet | None:
    """Find another upload of the very same file at this school that goes by itself, the soonest."""
    return db.session.scalar(
        select(MessageSheet)
        .join(MessageSheet.announcement)
        .where(
            MessageSheet.school_id == sheet.school_id,
            MessageSheet.digest == sheet.digest,
            MessageSheet.sent_at.is_(None),
            MessageSheet.id != sheet.id,
            Announcement.goes_at.is_not(None),
        )
        .options(contains_eager(MessageSheet.announcement))
        .order_by(Announcement.goes_at)
        .limit(1)
    )


def sheets_waiting(person: StaffMember, now: datetime) -> Sequence[MessageSheet]:
    """List this person's spreadsheets that are neither sent nor bound to go, the newest first."""
    return db.session.scalars(
        select(MessageSheet)
        .where(
            MessageSheet.staff_id == person.id,
            MessageSheet.school_id == person.school_id,
            MessageSheet.sent_at.is_(None),
            MessageSheet.announcement_id.is_(None),
            ~_left_lying(now),
        )
        .options(joinedload(MessageSheet.version))
        .order_by(MessageSheet.created_at.desc())
    ).all()


def forget_sheets(person: StaffMember, template_id: int, now: datetime) -> None:
    """Make room for a new upload: delete what this person has not sent with this template, and what is old.

    What goes later stays, and so do the latest few of other templates: they may be open in other windows.
    """
    waiting = sheets_waiting(person, now)
    others = [sheet.id for sheet in waiting if sheet.version.template_id != template_id]
    db.session.execute(
        delete(MessageSheet).where(
            MessageSheet.id.in_([sheet.id for sheet in waiting]),
            MessageSheet.id.not_in(others[:MOST_WAITING]),
        )
    )
    forget_old_sheets(now)


def forget_old_sheets(now: datetime) -> None:
    """Delete what nobody sent in time, with the draft it waited as, and what is left of those that went."""
    drafts = select(MessageSheet.announcement_id).where(MessageSheet.sent_at.is_(None), _left_lying(now))
    # What is still to go is due, not forgotten: it goes, or says why it did not.
    db.session.execute(
        delete(Announcement).where(
            Announcement.id.in_(drafts), Announcement.published_at.is_(None), Announcement.goes_at.is_(None)
        )
    )
    db.session.execute(
        delete(MessageSheet).where(
            or_(
                and_(
                    MessageSheet.sent_at.is_(None),
                    MessageSheet.announcement_id.is_(None),
                    _left_lying(now),
                ),
                MessageSheet.sent_at < now - NOTICED,
            )
        )
    )


def _left_lying(now: datetime) -> ColumnElement[bool]:
    """That a spreadsheet waits here longer than it is kept."""
    usual = and_(MessageSheet.kept_until.is_(None), MessageSheet.created_at <= now - KEPT)
    return or_(usual, and_(MessageSheet.kept_until.is_not(None), MessageSheet.kept_until <= now))
