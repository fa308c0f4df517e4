"""What waits with announcements: hours to keep, answers to ask for, drafts, money, messages in doubt."""

from __future__ import annotations

from datetime import timedelta

from flask import url_for
from flask_babel import gettext, ngettext
from sqlalchemy import ColumnElement, Select, select

from notifier.database import db
from webapp.announcements.drafts import looked_over_at
from webapp.announcements.handed_in import HandedIn
from webapp.announcements.kinds import ASSIGNMENT
from webapp.announcements.models import Announcement, AnnouncementClass
from webapp.announcements.money import limits
from webapp.home.desk import Desk
from webapp.home.wait import Ahead, Wait, Weight, short
from webapp.languages import headline
from webapp.messages.queries import how_many_undecided
from webapp.reach.answers.acknowledged import in_all, knows, was_in_touch
from webapp.reach.answers.handing_in import handed_in_by_class
from webapp.reach.board.kinds import end_of_today
from webapp.staff.models import KEEPERS
from webapp.times import when

# Who has not answered by then is spoken to for another reason.
ASKED_LATELY = timedelta(days=7)
MOST_AHEAD = 3


def in_doubt(desk: Desk) -> Wait | None:
    """Messages of which only a person can say whether they arrived."""
    messages = how_many_undecided(desk.person)
    if not messages:
        return None
    return Wait(
        ngettext(
            "%(num)s message may or may not have arrived.",
            "%(num)s messages may or may not have arrived.",
            messages,
        ),
        gettext("Decide what to do"),
        url_for("messages.to_decide"),
        Weight.TODAY,
        "problem",
    )


def hour_of_today(desk: Desk) -> Wait | None:
    """The next hour of today by which families are to get in touch, and how many were."""
    school = desk.person.school
    asked = db.session.scalar(
        _sent(desk)
        .where(
            Announcement.answer_by.is_not(None),
            Announcement.answer_closed_at.is_(None),
            Announcement.answer_by < end_of_today(school, desk.now),
            Announcement.reminds_of_id.is_(None),
        )
        .order_by(Announcement.answer_by)
        .limit(1)
    )
    if asked is None or asked.answer_by is None:
        return None
    answers = in_all(desk.person, asked, was_in_touch())
    if answers.answered >= answers.asked:
        return None
    return Wait(
        ngettext(
            "%(done)s of %(num)s family was in touch; the hour is %(time)s",
            "%(done)s of %(num)s families were in touch; the hour is %(time)s",
            answers.asked,
            done=answers.answered,
            time=f"{asked.answer_by.astimezone(school.zone):%H:%M}",
        ),
        gettext("Who was in touch"),
        url_for("reach_answers.in_touch", number=asked.id),
        Weight.TODAY,
        more=_named(asked),
    )


def not_answered(desk: Desk) -> Wait | None:
    """The latest announcement of this person whose families were asked to say that they know."""
    asked = db.session.scalar(
        _sent(desk)
        .where(
            Announcement.author_id == desk.person.id,
            Announcement.asks_acknowledgement,
            Announcement.published_at > desk.now - ASKED_LATELY,
            Announcement.reminds_of_id.is_(None),
        )
        .order_by(Announcement.published_at.desc())
        .limit(1)
    )
    if asked is None:
        return None
    answers = in_all(desk.person, asked, knows())
    silent = answers.asked - answers.answered
    if not silent:
        return None
    return Wait(
        ngettext(
            "%(num)s family has not said that it knows",
            "%(num)s families have not said that they know",
            silent,
        ),
        gettext("Who knows"),
        url_for("reach_answers.acknowledged", number=asked.id),
        Weight.SOON,
        more=_named(asked),
    )


def work_missing(desk: Desk) -> Wait | None:
    """The latest assignment of this person that is over, when they tick whose work is there."""
    asked = db.session.scalar(
        _sent(desk)
        .where(
            Announcement.author_id == desk.person.id,
            Announcement.kind == ASSIGNMENT,
            Announcement.due_at <= desk.now,
            Announcement.due_at > desk.now - ASKED_LATELY,
            Announcement.id.in_(select(HandedIn.announcement_id)),
        )
        .order_by(Announcement.due_at.desc())
        .limit(1)
    )
    if asked is None:
        return None
    missing = sum(each.rest for _, each in handed_in_by_class(desk.person, asked))
    if not missing:
        return None
    return Wait(
        ngettext("The work of %(num)s child is missing", "The work of %(num)s children is missing", missing),
        gettext("Who handed in their work"),
        url_for("reach_answers.handed_in", number=asked.id),
        Weight.SOON,
        more=_named(asked),
    )


def did_not_go(desk: Desk) -> Wait | None:
    """A text of this person that was to go by itself, and could not."""
    stayed = next((each for each in desk.drafts if each.not_sent_because), None)
    if stayed is None:
        return None
    return Wait(
        gettext("A text of yours did not go by itself"),
        gettext("See why"),
        looked_over_at(stayed),
        Weight.NOW,
        "problem",
        more=_named(stayed),
    )


def draft(desk: Desk) -> Wait | None:
    """The latest text this person wrote and has not sent."""
    drafts = [each for each in desk.drafts if not (each.goes_at or each.not_sent_because)]
    if not drafts:
        return None
    return Wait(
        gettext("A text of yours is not sent yet"),
        gettext("Look it over"),
        looked_over_at(drafts[0]),
        Weight.SOON,
        "none",
        more=_named(drafts[0]),
    )


def goes_by_itself(desk: Desk) -> list[Ahead]:
    """The next of this person's announcements that go at an hour they chose."""
    later = db.session.scalars(
        select(Announcement)
        .where(
            Announcement.school_id == desk.person.school_id,
            Announcement.author_id == desk.person.id,
            Announcement.goes_at.is_not(None),
            Announcement.published_at.is_(None),
        )
        .order_by(Announcement.goes_at)
        .limit(MOST_AHEAD)
    )
    return [
        Ahead(
            gettext("Goes %(when)s: %(text)s", when=when(each.goes_at, desk.now), text=_named(each)),
            looked_over_at(each),
            "sent",
        )
        for each in later
    ]


def limits_near(desk: Desk) -> Wait | None:
    """The month's money, when it is nearly spent: the school's, and that of a teacher's own classes."""
    own = [] if desk.person.sees_whole_school else desk.classes
    sentences = limits.warnings(desk.person.school, own, desk.now)
    if not sentences:
        return None
    keeps = desk.person.may(KEEPERS)
    return Wait(
        sentences[0],
        gettext("To the limits") if keeps else gettext("What was spent"),
        url_for("school.limits") if keeps else url_for("reach_overview.page"),
        Weight.TODAY if keeps else Weight.SOON,
        "problem",
        more=" ".join(sentences[1:]),
    )


def _sent(desk: Desk) -> Select[tuple[Announcement]]:
    """Select what was sent to the classes this person sees."""
    query = select(Announcement).where(
        Announcement.school_id == desk.person.school_id, Announcement.published_at.is_not(None)
    )
    return query if desk.person.sees_whole_school else query.where(_to_own_class(desk))


def _to_own_class(desk: Desk) -> ColumnElement[bool]:
    return Announcement.id.in_(
        select(AnnouncementClass.announcement_id).where(
            AnnouncementClass.class_id.in_([each.id for each in desk.classes])
        )
    )


def _named(announcement: Announcement) -> str:
    text = short(headline(announcement))
    return f"«{text}»" if text else ""
