"""What can be wrong with a row of a timetable, and the sentence that tells a person what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext, lazy_gettext

from webapp.families.problems import FILE_SENTENCES, N_
from webapp.families.sheets import BadSheet

FIELD_LABELS = {
    "date": lazy_gettext("Date"),
    "weekday": lazy_gettext("Weekday"),
    "start": lazy_gettext("Start"),
    "end": lazy_gettext("End"),
    "minutes": lazy_gettext("Minutes"),
    "channel": lazy_gettext("TV channel"),
    "grade": lazy_gettext("Grade"),
    "language": lazy_gettext("Language"),
    "subject": lazy_gettext("Subject"),
    "topic": lazy_gettext("Topic"),
    "repeat": lazy_gettext("Repeat"),
}

ERRORS: dict[str, str] = {
    "bad_date": N_("“%(value)s” is not a day of the calendar. Write it like 07.09.2020."),
    "no_date": N_("The date is missing. Write it like 07.09.2020."),
    "bad_time": N_("“%(value)s” is not a time. Write it like 09:00."),
    "no_time": N_("The time is missing. Write it like 09:00."),
    "no_end": N_("It is not said how long the lesson lasts. Give its end or its minutes."),
    "two_lengths": N_(
        "From %(start)s to %(end)s are %(long)s minutes, but the row says %(value)s. Correct one of them."
    ),
    "too_long": N_("A lesson of %(value)s minutes is too long. Correct its start or its end."),
    "end_before_start": N_("The lesson ends at %(end)s, before it starts at %(start)s. Correct one of them."),
    "unknown_channel": N_(
        "The school has no channel “%(value)s”. Choose one, or add it to the school's channels."
    ),
    "unknown_channel_meant": N_("The school has no channel “%(value)s”. Do you mean %(meant)s?"),
    "no_channel": N_("The channel is missing. Name it."),
    "bad_grade": N_("“%(value)s” is not a grade. Write a number like 5, or neighbouring grades like 5–6."),
    "no_grade": N_("The grade is missing. Write a number like 5, or neighbouring grades like 5–6."),
    "grade_outside": N_(
        "The school teaches grades %(first)s to %(last)s, not %(value)s. "
        "Correct the grade, or change the school's settings."
    ),
    "bad_language": N_("“%(value)s” is not a language of teaching. Write Kyrgyz or Russian, ky or ru."),
    "bad_language_meant": N_("“%(value)s” is not a language of teaching. Do you mean %(meant)s?"),
    "no_language": N_("The language is missing. Write Kyrgyz or Russian, ky or ru."),
}  # fmt: skip
WARNINGS: dict[str, str] = {
    "cap_exceeded": N_(
        "The lesson lasts %(value)s minutes; grade %(grade)s may watch at most %(cap)s at a stretch."
    ),
    "overlap": N_("Another lesson is on %(channel)s at the same time: %(other)s."),
    "weekday_mismatch": N_("%(date)s is not a “%(value)s”. Check the date."),
    "day_off": N_("%(date)s is a day off: %(name)s."),
    "sunday": N_("%(date)s is a Sunday."),
    "class_letter": N_("A TV lesson is for a whole grade; the letter of “%(value)s” is left out."),
    "lost_letters": N_(
        "“%(value)s” has a question mark inside: an old program lost the letters ң, ө or ү. Correct it."
    ),
    "channel_grade": N_("%(channel)s usually shows no lessons for grade %(grade)s."),
}
# Several sentences may stand behind one code.
CODES = {
    "no_date": "bad_date",
    "no_time": "bad_time",
    "no_end": "bad_time",
    "two_lengths": "bad_time",
    "too_long": "bad_time",
    "unknown_channel_meant": "unknown_channel",
    "no_channel": "unknown_channel",
    "no_grade": "bad_grade",
    "grade_outside": "bad_grade",
    "bad_language_meant": "bad_language",
    "no_language": "bad_language",
}
FILES: dict[str, str] = FILE_SENTENCES | {
    "empty": N_("There is nothing in it. Choose the file that holds the timetable, or paste the timetable."),
    "too_big": N_(
        "The file is too big to read. Save only the sheet with the timetable, as xlsx or csv, and try again."
    ),
    "too_many_rows": N_(
        "The timetable has more than 5,000 rows. "
        "Split it into several files and bring them in one after another."
    ),
    "not_a_sheet": N_("The file is no timetable. Choose an xlsx, xls, ods, csv, tsv or XMLTV file."),
    "no_header": N_(
        "No timetable was found. "
        "It needs a row with the names of its columns, at least Time, Grade and Subject; "
        "or days on top and times at the side; or a line for each lesson that begins with its time."
    ),
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one row, with the row's number in the person's sheet; 0: the whole file."""

    row: int
    column: str
    reason: str
    about: dict[str, Any] = field(default_factory=dict)
    sheet: str = ""
    index: int = -1  # of its row among the rows that were read

    @property
    def code(self) -> str:
        return CODES.get(self.reason, self.reason)

    @property
    def is_error(self) -> bool:
        return self.reason not in WARNINGS

    @property
    def message(self) -> str:
        """What to do, in the language of whoever reads it now."""
        about = {key: value[:60] if isinstance(value, str) else value for key, value in self.about.items()}
        sentence = ERRORS.get(self.reason) or WARNINGS.get(self.reason) or FILES[self.reason]
        said = str(gettext(sentence, **about))
        return (
            str(gettext("Sheet “%(sheet)s”: %(said)s", sheet=self.sheet, said=said)) if self.sheet else said
        )

    def as_json(self) -> dict[str, int | str | None]:
        return {"row": self.row or None, "code": self.code, "message": self.message}


def file_problem(error: BadSheet) -> Problem:
    """The one problem of a file that can't be read."""
    return Problem(0, "", error.reason, {"row": error.row or 0})
