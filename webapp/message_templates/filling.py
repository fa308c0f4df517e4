"""Fill a template in for one announcement: the same words for all families."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from notifier.database import db
from webapp.announcements.models import Announcement
from webapp.announcements.queries import draft_with_token
from webapp.message_templates.fields import LONGEST_VALUE, Asked, fill, line
from webapp.message_templates.models import TemplateUse, TemplateVersion
from webapp.staff.models import StaffMember


@dataclass
class Filling:
    """What was typed into the fields of a version, by key; `faults` by key, too."""

    asked: list[Asked]
    values: dict[str, str]
    faults: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, asked: list[Asked], form: Mapping[str, str]) -> Filling:
        """Fields are numbered in a form: their names are anybody's words."""
        return cls(asked, {each.key: line(form.get(f"f{n}", ""))[:2000] for n, each in enumerate(asked)})

    def holds(self) -> bool:
        """Say whether every field is filled; each that is not is named."""
        for each in self.asked:
            value = self.values[each.key]
            if not value and not each.may_be_empty(self.values):
                self.faults[each.key] = gettext("Fill in “%(name)s”.", name=each.name)
            elif len(value) > LONGEST_VALUE:
                self.faults[each.key] = gettext(
                    "“%(name)s” is too long: at most %(most)s characters. Shorten it.",
                    name=each.name,
                    most=LONGEST_VALUE,
                )
        return not self.faults

    @property
    def shown(self) -> dict[str, str]:
        """The values for a preview: a part that was not ticked is not shown."""
        return {
            each.key: self.values[each.key] or ("" if each.kind == "text" else "-") for each in self.asked
        }


def blank(asked: Iterable[Asked]) -> Filling:
    listed = list(asked)
    return Filling(listed, {each.key: "" for each in listed})


def draft_from(
    version: TemplateVersion, filling: Filling, token: str, person: StaffMember, now: datetime
) -> Announcement | None:
    """Write the filled text down as a draft, in the caller's transaction; the form sent twice is one draft.

    None: that form was somebody else's.
    """
    draft = draft_with_token(person, token)
    if draft is None:
        texts = {language: fill(pieces, filling.values) for language, pieces in version.pieces.items()}
        draft = Announcement(
            school_id=person.school_id,
            author_id=person.id,
            token=token,
            text_ky=texts.get("ky", ""),
            text_ru=texts.get("ru", ""),
            created_at=now,
        )
        try:
            with db.session.begin_nested():
                db.session.add(draft)
        except IntegrityError:
            draft = draft_with_token(person, token)
        else:
            db.session.add(TemplateUse(announcement_id=draft.id, version_id=version.id))
    return draft if draft and draft.author_id == person.id else None
