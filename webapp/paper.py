"""Sheets of A4 as PDF, with letters of their own: they print the same on a machine that has no fonts."""

from __future__ import annotations

from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align

FONTS = Path(__file__).parent / "fonts"
FONT = "Noto Sans"
MARGIN = 12  # mm
FOOT = 14  # mm at the bottom that belong to the footer


class Paper(FPDF):
    """A document in Noto Sans, which has ң ө ү; `foot` and the page's number stand under every page."""

    def __init__(self, title: str, foot: str, language: str, *, landscape: bool = False) -> None:
        super().__init__(orientation="landscape" if landscape else "portrait", unit="mm", format="A4")
        self.foot = foot
        self.add_font(FONT, "", FONTS / "NotoSans-Regular.ttf")
        self.add_font(FONT, "B", FONTS / "NotoSans-Bold.ttf")
        self.set_title(title)
        self.set_lang(language)
        self.set_creator("Kabarchy")
        self.set_margin(MARGIN)
        self.set_auto_page_break(True, margin=FOOT + 2)
        self.say(10)

    def say(self, size: float, *, bold: bool = False, grey: bool = False) -> None:
        """Write what follows in this size, in points."""
        self.set_font(FONT, "B" if bold else "", size)
        self.set_text_color(90 if grey else 0)

    def cut(self, text: str, width: float) -> str:
        """Return as much of `text` as fits into `width` mm in the letters now set, with … where it ends."""
        if self.get_string_width(text) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.get_string_width(text[:middle].rstrip() + "…") <= width:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + "…"

    def upright(self, name: str, middle: float, bottom: float, height: float) -> None:
        """Write the name of a narrow column upwards, in two lines where one is too short."""
        lines = self._lines(name, height)
        for number, line in enumerate(lines):
            at = middle + 1.2 + (number - (len(lines) - 1) / 2) * 3.2
            with self.rotation(90, at, bottom):
                self.text(at, bottom, line)

    def _lines(self, name: str, room: float) -> list[str]:
        if self.get_string_width(name) <= room:
            return [name]
        words, first = name.split(), ""
        while words and self.get_string_width(f"{first} {words[0]}") <= room:
            first = f"{first} {words.pop(0)}".strip()
        return [first, self.cut(" ".join(words), room)] if first else [self.cut(name, room)]

    def footer(self) -> None:
        self.set_y(-FOOT)
        self.say(8, grey=True)
        self.cell(self.epw - 30, 5, self.cut(self.foot, self.epw - 30))
        self.cell(30, 5, f"{self.page_no()} / {{nb}}", align=Align.R)
