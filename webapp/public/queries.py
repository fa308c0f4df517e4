"""What the public page shows, and whether a text names somebody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from notifier.database import db
from webapp.announcements.models import Announcement
from webapp.families.models import ContactPoint, Guardian, Pupil
from webapp.families.names import fold
from webapp.public.models import Posting, PublicNotice, PublicPage
from webapp.staff.models import School, StaffMember

_word = re.compile(r"[^\W\d_]+")
# What may be phone numbers, one or several in a row, with whatever people put between digits.
_digits = re.compile(r"\+?\d[\d\s().·–—/-]{5,}\d")
_mailbox = re.compile(r"[^\s<>()\[\],;:]{1,64}@[^\s<>()\[\],;:]+")
# A name with an ending of Kyrgyz or Russian is longer than itself by at most so much: Мисаловдордун.
LONGEST_ENDING = 6
# Nobody writes the same anew within so long: it is the form that came twice.
SAME_FORM = timedelta(minutes=1)
# The digits of a number that all ways of writing it share.
NATIONAL = 9
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
        _standing(school_id).order_by(PublicNotice.published_at.desc(), PublicNotice.id.desc()).limit(SHOWN)
    ).all()


def standing_notice(school_id: int, number: int) -> PublicNotice | None:
    """Find a notice that stands on the page."""
    return db.session.scalar(_standing(school_id).where(PublicNotice.id == number))


def _standing(school_id: int) -> Select[tuple[PublicNotice]]:
    """Select what nobody has taken down, nor the announcement it comes from back."""
    return (
        select(PublicNotice)
        .outerjoin(PublicNotice.announcement)
        .where(
            PublicNotice.school_id == school_id,
            PublicNotice.withdrawn_at.is_(None),
            Announcement.taken_back_at.is_(None),
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


def begun_before(
    person: StaffMember, said: Mapping[str, str], announcement_id: int | None, now: datetime
) -> PublicNotice | None:
    """Find what the same form has put on the page already, or another person about the same announcement.

    The page is held until the caller's transaction ends: of two who press at once, the second finds it.
    """
    db.session.execute(
        select(PublicPage.school_id).where(PublicPage.school_id == person.school_id).with_for_update()
    )
    if announcement_id is not None:
        return notice_about(announcement_id)
    return db.session.scalar(
        select(PublicNotice).where(
            PublicNotice.school_id == person.school_id,
            PublicNotice.author_id == person.id,
            PublicNotice.withdrawn_at.is_(None),
            PublicNotice.published_at > now - SAME_FORM,
            *(getattr(PublicNotice, name) == text for name, text in said.items()),
        )
    )


def people_named(school_id: int, text: str) -> list[str]:
    """List the children and guardians of the school whose full name stands in a text.

    In either order, and with the endings that words get: «Асан Мисаловдун», «Асану Мисалову».
    """
    words = _word.findall(fold(text))
    pairs, all_of_it = list(pairwise(words)), " ".join(words)
    names = db.session.scalars(
        select(Pupil.name)
        .where(Pupil.school_id == school_id)
        .union(select(Guardian.name).where(Guardian.school_id == school_id, Guardian.name != ""))
    )
    return [name for name in names if _stands(_word.findall(fold(name))[:2], pairs, all_of_it)]


def _stands(name: list[str], pairs: Sequence[tuple[str, str]], all_of_it: str) -> bool:
    # A first name alone is anybody's.
    if len(name) < 2 or not all(_stem(each) in all_of_it for each in name):
        return False
    first, second = name
    return any(
        (_is(first, one) and _is(second, other)) or (_is(second, one) and _is(first, other))
        for one, other in pairs
    )


def _is(name: str, word: str) -> bool:
    """Whether a word is this name, bare or with an ending."""
    return word.startswith(_stem(name)) and len(word) <= len(name) + LONGEST_ENDING


def _stem(name: str) -> str:
    """What stays of a name in Russian when it gets an ending: «Мисалова», «Мисаловой»."""
    return name[:-1] if len(name) > 3 and name[-1] in "аяйь" else name


def names_an_address_of_a_family(school_id: int, text: str) -> bool:
    """Say whether a phone number or a mailbox in a text is one at which a family is written to."""
    rows = ["".join(filter(str.isdecimal, found)) for found in _digits.findall(text)]
    mailboxes = {found.strip(".").casefold() for found in _mailbox.findall(text)}
    if not (rows or mailboxes):
        return False
    known = select(ContactPoint.channel, ContactPoint.address).where(ContactPoint.school_id == school_id)
    return any(
        # Without what stands before it in and out of the country: +996 555…, 0555….
        any(address[-NATIONAL:] in row for row in rows) if channel == "sms" else address in mailboxes
        for channel, address in db.session.execute(known).tuples()
    )
