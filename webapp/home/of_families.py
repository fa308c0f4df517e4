"""What waits with families: who does not know yet, who wrote, who is to be called or visited."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext, ngettext
from sqlalchemy import ColumnElement, Select, func, literal_column, select

from notifier.database import db
from webapp.home.desk import PEDAGOGUES, TEACHERS, Desk
from webapp.home.wait import Wait, Weight
from webapp.inbox.models import Conversation
from webapp.inbox.queries import how_many_unread
from webapp.reach.board.kinds import end_of_today
from webapp.reach.ladder.wrong_numbers import RULE as WRONG_NUMBER
from webapp.reach.models import FamilyStanding, FollowUp


def tasks_due(desk: Desk) -> Wait | None:
    """Calls and visits of this person that are to be made today, or should have been."""
    due = FollowUp.due_at < end_of_today(desk.person.school, desk.now)
    families = _count(_with_task(desk, FollowUp.assignee_id == desk.person.id, due))
    if not families:
        return None
    return Wait(
        ngettext(
            "%(num)s family waits for your call or visit today",
            "%(num)s families wait for your call or visit today",
            families,
        ),
        gettext("To the families"),
        url_for("reach_board.board_page", show="mine"),
        Weight.TODAY,
    )


def unreached(desk: Desk) -> Wait | None:
    """Families that do not know what was sent; those of one class are named by it."""
    families = _count(
        select(func.count()).where(
            FamilyStanding.school_id == desk.person.school_id,
            FamilyStanding.unreached_since.is_not(None),
            desk.sees(FamilyStanding.family_id),
        )
    )
    if not families:
        return None
    if desk.only_class and not desk.person.sees_whole_school:
        sentence = ngettext(
            "%(num)s family of %(name)s does not know yet",
            "%(num)s families of %(name)s do not know yet",
            families,
            name=desk.only_class.name,
        )
    else:
        sentence = ngettext("%(num)s family was not reached", "%(num)s families were not reached", families)
    goes_after = desk.person.may(TEACHERS | PEDAGOGUES)
    return Wait(
        sentence,
        gettext("Go after them") if goes_after else gettext("See who"),
        url_for("reach_board.board_page"),
        Weight.TODAY if goes_after else Weight.SOON,
        "problem",
    )


def replies_on_duty(desk: Desk) -> Wait | None:
    """The same for who is on duty: what parents write meanwhile is theirs to read (clause 3.2)."""
    unread = how_many_unread(desk.person) if desk.answers_parents else 0
    if not unread:
        return None
    return Wait(
        ngettext(
            "You are on duty: %(num)s message of a parent is not read yet",
            "You are on duty: %(num)s messages of parents are not read yet",
            unread,
        ),
        gettext("Read it") if unread == 1 else gettext("Read them"),
        url_for("inbox.messages"),
        Weight.TODAY,
    )


def replies(desk: Desk) -> Wait | None:
    """Conversations nobody has looked into since the family wrote."""
    unread = 0 if desk.answers_parents else how_many_unread(desk.person)
    if not unread:
        return None
    return Wait(
        ngettext("%(num)s reply nobody has read", "%(num)s replies nobody has read", unread),
        gettext("Read it") if unread == 1 else gettext("Read them"),
        url_for("inbox.messages"),
        # Where a class teacher answers for the class, the others help out.
        Weight.TODAY if not desk.person.sees_whole_school else Weight.SOON,
    )


def strangers(desk: Desk) -> Wait | None:
    """Numbers that wrote and belong to nobody."""
    numbers = _count(
        select(func.count()).where(
            Conversation.school_id == desk.person.school_id,
            Conversation.unread_since.is_not(None),
            Conversation.address.is_not(None),
            Conversation.blocked_at.is_(None),
        )
    )
    if not numbers:
        return None
    return Wait(
        ngettext("%(num)s unknown number has written", "%(num)s unknown numbers have written", numbers),
        gettext("Say whose they are"),
        url_for("inbox.numbers"),
        Weight.TODAY,
    )


def wrong_numbers(desk: Desk) -> Wait | None:
    """Families whose number does not exist: somebody asks them for another."""
    families = _count(_with_task(desk, FollowUp.rule == WRONG_NUMBER))
    if not families:
        return None
    return Wait(
        ngettext(
            "The number of %(num)s family does not work",
            "The numbers of %(num)s families do not work",
            families,
        ),
        gettext("Find the right ones"),
        url_for("reach_tasks.listing", show="all"),
        Weight.SOON,
        "problem",
    )


def tasks_late(desk: Desk) -> Wait | None:
    """Whoever answers for the school sees what its people are late with."""
    families = _count(_with_task(desk, FollowUp.due_at < desk.now))
    if not families:
        return None
    return Wait(
        ngettext(
            "%(num)s family was not called or visited in time",
            "%(num)s families were not called or visited in time",
            families,
        ),
        gettext("See whose task it is"),
        url_for("reach_tasks.listing", show="overdue"),
        Weight.SOON,
    )


def _with_task(desk: Desk, *such: ColumnElement[bool]) -> Select[tuple[int]]:
    """Count the families that have an open task of a kind."""
    return select(func.count(FollowUp.family_id.distinct())).where(
        FollowUp.school_id == desk.person.school_id,
        # A literal, because a partial index is used only for a condition that is no parameter.
        FollowUp.state == literal_column("'open'"),
        desk.sees(FollowUp.family_id),
        *such,
    )


def _count(query: Select[tuple[int]]) -> int:
    return db.session.scalar(query) or 0
