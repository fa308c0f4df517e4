"""The report on paper: A4 across, the names of the columns upright so that all of them find room."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_decimal
from flask_babel import gettext

from webapp.paper import MARGIN, Paper
from webapp.reach.period.figures import PeriodReport, Row
from webapp.reach.period.words import (
    Heading,
    beside_families,
    causes,
    headings,
    language,
    made_at,
    notes,
    title,
)

CLASS, TEACHER = 16, 40  # mm
HEAD, LINE = 34, 6  # mm: the names of the columns, a row
WIDEST = 20  # mm: of a column
MONEY = 1.5  # times as wide as a number


def as_pdf(report: PeriodReport) -> bytes:
    """Write the report in the language of the moment."""
    paper = _Report(report)
    paper.part(headings())
    paper.beside_families()
    if report.total.not_reached:
        not_reached = Heading(gettext("Families not reached"), lambda row: row.not_reached)
        paper.part([not_reached, *causes(report)])
    paper.notes()
    return bytes(paper.output())


class _Report(Paper):
    """Each page begins with the names of the columns."""

    def __init__(self, report: PeriodReport) -> None:
        super().__init__(
            title(report), f"{report.school.name} · {made_at(report)}", language(), landscape=True
        )
        self.report = report
        self.columns: list[Heading] = []
        self.share = 0.0

    def part(self, columns: list[Heading]) -> None:
        """Write a table of its own, a row for each class and one for all, beginning on a new page."""
        self.columns = columns
        shares = sum(MONEY if column.is_money else 1 for column in columns)
        self.share = min((self.epw - CLASS - TEACHER) / shares, WIDEST)
        self.add_page()
        for row in self.report.classes:
            self.row(row, row.name)
        self.row(self.report.total, gettext("All"), bold=True)

    def header(self) -> None:
        self.say(13 if self.page_no() == 1 else 9, bold=True)
        self.cell(0, 8, self.cut(title(self.report), self.epw), new_x="LMARGIN", new_y="NEXT")
        if self.page_no() == 1:
            self.say(9, grey=True)
            self.cell(0, 5, self.report.school.name, new_x="LMARGIN", new_y="NEXT")
        top = self.get_y() + 1
        self.say(8, bold=True)
        x: float = MARGIN + CLASS + TEACHER
        for column in self.columns:
            width = self._width(column)
            self.upright(column.name, x + width / 2, top + HEAD, HEAD)
            x += width
        self.set_xy(MARGIN, top + HEAD - 4)
        self.cell(CLASS, 5, gettext("Class"))
        self.cell(TEACHER, 5, gettext("Class teacher"))
        self.line(MARGIN, top + HEAD + 1.5, MARGIN + self.epw, top + HEAD + 1.5)
        self.set_xy(MARGIN, top + HEAD + 2)

    def row(self, row: Row, name: str, *, bold: bool = False) -> None:
        if self.will_page_break(LINE):
            self.add_page()
        if bold:
            self.line(MARGIN, self.get_y(), MARGIN + self.epw, self.get_y())
        self.say(8, bold=bold)
        self.cell(CLASS, LINE, self.cut(name, CLASS - 1))
        self.cell(TEACHER, LINE, self.cut(row.teacher, TEACHER - 2))
        self._values([_written(column.of(row)) for column in self.columns])

    def beside_families(self) -> None:
        """Write below the classes what went to the staff, and what the school paid in all."""
        for name, value_of in beside_families(self.report):
            if self.will_page_break(LINE):
                self.add_page()
            self.say(8)
            self.cell(CLASS + TEACHER, LINE, self.cut(name, CLASS + TEACHER - 2))
            values = [value_of(column) for column in self.columns]
            self._values(["" if value is None else _written(value) for value in values])

    def _values(self, texts: list[str]) -> None:
        for column, text in zip(self.columns, texts, strict=True):
            self.cell(self._width(column), LINE, text, align="C")
        self.ln(LINE)

    def notes(self) -> None:
        self.ln(3)
        self.say(8, grey=True)
        for sentence in notes(self.report):
            self.multi_cell(0, 4.5, sentence, new_x="LMARGIN", new_y="NEXT")

    def _width(self, column: Heading) -> float:
        return self.share * (MONEY if column.is_money else 1)


def _written(value: int | Decimal | None) -> str:
    if value is None:
        return "–"
    return str(format_decimal(value, "#,##0.##", locale=language()))
