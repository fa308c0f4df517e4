"""What is wrong with a kind's answers taken together: (field, sentence), as things stand now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext

from webapp.announcements import kinds
from webapp.announcements.desk.kind import Kind
from webapp.announcements.desk.marks import Verdict, judge, negative_in
from webapp.announcements.desk.orders import refusal
from webapp.announcements.desk.said import Said
from webapp.families.lesson_rules import strictest_cap
from webapp.families.models import SchoolClass
from webapp.staff.models import School

FURTHEST = timedelta(days=366)
# An order is told a little after it is signed, a child's absence after a while.
LATE = timedelta(days=60)

Wrong = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom the answers are about."""

    school: School
    classes: Sequence[SchoolClass]
    whole_school: bool
    now: datetime

    @property
    def targets(self) -> list[int | None]:
        """The classes by their numbers; the whole school is one None."""
        return [None] if self.whole_school else [school_class.id for school_class in self.classes]

    @property
    def today(self) -> date:
        return self.now.astimezone(self.school.zone).date()


def wrong(kind: Kind, said: Said, meant: Meant) -> Iterator[Wrong]:
    """Name everything at once."""
    if kind.due:
        yield from _moment(*kind.due, said, meant)
    if found := CHECKS.get(kind.code):
        yield from found(said, meant)


def _moment(day: str, hour: str, said: Said, meant: Meant) -> Iterator[Wrong]:
    """A day may stand alone where a text makes sense without the hour; an hour may not."""
    found = said.day(day)
    if found is None:
        if said[hour] and not said[day]:
            yield day, gettext("Choose the day, too.")
        return
    moment = said.moment(day, hour, meant.school.zone)
    if found < meant.today:
        yield day, gettext("This day is over. Choose one that is still to come.")
    elif moment and moment <= meant.now:
        yield hour, gettext("This hour is over. Choose one that is still to come.")
    elif found > meant.today + FURTHEST:
        yield day, gettext("Choose a day within a year.")


def _assignment(said: Said, _: Meant) -> Iterator[Wrong]:
    if said.day("until_day") and not said["until_hour"]:
        yield "until_hour", gettext("Choose the hour, too.")


def _online_lesson(said: Said, meant: Meant) -> Iterator[Wrong]:
    if not (said["link"] or said["code"] or said["dial_in"]):
        yield "link", gettext("Say how to join: a link, a code, or a number to call.")
    minutes = int(said["minutes"]) if said["minutes"].isdecimal() else 0
    cap = strictest_cap(meant.school.id, [school_class.grade for school_class in meant.classes])
    if cap and minutes > cap[1]:
        yield (
            "minutes",
            gettext(
                "In grade %(grade)s a lesson lasts at most %(cap)s minutes without a break (clause 4.5). "
                "Make it shorter, or write two announcements.",
                grade=cap[0],
                cap=cap[1],
            ),
        )
    elif minutes > 240:
        yield "minutes", gettext("Nobody sits so long. Write the minutes of one lesson.")


def _result(said: Said, _: Meant) -> Iterator[Wrong]:
    verdict = judge(said["mark"]) if said["mark"] else None
    if verdict is Verdict.NEGATIVE:
        yield "mark", negative_refused()
    elif verdict is Verdict.UNKNOWN:
        yield (
            "mark",
            gettext(
                "Nobody can tell whether this is a positive mark. Write 3, 4 or 5, “passed”, or points like "
                "18/20, or leave it empty and write a comment."
            ),
        )
    if negative_in(said["comment"]):
        yield "comment", negative_refused()
    if said.ticked("journal") and not said["mark"]:
        yield (
            "journal",
            gettext("Only a mark is entered in the journal. Write it, or take the tick away."),
        )
    if said["comment_form"] and not said["where"]:
        yield "where", gettext("Write where to hear it, or when.")
    if not (said["mark"] or said["comment"] or said["where"]):
        yield "mark", gettext("Write a mark or a comment.")


def negative_refused() -> str:
    """Cite the clause by which a negative mark goes to no family."""
    return str(
        gettext(
            "A negative mark is not told: at a distance only what is achieved is assessed (clauses 4.2, 4.3 "
            "and 4.5). Write a comment without a mark."
        )
    )


def _participation(said: Said, meant: Meant) -> Iterator[Wrong]:
    day = said.day("since")
    if day and day > meant.today:
        yield "since", gettext("This day is still to come.")
    elif day and day < meant.today - FURTHEST:
        yield "since", gettext("Choose a day within a year.")


def _order(said: Said, meant: Meant) -> Iterator[Wrong]:
    first, last, order_day = said.day("first_day"), said.day("last_day"), said.day("order_day")
    if order_day and order_day > meant.today:
        yield "order_day", gettext("The order is dated to a day that is still to come.")
    elif order_day and order_day < meant.today - FURTHEST:
        yield "order_day", gettext("Choose a day within a year.")
    act = said["act"]
    if act != "extend" and not first:
        yield "first_day", gettext("Choose the first day.")
    elif first and not meant.today - LATE <= first <= meant.today + FURTHEST:
        yield "first_day", gettext("Choose a first day of the last two months, or of the coming year.")
    if act != "end":
        if not last:
            yield "last_day", gettext("Choose the last day.")
            return
        if last < meant.today:
            yield "last_day", gettext("This day is over. Choose one that is still to come.")
        elif act != "extend" and first and last < first:
            yield "last_day", gettext("The last day is before the first one.")
        elif (last - max(first or meant.today, meant.today)) > FURTHEST:
            yield "last_day", gettext("This is longer than a year. Look at the days again.")
    if act in {"extend", "end"} and (sentence := refusal(meant.school.id, meant.targets, said, meant.today)):
        yield "act", sentence


def _talk(said: Said, _: Meant) -> Iterator[Wrong]:
    if not said["topic"] and not said["note"]:
        yield "note", gettext("Choose a topic, or write what to say.")


def _at_home(said: Said, _: Meant) -> Iterator[Wrong]:
    if not said.many("conditions_at_home") and not said["note"]:
        yield "conditions_at_home", gettext("Choose what the child needs, or write it.")


CHECKS: dict[str, Callable[[Said, Meant], Iterator[Wrong]]] = {
    kinds.ASSIGNMENT: _assignment,
    kinds.ONLINE_LESSON: _online_lesson,
    kinds.RESULT: _result,
    kinds.PARTICIPATION: _participation,
    kinds.ORDER: _order,
    kinds.TALK: _talk,
    kinds.AT_HOME: _at_home,
}
