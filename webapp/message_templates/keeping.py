"""Write a template down, a version for each change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from notifier.database import db
from webapp.message_templates.models import MessageTemplate, TemplateVersion
from webapp.message_templates.ready import READY
from webapp.staff import audit
from webapp.staff.models import School, StaffMember


def make_template(
    school: School,
    name: str,
    texts: dict[str, str],
    now: datetime,
    *,
    token: str,
    author: StaffMember | None,
) -> MessageTemplate | None:
    """Write a template's first version, in the caller's transaction; None: that token has made one before."""
    template = MessageTemplate(
        school_id=school.id, author_id=author.id if author else None, token=token, name=name, changed_at=now
    )
    try:
        with db.session.begin_nested():
            db.session.add(template)
    except IntegrityError:
        return None
    _write_version(template, name, texts, now, author)
    return template


def take_ready(school: School, key: str, now: datetime, by: StaffMember | None) -> MessageTemplate | None:
    """Put a ready template among the school's own: the administration's, whoever took it."""
    ready = READY[key]
    name = str(ready.name)
    made = make_template(
        school, name, {"ky": ready.ky, "ru": ready.ru}, now, token=f"ready:{key}", author=None
    )
    if made and by:
        audit.record("template.written", name, {"version": 1}, by, now)
    return made


def change_template(
    template: MessageTemplate, name: str, texts: dict[str, str], seen: int, now: datetime, by: StaffMember
) -> bool:
    """Add a version, in the caller's transaction; False: what was `seen` is no longer the newest.

    Of two who change it at once, the second waits, and finds it changed.
    """
    if (name, texts) == (template.name, template.current.texts):
        return True
    taken = db.session.scalar(
        update(MessageTemplate)
        .where(MessageTemplate.id == template.id, MessageTemplate.latest == seen)
        .values(latest=seen + 1, name=name, changed_at=now)
        .returning(MessageTemplate.id)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(template)
    if taken is None:
        return False
    _write_version(template, name, texts, now, by)
    audit.record("template.written", name, {"version": template.latest}, by, now)
    return True


def put_away(template: MessageTemplate, now: datetime, by: StaffMember) -> bool:
    """Archive a template, or bring it back; say whether it is archived now."""
    gone = template.archived_at is None
    template.archived_at = now if gone else None
    audit.record("template.archived" if gone else "template.restored", template.name, {}, by, now)
    return gone


def _write_version(
    template: MessageTemplate, name: str, texts: dict[str, str], now: datetime, by: StaffMember | None
) -> None:
    db.session.add(
        TemplateVersion(
            template_id=template.id,
            number=template.latest,
            name=name,
            text_ky=texts["ky"],
            text_ru=texts["ru"],
            staff_id=by.id if by else None,
            at=now,
        )
    )
    db.session.flush()
    db.session.expire(template, ["current", "versions"])
