"""The paper: an A4 list with a box to tick for each outcome, and room for a note."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from fpdf.enums import Align

from webapp.paper import Paper
from webapp.reach.board.cards import children_of
from webapp.reach.contacts.forms import phones_of
from webapp.reach.models import Means
from webapp.reach.rounds.models import Order, Round, RoundRow
from webapp.reach.rounds.results import KEYS
from webapp.reach.speaking import spaced
from webapp.reach.words import MEANS, OUTCOMES

CODE, FAMILY, PLACE, BOX = 15.0, 52.0, 40.0, 6.5  # widths in mm; the note has the rest
ROW = 17.0
HEADING = 8.0
MOST_PHONES = 2


def sheet(a_round: Round, rows: Sequence[RoundRow], language: str, made: str, *, phones: bool) -> bytes:
    """Write the list as a PDF; `made` says by whom and when. Telephone numbers only where `phones` allows."""
    title = gettext("Round list: %(means)s", means=MEANS[Means(a_round.means)])
    if a_round.scope:
        title += f" · {a_round.scope}"
    paper = Paper(
        title,
        gettext(
            "Confidential: for the school alone. Bring it back or destroy it. List %(number)s.",
            number=a_round.id,
        ),
        language,
    )
    _Sheet(paper, a_round, phones).write(title, made, rows)
    return bytes(paper.output())


class _Sheet:
    """Writes row by row, and says the heading again on a new page."""

    def __init__(self, paper: Paper, a_round: Round, phones: bool) -> None:
        self.paper, self.round, self.phones = paper, a_round, phones
        self.keys = KEYS[Means(a_round.means)]
        self.place = ""

    def write(self, title: str, made: str, rows: Sequence[RoundRow]) -> None:
        paper = self.paper
        paper.add_page()
        paper.say(15, bold=True)
        paper.multi_cell(paper.epw, 7, title, new_x="LMARGIN", new_y="NEXT")
        paper.say(9, grey=True)
        paper.multi_cell(paper.epw, 5, made, new_x="LMARGIN", new_y="NEXT")
        self._legend()
        self._columns()
        for row in rows:
            new_place = row.place != self.place or row is rows[0]
            if paper.get_y() + ROW + (HEADING if new_place else 0) > paper.page_break_trigger:
                paper.add_page()
                self._columns()
                self._heading(row.place)
            elif new_place:
                self._heading(row.place)
            self.place = row.place
            self._row(row)

    def _legend(self) -> None:
        paper = self.paper
        paper.ln(1)
        paper.say(9)
        for key, outcome in self.keys.items():
            word = f"{key} = {OUTCOMES[outcome]}"
            width = paper.get_string_width(word) + 6
            if paper.get_x() + width > paper.w - paper.r_margin:
                paper.ln(5)
            paper.cell(width, 5, word)
        paper.ln(5)
        paper.ln(1)

    def _columns(self) -> None:
        paper = self.paper
        paper.say(8, grey=True)
        for width, word in (
            (CODE, gettext("Code")),
            (FAMILY, gettext("Child, class, parent")),
            (PLACE, gettext("Address and phone") if self.phones else gettext("Address")),
        ):
            paper.cell(width, 5, paper.cut(word, width))
        paper.say(9, bold=True)
        for key in self.keys:
            paper.cell(BOX, 5, key, align=Align.C)
        paper.say(8, grey=True)
        paper.cell(0, 5, " " + gettext("Date, note"), new_x="LMARGIN", new_y="NEXT")
        paper.set_draw_color(0)
        paper.line(paper.l_margin, paper.get_y(), paper.w - paper.r_margin, paper.get_y())

    def _heading(self, place: str) -> None:
        paper = self.paper
        paper.say(11, bold=True)
        unknown = (
            gettext("Street not known") if self.round.order == Order.STREET else gettext("Class not known")
        )
        paper.cell(0, HEADING, paper.cut(place or unknown, paper.epw), new_x="LMARGIN", new_y="NEXT")

    def _row(self, row: RoundRow) -> None:
        paper, family = self.paper, row.family
        x, y = paper.l_margin, paper.get_y()
        paper.say(13, bold=True)
        self._at(x, y + 1.5, CODE, row.code)
        paper.say(8, grey=True)
        self._at(x, y + 7.5, CODE, f"{row.position}.")
        x += CODE
        children = children_of(family)
        paper.say(10, bold=True)
        for line, pupil in enumerate(children[:2]):
            more = f" +{len(children) - 2}" if line == 1 and len(children) > 2 else ""
            self._at(x, y + 1 + 5 * line, FAMILY, f"{pupil.name}, {pupil.school_class.name}{more}")
        paper.say(8)
        self._at(
            x,
            y + 1 + 5 * min(len(children), 2),
            FAMILY,
            ", ".join(guardian.name for guardian in family.guardians if guardian.name),
        )
        x += FAMILY
        paper.say(9)
        self._at(x, y + 1, PLACE, family.address or "—")
        if self.phones:
            for line, (_, number) in enumerate(phones_of(family)[:MOST_PHONES]):
                self._at(x, y + 6 + 5 * line, PLACE, spaced(number))
        x += PLACE
        paper.set_draw_color(0)
        for place in range(len(self.keys)):
            paper.rect(x + place * BOX + 1.2, y + 5.5, BOX - 2.4, BOX - 2.4)
        x += BOX * len(self.keys) + 2
        paper.set_draw_color(150)
        for below in (8.0, 15.0):
            paper.line(x, y + below, paper.w - paper.r_margin, y + below)
        paper.set_draw_color(200)
        paper.line(paper.l_margin, y + ROW, paper.w - paper.r_margin, y + ROW)
        paper.set_xy(paper.l_margin, y + ROW)

    def _at(self, x: float, y: float, width: float, text: str) -> None:
        self.paper.set_xy(x, y)
        self.paper.cell(width, 5, self.paper.cut(text, width - 1.5))
