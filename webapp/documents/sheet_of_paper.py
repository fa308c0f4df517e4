"""Who knows a document, on paper for the director (clause 3.3.1): classes in numbers, staff, who is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext

from webapp.announcements.levels import Level
from webapp.announcements.recipients import AckHow
from webapp.documents.export import HOW_NAMES
from webapp.documents.models import KIND_NAMES, Document, DocumentKind, DocumentReader
from webapp.documents.queries import ClassCount, Knowledge
from webapp.families.models import SchoolClass
from webapp.paper import MARGIN, Paper
from webapp.reach.words import LEVEL_NAMES
from webapp.staff.models import ROLE_NAMES, Role
from webapp.times import full_day

CLASS, HEAD, LINE = 30, 32, 6  # mm: the first column, the upright names, a row
SIGNED = (Level.NOT_TRIED, Level.SENT, Level.RELAYED, Level.DELIVERED)


def as_pdf(
    document: Document,
    counts: Sequence[ClassCount],
    families: Iterable[tuple[SchoolClass, Iterable[Knowledge]]],
    readers: Sequence[DocumentReader],
    now: datetime,
    zone: ZoneInfo,
    school: str,
    language: str,
) -> bytes:
    """Write the sheets in the language of the moment; no phone number is on them."""
    local = now.astimezone(zone)
    made = gettext("Made on %(day)s at %(time)s", day=full_day(local.date()), time=f"{local:%H:%M}")
    paper = _Monitoring(document.title_in(language), f"{school} · {made}", language)
    paper.add_page()
    paper.opening(document, school)
    paper.classes(counts)
    paper.staff(readers, zone)
    paper.signature()
    paper.left_out(families, zone)
    return bytes(paper.output())


def _when(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d.%m.%Y %H:%M}" if moment else ""


class _Monitoring(Paper):
    def opening(self, document: Document, school: str) -> None:
        self.say(14, bold=True)
        self.multi_cell(0, 7, gettext("Who is familiar with the document"), new_x="LMARGIN", new_y="NEXT")
        self.say(11)
        kind = str(KIND_NAMES[DocumentKind(document.kind)])
        number = f" № {document.number}" if document.number else ""
        day = f", {full_day(document.signed_on)}" if document.signed_on else ""
        self.multi_cell(0, 6, f"{kind}{number}{day}. {self.title}", new_x="LMARGIN", new_y="NEXT")
        self.say(9, grey=True)
        self.cell(0, 6, self.cut(school, self.epw), new_x="LMARGIN", new_y="NEXT")

    def classes(self, counts: Sequence[ClassCount]) -> None:
        """Each class in a row, and all of them in the last."""
        names = [
            gettext("Families"),
            *(str(LEVEL_NAMES[place]) for place in SIGNED),
            *(str(HOW_NAMES[how]) for how in AckHow),
            str(LEVEL_NAMES[Level.SPOKEN_TO]),
            gettext("Know it"),
        ]
        width = (self.epw - CLASS) / len(names)
        self.heading(gettext("Families"))
        top = self.get_y()
        self.say(8, bold=True)
        for number, name in enumerate(names):
            self.upright(name, MARGIN + CLASS + width * (number + 0.5), top + HEAD, HEAD)
        self.set_xy(MARGIN, top + HEAD - 4)
        self.cell(CLASS, 5, gettext("Class"))
        self.line(MARGIN, top + HEAD + 1.5, MARGIN + self.epw, top + HEAD + 1.5)
        self.set_xy(MARGIN, top + HEAD + 2)
        rows = [(each.school_class.name, _numbers(each)) for each in counts]
        total = [sum(column) for column in zip(*(row for _, row in rows), strict=True)]
        for number, (name, numbers) in enumerate([*rows, (gettext("All"), total)]):
            last = number == len(rows)
            self.say(9, bold=last)
            if last:
                self.line(MARGIN, self.get_y(), MARGIN + self.epw, self.get_y())
            self.cell(CLASS, LINE, self.cut(name, CLASS - 1))
            for value in numbers:
                self.cell(width, LINE, str(value), align="C")
            self.ln(LINE)

    def staff(self, readers: Sequence[DocumentReader], zone: ZoneInfo) -> None:
        if not readers:
            return
        self.heading(gettext("Staff"))
        for reader in readers:
            how = str(HOW_NAMES[reader.acknowledged_how]) if reader.acknowledged_how else ""
            said = how or gettext("Not read yet")
            roles = ", ".join(map(str, reader.staff.role_names))
            self.line_of(
                (reader.staff.name, 0.32),
                (roles, 0.28),
                (said, 0.22),
                (_when(reader.acknowledged_at, zone), 0.18),
            )

    def left_out(self, families: Iterable[tuple[SchoolClass, Iterable[Knowledge]]], zone: ZoneInfo) -> None:
        """Name the families that have not said that they know it: for these somebody has to do something."""
        for school_class, group in families:
            left = [family for family in group if family.level < Level.ACKNOWLEDGED]
            if not left:
                continue
            self.heading(gettext("Not familiar yet: %(name)s", name=school_class.name))
            for family in sorted(left, key=lambda each: (each.level, each.children)):
                self.line_of(
                    (", ".join(family.children), 0.52),
                    (str(LEVEL_NAMES[family.level]), 0.3),
                    (_when(family.at, zone), 0.18),
                )

    def heading(self, text: str) -> None:
        # A heading is not left alone at the foot of a page.
        if self.will_page_break(LINE * 4):
            self.add_page()
        self.ln(4)
        self.say(11, bold=True)
        self.cell(0, 7, self.cut(text, self.epw), new_x="LMARGIN", new_y="NEXT")

    def line_of(self, *cells: tuple[str, float]) -> None:
        """Write one row; each cell has its share of the width."""
        self.say(9)
        for text, share in cells:
            self.cell(self.epw * share, LINE, self.cut(text, self.epw * share - 2), border="B")
        self.ln(LINE)

    def signature(self) -> None:
        if self.will_page_break(16):
            self.add_page()
        self.ln(9)
        self.say(10)
        line = "_" * 26
        self.cell(0, 6, f"{ROLE_NAMES[Role.DIRECTOR]} {line}    {gettext('Date')} {'_' * 14}")
        self.ln(6)


def _numbers(each: ClassCount) -> list[int]:
    return [
        each.families,
        *(each.by_level[place] for place in SIGNED),
        *(each.by_how[how] for how in AckHow),
        each.by_level[Level.SPOKEN_TO],
        each.knows,
    ]
