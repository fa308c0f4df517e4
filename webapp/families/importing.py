"""The way of a class list from the bytes of a file to a plan; the page and the command both go it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from webapp.families import columns as guessing
from webapp.families.apply import apply_plan, lock_lists
from webapp.families.cells import ClassName
from webapp.families.column_names import CANONICAL
from webapp.families.columns import Columns
from webapp.families.plan import Plan, make_plan
from webapp.families.problems import Problem
from webapp.families.roster import load_roster
from webapp.families.rows import ClassList, read_rows
from webapp.families.sheets import BadSheet, Sheet, read_sheets
from webapp.staff.audit import record
from webapp.staff.models import School, StaffMember


@dataclass
class ListFile:
    """A file that was read: its sheet, its columns, its rows."""

    sheet: Sheet
    columns: Columns
    found: ClassList


def read_sheet(content: bytes) -> Sheet:
    """Read the first sheet that looks like a class list, else the first of all; raise BadSheet."""
    sheets = read_sheets(content)
    chosen = max(
        sheets, key=lambda sheet: min(2, max(len(guessing.recognised(r.cells)) for r in sheet.rows[:30]))
    )
    others = tuple(sheet.name for sheet in sheets if sheet is not chosen and len(sheet.rows) > 1)
    return replace(chosen, other_sheets=others)


def read_file(
    content: bytes, names: Sequence[str] | None = None, only: frozenset[ClassName] | None = None
) -> ListFile:
    """Read a class list; `names` are the columns a person chose, `only` the classes they may change.

    Slow, and touches no database: call it with no transaction open. Raises BadSheet.
    """
    sheet = read_sheet(content)
    columns = guessing.guess(sheet)
    if names is not None:
        columns = guessing.chosen(columns, names)
    return ListFile(sheet, columns, read_rows(sheet, columns, only))


def require_header(file: ListFile) -> None:
    """Raise BadSheet when no column at all was recognised."""
    if not any(name in CANONICAL for name in file.columns.names):
        raise BadSheet("no_header")


def compare(found: ClassList, school: School, only: frozenset[ClassName] | None = None) -> Plan:
    """Say what the list would change in this school."""
    return make_plan(found, load_roster(school), only)


def bring_in(
    found: ClassList,
    school: School,
    now: datetime,
    *,
    leaving: bool,
    person: StaffMember | None = None,
    only: frozenset[ClassName] | None = None,
    agreed: str | None = None,
) -> Plan | None:
    """Apply the list and note it in the audit; None when the plan is no longer the one `agreed` to.

    The caller commits.
    """
    lock_lists(school.id)
    roster = load_roster(school)
    plan = make_plan(found, roster, only)
    if agreed is not None and plan.fingerprint != agreed:
        return None
    apply_plan(plan, roster, now, leaving)
    done = counts(found, plan) | {"left": len(plan.leaving) if leaving else 0}
    record("families.imported", "class list", done, person, now, school=school)
    return plan


def counts(found: ClassList, plan: Plan) -> dict[str, int]:
    """Count pupils by what the list means for them."""
    return {
        "rows": found.total,
        "created": len(plan.of_kind("new")),
        "updated": len(plan.of_kind("changed")),
        "unchanged": len(plan.of_kind("unchanged")),
        "leaving": len(plan.leaving),
    }


def file_problem(error: BadSheet) -> Problem:
    """The one problem of a file that can't be read."""
    return Problem(error.row, None, error.reason)


def as_json(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [problem.as_json() for problem in problems]
