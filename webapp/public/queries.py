"""What the public page shows, and whether a text names somebody."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from notifier.database import db
from notifier.phones import BadPhone, normalise
from webapp.families.models import ContactPoint, Guardian, Pupil
from webapp.families.names import fold
from webapp.public.models import Posting, PublicNotice, PublicPage
from webapp.staff.models import School

_word = re.compile(r"[^\W\d_]+")
# One page of news; what is older is a year's archive nobody reads on a phone.
SHOWN = 30


def page_called(slug: str) -> PublicPage | None:
    return db.session.scalar(
        select(PublicPage).where(PublicPage.slug == slug).options(joinedload(PublicPage.school))
    )


def page_of(school: School) -> PublicPage | None:
    return db.session.get(PublicPage, school.id)


def notices_of(school_id: int) -> Sequence[PublicNotice]:
    """List what stands on the page, the newest first."""
    return db.session.scalars(
        select(PublicNotice)
        .where(PublicNotice.school_id == school_id, PublicNotice.withdrawn_at.is_(None))
        .order_by(PublicNotice.published_at.desc(), PublicNotice.id.desc())
        .limit(SHOWN)
    ).all()


def standing_notice(school_id: int, number: int) -> PublicNotice | None:
    """Find a notice that stands on the page."""
    return db.session.scalar(
        select(PublicNotice).where(
            PublicNotice.id == number,
            PublicNotice.school_id == school_id,
            PublicNotice.withdrawn_at.is_(None),
        )
    )


def notice_numbered(school_id: int, number: int) -> PublicNotice | None:
    """Find a notice, whether it stands or was taken down."""
    return db.session.scalar(
        select(PublicNotice)
        .where(PublicNotice.id == number, PublicNotice.school_id == school_id)
        .options(selectinload(PublicNotice.postings).joinedload(Posting.staff))
    )


def notice_about(announcement_id: int) -> PublicNotice | None:
    return db.session.scalar(select(PublicNotice).where(PublicNotice.announcement_id == announcement_id))


def people_named(school_id: int, text: str) -> list[str]:
    """List the children and guardians of the school whose full name stands in a text, in either order."""
    words = " ".join(["", *_word.findall(fold(text)), ""])
    names = db.session.scalars(
        select(Pupil.name)
        .where(Pupil.school_id == school_id)
        .union(select(Guardian.name).where(Guardian.school_id == school_id, Guardian.name != ""))
    )
    return [name for name in names if _stands(fold(name).split()[:2], words)]


def _stands(name: list[str], words: str) -> bool:
    if len(name) < 2:
        # A first name alone is anybody's.
        return False
    return f" {name[0]} {name[1]} " in words or f" {name[1]} {name[0]} " in words


def names_a_number_of_a_family(school_id: int, text: str) -> bool:
    """Say whether a phone number in a text is one at which a family is written to."""
    numbers = set()
    for found in re.findall(r"\+?\d[\d\s()-]{7,18}\d", text):
        try:
            numbers.add(normalise(found))
        except BadPhone:
            continue
    known = select(ContactPoint.id).where(
        ContactPoint.school_id == school_id, ContactPoint.channel == "sms", ContactPoint.address.in_(numbers)
    )
    return bool(numbers) and db.session.scalar(known.limit(1)) is not None
