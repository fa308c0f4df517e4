"""What waits for a person, the most pressing first: one list of questions, each asked of those it concerns.

A question looks at the desk and answers with a sentence and the way to where it is done, or with None. To ask
one more: write the function, add a line.
"""

from __future__ import annotations

from collections.abc import Callable

from webapp.home import of_families, of_lessons, of_lists, of_messages, of_sheets, of_staff
from webapp.home.desk import EVERYBODY, LEADERS, OFFICE, PEDAGOGUES, TEACHERS, Desk
from webapp.home.wait import Wait
from webapp.staff.models import BROADCASTERS, KEEPERS, LIST_KEEPERS, Role

Question = Callable[[Desk], Wait | None]

# Of two that press equally, the one higher up comes first.
QUESTIONS: tuple[tuple[Question, frozenset[Role]], ...] = (
    (of_lists.no_families_yet, LIST_KEEPERS),
    (of_messages.did_not_go, BROADCASTERS),
    (of_messages.in_doubt, BROADCASTERS),
    (of_messages.hour_of_today, BROADCASTERS),
    (of_sheets.rows_left_out, BROADCASTERS),
    (of_lists.unfinished_list, LIST_KEEPERS),
    (of_messages.limits_near, LEADERS | OFFICE | TEACHERS),
    (of_families.replies_on_duty, EVERYBODY),
    (of_families.tasks_due, EVERYBODY),
    (of_families.unreached, TEACHERS | PEDAGOGUES | LEADERS),
    (of_families.replies, TEACHERS | PEDAGOGUES | LEADERS),
    (of_families.strangers, OFFICE),
    (of_families.wrong_numbers, OFFICE),
    (of_lessons.meeting_today, EVERYBODY),
    (of_staff.notices, EVERYBODY),
    (of_staff.in_doubt, EVERYBODY),
    (of_staff.own_plan, TEACHERS),
    (of_staff.late_plans, LEADERS),
    (of_lists.documents, EVERYBODY),
    (of_lessons.own_class_not_told, TEACHERS),
    (of_lessons.classes_not_told, LEADERS),
    (of_families.tasks_late, LEADERS),
    (of_messages.not_answered, BROADCASTERS),
    (of_messages.work_missing, TEACHERS),
    (of_messages.draft, BROADCASTERS),
    (of_sheets.not_sent, BROADCASTERS),
    (of_lessons.evening_is_off, KEEPERS),
)


def waits_for(desk: Desk) -> list[Wait]:
    """Ask all that concerns this person; the most pressing first."""
    found = (ask(desk) for ask, whose in QUESTIONS if desk.person.may(whose))
    return sorted((wait for wait in found if wait), key=lambda wait: wait.weight)
