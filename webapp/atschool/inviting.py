"""The invitation: each family is asked, in its language, whether its own child comes.

It says where and when. Why this child is invited (clause 1.5) stands in no message.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from notifier.database import db
from webapp.announcements.audience.find import audience_of
from webapp.announcements.audience.households import Audience, Household
from webapp.announcements.kinds import INVITATION
from webapp.announcements.models import Announcement
from webapp.announcements.names import short_names
from webapp.announcements.plan import Plan
from webapp.announcements.publish import Published, hand_out
from webapp.announcements.render import finished
from webapp.atschool.models import Group, Member
from webapp.atschool.seats import lock
from webapp.atschool.times import times_said
from webapp.families.models import Pupil, SchoolClass
from webapp.settings import current_settings
from webapp.staff.models import School, StaffMember


@dataclass(frozen=True, slots=True)
class Words:
    invite: str
    where: str  # with {place}, {times}, {first}, {last}
    answer: str
    call: str  # with {phone}
    tell: str


WORDS = {
    "ky": Words(
        "мектептеги сабактарга чакырабыз.",
        "{place}; {times}; {first}-{last}.",
        "Келесиздерби? ООБА же ЖОК деп SMS жазыңыз.",
        "Келер-келбесиңиздерди {phone} номерине айтыңыз.",
        "Келер-келбесиңиздерди класс жетекчиге айтыңыз.",
    ),
    "ru": Words(
        "приглашаем на уроки в школе.",
        "{place}; {times}; {first}-{last}.",
        "Придёте? Ответьте по SMS: ДА или НЕТ.",
        "Придёте или нет, сообщите по телефону {phone}.",
        "Придёте или нет, сообщите классному руководителю.",
    ),
}


def invite(group: Group, now: datetime, by: StaffMember) -> Published | None:
    """Invite the children on seats who were not yet, in the caller's transaction; then commit and nudge.

    None when there is nobody. A family without an address is counted, to be asked in person. Raises Unready
    if it goes over a limit of the month.
    """
    lock(group)
    members = _to_invite(group)
    if not members:
        return None
    school = db.session.get_one(School, group.school_id)
    class_ids = {member.pupil.class_id for member in members}
    audience = _audience(school, class_ids, {member.pupil_id for member in members})
    texts = texts_of(group, school.phone)
    announcement = Announcement(
        school_id=group.school_id,
        author_id=by.id,
        # While these are locked nobody else can invite the same.
        token=f"invitation:{members[0].id}:{now.timestamp():.0f}"[:32],
        kind=INVITATION,
        text_ky=_sentence(texts["ky"]),
        text_ru=_sentence(texts["ru"]),
        created_at=now,
        published_at=now,
        classes=list(db.session.scalars(select(SchoolClass).where(SchoolClass.id.in_(class_ids)))),
    )
    db.session.add(announcement)
    db.session.flush()
    messages = []
    for envelope in audience.envelopes():
        names = ", ".join(short_names([child.name for child in envelope.children]))
        named = {language: f"{names}: {text}" for language, text in texts.items()}
        messages.append((envelope, finished(school, named, envelope)))
    published = hand_out(announcement, Plan(school, audience, messages), now, by)
    for member in members:
        member.invitation_id, member.invited_at = announcement.id, now
    db.session.flush()
    return published


def to_invite(group: Group) -> int:
    """Count the children on seats who were not invited and have not answered."""
    return len(_to_invite(group))


def texts_of(group: Group, phone: str) -> dict[str, str]:
    """Write what follows the children's names, in each language."""
    return {
        language: " ".join(
            (
                words.invite,
                words.where.format(
                    place=group.place,
                    times=times_said(group.meetings, language),
                    first=_day(group.first_day),
                    last=_day(group.last_day),
                ),
                words.answer
                if current_settings().answers_come
                else words.call.format(phone=phone)
                if phone
                else words.tell,
            )
        )
        for language, words in WORDS.items()
    }


def _to_invite(group: Group) -> list[Member]:
    return list(
        db.session.scalars(
            select(Member)
            .join(Pupil, Pupil.id == Member.pupil_id)
            .where(
                Member.group_id == group.id,
                Member.has_seat,
                Member.left_at.is_(None),
                Member.invited_at.is_(None),
                Member.answer.is_(None),
                Pupil.left_at.is_(None),
            )
            .options(joinedload(Member.pupil))
            .order_by(Member.id)
        )
    )


def _audience(school: School, class_ids: set[int], pupil_ids: set[int]) -> Audience:
    """The families of these pupils, each to be told of those alone."""
    everybody = audience_of(school, class_ids)
    concerned: list[Household] = []
    for household in everybody.households:
        if children := tuple(child for child in household.children if child.pupil_id in pupil_ids):
            concerned.append(replace(household, children=children))
    return Audience(tuple(concerned), everybody.school_language)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _day(day: date) -> str:
    return f"{day:%d.%m}"
