"""What a school settles about its evening messages, as it is typed on the settings page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext

from webapp.announcements.render import MAX_PARTS
from webapp.lessons.models import DIGEST_PARTS, WEEK_PARTS, LessonRules
from webapp.lessons.subjects import ABBREVIATIONS, as_text, read_table

# Routine messages wait from 20:00 to 08:00, and before noon tomorrow's timetable is rarely settled.
EARLIEST, LATEST = 12 * 60, 20 * 60 - 1


@dataclass
class DigestForm:
    at: str = "18:30"
    parts: str = str(DIGEST_PARTS)
    week_parts: str = str(WEEK_PARTS)
    abbreviations: dict[str, str] = field(default_factory=dict)  # by language, as text
    faults: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, rules: LessonRules) -> DigestForm:
        at = rules.digest_at
        return cls(
            "" if at is None else f"{at // 60}:{at % 60:02}",
            str(rules.digest_parts),
            str(rules.week_parts),
            {language: as_text(rules.abbreviations.get(language, {})) for language in ABBREVIATIONS},
        )

    @classmethod
    def read(cls, typed: Mapping[str, str]) -> DigestForm:
        """Read the fields and say what is wrong with them."""
        form = cls(
            typed.get("digest_at", "18:30").strip(),
            typed.get("digest_parts", str(DIGEST_PARTS)).strip(),
            typed.get("week_parts", str(WEEK_PARTS)).strip(),
            {
                language: typed.get(f"short-{language}", as_text(rows))
                for language, rows in ABBREVIATIONS.items()
            },
        )
        if form.at and form._minute is None:
            form.faults.append(
                gettext("“%(time)s” is no hour from 12:00 to 19:59. Write it like 18:30.", time=form.at[:20])
            )
        for text in (form.parts, form.week_parts):
            if not (re.fullmatch(r"\d{1,2}", text) and 1 <= int(text) <= MAX_PARTS):
                form.faults.append(
                    gettext(
                        "“%(number)s” is no number of SMS parts: write one from 1 to %(most)s.",
                        number=text[:20],
                        most=MAX_PARTS,
                    )
                )
        for text in form.abbreviations.values():
            form.faults += [
                gettext("“%(line)s” is no abbreviation. Write it like Математика = Мат.", line=line[:60])
                for line in read_table(text)[1]
            ]
        return form

    @property
    def _minute(self) -> int | None:
        match = re.fullmatch(r"(\d{1,2})[:.](\d{2})", self.at)
        minute = int(match[1]) * 60 + int(match[2]) if match and int(match[2]) < 60 else None
        return minute if minute is not None and EARLIEST <= minute <= LATEST else None

    def fill(self, rules: LessonRules) -> None:
        """Store what holds."""
        rules.digest_at = self._minute
        rules.digest_parts, rules.week_parts = int(self.parts), int(self.week_parts)
        rules.abbreviations = {language: read_table(text)[0] for language, text in self.abbreviations.items()}
