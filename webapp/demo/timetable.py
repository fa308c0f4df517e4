"""A timetable for the demo school: the sample's week, as if it were this one and the next."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from pathlib import Path

from webapp.lessons.importing import bring_in
from webapp.lessons.roads import context_of, read_file
from webapp.lessons.rules import rules_of
from webapp.staff.models import School

TIMETABLE = Path(__file__).with_name("timetable.csv")
FIRST_MONDAY = date(2020, 9, 7)  # of the sample


def bring_timetable_in(school: School, now: datetime) -> None:
    """Import the sample's lessons with the days of this week and the next; the caller commits."""
    today = now.astimezone(school.zone).date()
    monday = today - timedelta(days=today.weekday())
    with TIMETABLE.open(encoding="utf-8", newline="") as file:
        lessons = list(csv.DictReader(file))
    moved = io.StringIO()
    writer = csv.DictWriter(moved, lessons[0].keys())
    writer.writeheader()
    for start in (monday, monday + timedelta(days=7)):
        for lesson in lessons:
            day = start + (date.fromisoformat(lesson["date"]) - FIRST_MONDAY)
            writer.writerow(lesson | {"date": day.isoformat()})
    rows = read_file(moved.getvalue().encode(), context_of(rules_of(school), now))
    plan = bring_in(rows, school, TIMETABLE.name, now)
    if plan.reading.errors:
        raise ValueError(f"the demo timetable has errors: {plan.reading.errors[0].code}")
