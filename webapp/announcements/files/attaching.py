"""Files go with a draft, and come off it again; once it is sent, they stay as they were."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, exists, select

from notifier.database import db
from notifier.stationery import Enclosure, PaperEnclosure
from webapp.announcements.files.check import GoodFile, fits
from webapp.announcements.models import Announcement, AnnouncementFile


def held_draft(draft: Announcement) -> bool:
    """Keep others from changing or sending a draft meanwhile; False when it is sent already."""
    db.session.execute(select(Announcement.id).where(Announcement.id == draft.id).with_for_update())
    db.session.refresh(draft)
    return draft.published_at is None


def attach(draft: Announcement, file: GoodFile, now: datetime) -> bool:
    """Let a file go with a held draft, in the caller's transaction; False when it does already.

    Raises BadFile when there is no place for it.
    """
    there = [each.enclosure for each in draft.files]
    if any(each.digest == file.digest for each in there):
        return False
    fits(len(file.content), [each.size for each in there])
    enclosure = Enclosure(
        name=_free_name(file.name, {each.name for each in there}),
        media_type=file.media_type,
        size=len(file.content),
        digest=file.digest,
        content=file.content,
        created_at=now,
    )
    draft.files.append(AnnouncementFile(enclosure=enclosure))
    db.session.flush()
    return True


def detach(draft: Announcement, enclosure_id: int) -> bool:
    """Take a file off a held draft, in the caller's transaction; False when it is not there."""
    file = next((each for each in draft.files if each.enclosure_id == enclosure_id), None)
    if file is None:
        return False
    draft.files.remove(file)
    db.session.flush()
    _forget_unused([enclosure_id])
    return True


def detach_all(draft: Announcement) -> None:
    """Take all files off a draft that is about to be deleted."""
    numbers = [each.enclosure_id for each in draft.files]
    draft.files.clear()
    db.session.flush()
    _forget_unused(numbers)


def _forget_unused(numbers: Collection[int]) -> None:
    """Delete files that nothing carries any more: what a school keeps of children it keeps for a reason."""
    db.session.execute(
        delete(Enclosure).where(
            Enclosure.id.in_(numbers),
            ~exists().where(AnnouncementFile.enclosure_id == Enclosure.id),
            ~exists().where(PaperEnclosure.enclosure_id == Enclosure.id),
        )
    )


def _free_name(name: str, taken: Collection[str]) -> str:
    """Return the name, with a number when another file has it."""
    stem, _, ending = name.rpartition(".")
    number = 2
    while name in taken:
        name, number = f"{stem} ({number}).{ending}", number + 1
    return name
