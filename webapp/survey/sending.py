"""A survey goes out as an announcement, and once more to those who are silent."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext
from sqlalchemy import update

from notifier.database import db
from webapp.announcements.audience.find import audience_of
from webapp.announcements.audience.households import Audience
from webapp.announcements.flaws import Flaw
from webapp.announcements.models import Announcement
from webapp.announcements.plan import Plan, planned
from webapp.announcements.publish import Published, Unready, hand_out, publish
from webapp.announcements.render import all_finished
from webapp.settings import current_settings
from webapp.staff.models import School, StaffMember
from webapp.survey.models import Survey
from webapp.survey.queries import newest_answers
from webapp.survey.wording import texts_of

KIND = "survey"
# More than this nobody reads on a button phone before they answer.
MOST_PARTS = 5


def plan_of(survey: Survey) -> Plan:
    """Find whom the survey asks and write every message, as things stand now; writes nothing."""
    school = db.session.get_one(School, survey.school_id)
    return planned(school, _texts(survey, school), [each.id for each in survey.classes])


def too_long(plan: Plan) -> str:
    """Say that the SMS are longer than anybody answers; "" when they are not."""
    most = max((message.segments for _, message in plan.messages), default=0)
    if most <= MOST_PARTS:
        return ""
    sentence: str = gettext(
        "The longest SMS has %(parts)s parts; %(most)s are the most. Shorten the question or its answers.",
        parts=most,
        most=MOST_PARTS,
    )
    return sentence


def send(survey: Survey, now: datetime, by: StaffMember) -> Published | None:
    """Ask the families, in the caller's transaction; then commit and nudge. None: it was sent before.

    Raises Unready if nobody is to be asked, the text is too long, or it goes over a limit of the month.
    """
    if not _first(survey, "sent_at", now):
        return None
    if sentence := too_long(plan_of(survey)):
        raise Unready([Flaw("text_ky", sentence)])
    announcement = _announcement(survey, "survey", now, by, again=False)
    announcement.classes = list(survey.classes)
    published = publish(announcement, now, by)
    survey.announcement_id = announcement.id
    return published


def remind(survey: Survey, now: datetime, by: StaffMember) -> Published | None:
    """Ask those who have not answered once more; None: they were reminded before, or all have answered."""
    if not survey.is_open(now) or not _first(survey, "reminded_at", now):
        return None
    school = db.session.get_one(School, survey.school_id)
    answered = newest_answers(survey)
    everybody = audience_of(school, [each.id for each in survey.classes])
    silent = Audience(
        tuple(h for h in everybody.households if h.family_id not in answered), everybody.school_language
    )
    if not silent.told:
        return None
    announcement = _announcement(survey, "survey-again", now, by, again=True)
    announcement.published_at = now
    concerned = {child.class_id for household in silent.households for child in household.children}
    announcement.classes = [each for each in survey.classes if each.id in concerned]
    db.session.flush()
    messages = all_finished(school, announcement.texts, silent.envelopes())
    published = hand_out(announcement, Plan(school, silent, messages), now, by)
    survey.reminder_id = announcement.id
    return published


def _texts(survey: Survey, school: School, *, again: bool = False) -> dict[str, str]:
    return texts_of(survey, school.phone, current_settings().answers_come, again=again)


def _announcement(survey: Survey, token: str, now: datetime, by: StaffMember, *, again: bool) -> Announcement:
    school = db.session.get_one(School, survey.school_id)
    texts = _texts(survey, school, again=again)
    announcement = Announcement(
        school_id=survey.school_id,
        author_id=by.id,
        token=f"{token}:{survey.id}",
        kind=KIND,
        text_ky=texts["ky"],
        text_ru=texts["ru"],
        created_at=now,
    )
    db.session.add(announcement)
    db.session.flush()
    return announcement


def _first(survey: Survey, column: str, now: datetime) -> bool:
    """Mark it as done unless it is; of two who press at once the second waits, and finds it done."""
    db.session.flush()
    done = db.session.execute(
        update(Survey)
        .where(Survey.id == survey.id, getattr(Survey, column).is_(None))
        .values({column: now})
        .returning(Survey.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    db.session.refresh(survey)
    return done is not None
