"""What the columns of a report are called, said once for page, sheet and paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import LazyString, get_locale, gettext, lazy_gettext

from webapp.announcements.kinds import CALLED
from webapp.announcements.levels import Level
from webapp.reach.causes import CAUSE_NAMES, Cause
from webapp.reach.models import Means
from webapp.reach.period.days import Days
from webapp.reach.period.figures import OTHER, PeriodReport, Row, ToStaff
from webapp.reach.words import LEVEL_NAMES
from webapp.staff.money import som
from webapp.times import full_day

KIND_NAMES: dict[str, LazyString] = {kind: called.name for kind, called in CALLED.items()} | {
    "general": lazy_gettext("Announcements"),
    "digest": lazy_gettext("TV lessons"),
    "correction": lazy_gettext("Corrections of TV lessons"),
    "document": lazy_gettext("Documents"),
    "survey": lazy_gettext("Surveys"),
    "reminder": lazy_gettext("Reminders"),
    "invitation": lazy_gettext("Invitations"),
    "answer": lazy_gettext("Answers by itself"),
    "reply": lazy_gettext("Replies of the staff"),
    "number_check": lazy_gettext("Questions whose number it is"),
}
PRESET_NAMES: dict[str, LazyString] = {
    "week": lazy_gettext("This week"),
    "last_week": lazy_gettext("Last week"),
    "month": lazy_gettext("This month"),
    "last_month": lazy_gettext("Last month"),
    "term": lazy_gettext("This term"),
}
FAULTS: dict[str, LazyString] = {
    "no_date": lazy_gettext("Write both days as dates, such as 2026-11-01."),
    "backwards": lazy_gettext("The last day is before the first. Change one of them."),
    "too_long": lazy_gettext("A report is of a year at most. Choose fewer days."),
}


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of numbers: its name, and the number of a row."""

    name: str
    of: Callable[[Row], int | Decimal | None]
    is_money: bool = False
    # The same of what was written to the staff, where there is such a thing.
    of_staff: Callable[[ToStaff], int | Decimal | None] | None = None
    of_both: Callable[[PeriodReport], int | Decimal | None] | None = None


def headings() -> list[Heading]:
    """All columns after the class and its teacher, in the order of the report."""
    return [
        Heading(gettext("Families"), lambda row: row.reach.families),
        Heading(gettext("Families not reached"), lambda row: row.not_reached),
        Heading(gettext("Announcements"), lambda row: row.groups["announcements"]),
        Heading(gettext("TV timetables"), lambda row: row.groups["timetable"]),
        Heading(gettext("Other messages"), lambda row: row.groups[OTHER]),
        Heading(gettext("Messages to families"), lambda row: row.messages),
        *(_level(place) for place in Level),
        Heading(gettext("Replies"), lambda row: row.replies),
        Heading(gettext("Work asked for"), lambda row: row.work_asked),
        Heading(gettext("Work handed in"), lambda row: row.work_handed_in),
        Heading(gettext("Tasks opened"), lambda row: row.opened),
        Heading(gettext("Tasks done"), lambda row: row.closed),
        Heading(gettext("Calls"), lambda row: row.contacts[Means.CALL]),
        Heading(gettext("Visits"), lambda row: row.contacts[Means.VISIT]),
        Heading(gettext("Other contacts"), lambda row: row.other_contacts),
        Heading(
            gettext("SMS parts"),
            lambda row: row.segments,
            of_staff=lambda staff: staff.segments,
            of_both=lambda report: report.segments,
        ),
        Heading(
            gettext("Cost, som"),
            lambda row: row.cost,
            is_money=True,
            of_staff=lambda staff: staff.cost,
            of_both=lambda report: report.cost,
        ),
    ]


def _level(place: Level) -> Heading:
    return Heading(str(LEVEL_NAMES[place]), lambda row: row.copies[place])


def causes(report: PeriodReport) -> list[Heading]:
    """A column for each reason why somebody was not reached, the most frequent first."""
    there = sorted(
        (cause for cause in Cause if any(row.causes[cause] for row in [report.total, *report.classes])),
        key=lambda cause: -report.total.causes[cause],
    )
    return [_cause(each) for each in there]


def _cause(cause: Cause) -> Heading:
    return Heading(str(CAUSE_NAMES[cause]), lambda row: row.causes[cause])


def beside_families(report: PeriodReport) -> list[tuple[str, Callable[[Heading], int | Decimal | None]]]:
    """The rows after the one of all classes: what went to the staff, and what the school paid in all."""
    staff = report.staff
    if staff is None or not staff.notices:
        return []
    return [
        (gettext("Staff"), lambda heading: heading.of_staff(staff) if heading.of_staff else None),
        (gettext("Together"), lambda heading: heading.of_both(report) if heading.of_both else None),
    ]


def kind_name(kind: str) -> str:
    """Call a kind of announcement by its name; one without a name as it is."""
    return str(KIND_NAMES.get(kind, kind))


def days_in_words(days: Days) -> str:
    """Say of which days a report is: "1 November 2026 – 30 November 2026"."""
    return f"{full_day(days.first)} – {full_day(days.last)}"


def title(report: PeriodReport) -> str:
    return str(gettext("Report on messages to families: %(days)s", days=days_in_words(report.days)))


def notes(report: PeriodReport) -> list[str]:
    """What a reader must know about the numbers, a sentence each."""
    price = report.school.sms_price
    return [
        gettext(
            "A message to a family is counted once, at the furthest it came; "
            "one behind a shared phone counts for each family."
        ),
        gettext(
            "A family with children in two classes counts in both, and once in the row of all; "
            "so the rows need not add up."
        ),
        gettext("Not reached is a family to which nothing came in these days that is known to have arrived."),
        gettext("The reason is that of the newest message that did not come."),
        gettext("Work for an assignment is counted in classes where the teacher ticked whose is there."),
        gettext("Cost: SMS parts at %(price)s each.", price=som(price))
        if price is not None
        else gettext("Cost: nobody has said what an SMS part costs."),
    ]


def made_at(report: PeriodReport) -> str:
    local = report.made_at.astimezone(report.school.zone)
    return str(gettext("Made on %(day)s at %(time)s", day=full_day(local.date()), time=f"{local:%H:%M}"))


def language() -> str:
    return str(get_locale() or "ky")[:2]
