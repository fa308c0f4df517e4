"""What people type about lessons; the timetable's own readers judge it, in any way of writing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from webapp.lessons.models import LONGEST_SUBJECT, LONGEST_TOPIC, TvChannel, TvLesson
from webapp.lessons.names import LANGUAGE_NAMES
from webapp.lessons.problems import FIELD_LABELS, Problem
from webapp.lessons.rows import RawRow

LONGEST_PASTE = 300_000  # characters; a form takes a megabyte


class LessonForm(FlaskForm):
    """One lesson. Its fields are a row of a timetable, so that the same checks hold."""

    date = StringField(
        FIELD_LABELS["date"], [InputRequired(_("Write the day of the lesson.")), Length(max=60)]
    )
    start = StringField(
        FIELD_LABELS["start"], [InputRequired(_("Write when the lesson starts.")), Length(max=60)]
    )
    minutes = StringField(
        FIELD_LABELS["minutes"], [InputRequired(_("Write how many minutes it lasts.")), Length(max=60)]
    )
    channel = SelectField(FIELD_LABELS["channel"])
    grade = StringField(FIELD_LABELS["grade"], [InputRequired(_("Write the grade.")), Length(max=60)])
    language = SelectField(FIELD_LABELS["language"])
    subject = StringField(
        FIELD_LABELS["subject"],
        [
            InputRequired(_("Write the subject.")),
            Length(max=LONGEST_SUBJECT, message=_("The subject is too long: at most 120 characters.")),
        ],
    )
    topic = StringField(
        FIELD_LABELS["topic"],
        [Optional(), Length(max=LONGEST_TOPIC, message=_("The topic is too long: at most 300 characters."))],
    )
    repeat = BooleanField(_("It shows an earlier lesson again"))
    agreed = HiddenField()  # the warnings that were shown and did not stop the person

    def offer(self, channels: Sequence[TvChannel]) -> None:
        """Fill the lists to choose from."""
        self.channel.choices = [(channel.name, channel.name) for channel in channels]
        self.language.choices = list(LANGUAGE_NAMES.items())

    def show(self, lesson: TvLesson, zone: ZoneInfo) -> None:
        """Show what is stored of a lesson."""
        local = lesson.starts_at.astimezone(zone)
        self.date.data, self.start.data = f"{local:%d.%m.%Y}", f"{local:%H:%M}"
        self.minutes.data, self.grade.data = str(lesson.minutes), lesson.grades
        self.channel.data, self.language.data = lesson.channel.name, lesson.language
        self.subject.data, self.topic.data = lesson.subject, lesson.topic
        self.repeat.data = lesson.repeat_of_id is not None

    @property
    def row(self) -> RawRow:
        texts = {
            name: self[name].data or ""
            for name in ("date", "start", "minutes", "channel", "grade", "language", "subject", "topic")
        }
        return RawRow(0, texts | ({"repeat": "yes"} if self.repeat.data else {}))

    def blame(self, problems: Sequence[Problem]) -> None:
        """Put each problem at its field."""
        for problem in problems:
            name = problem.column if problem.column in self else "minutes"
            self[name].errors = [*self[name].errors, problem.message]


class ImportForm(FlaskForm):
    """A timetable, as a file or pasted."""

    file = FileField(_("A file"))
    text = TextAreaField(
        _("Or paste the timetable"),
        [Optional(), Length(max=LONGEST_PASTE, message=_("The text is too long. Bring it in as a file."))],
    )
    week = StringField(_("Week of the lessons"), [Optional(), Length(max=60)])

    def blame(self, sentence: str) -> None:
        field = self.text if self.text.data and self.text.data.strip() else self.file
        field.errors = [*field.errors, sentence]


class CopyForm(FlaskForm):
    """Last week once more."""

    week = HiddenField()
    topics = BooleanField(_("Copy the topics too"))


class ChannelForm(FlaskForm):
    """A channel that shows lessons."""

    name = StringField(
        _("Name of the channel"),
        [
            InputRequired(_("Write the name of the channel.")),
            Length(max=60, message=_("The name is too long: at most 60 characters.")),
        ],
    )
    aliases = StringField(
        _("Other names"),
        [Optional(), Length(max=400, message=_("The other names are too long: at most 400 characters."))],
    )
    grades = StringField(_("Grades it shows lessons for"), [Optional(), Length(max=60)])


def shifted(lesson: TvLesson, days: int, zone: ZoneInfo, *, topics: bool) -> RawRow:
    """Return a stored lesson as a row of a timetable, some days later on the school's clocks."""
    local = lesson.starts_at.astimezone(zone)
    return RawRow(
        0,
        {
            "date": (local.date() + timedelta(days=days)).isoformat(),
            "start": f"{local:%H:%M}",
            "minutes": str(lesson.minutes),
            "channel": lesson.channel.name,
            "grade": lesson.grades,
            "language": lesson.language,
            "subject": lesson.subject,
            "topic": lesson.topic if topics else "",
            "repeat": "yes" if lesson.repeat_of_id else "",
        },
    )
