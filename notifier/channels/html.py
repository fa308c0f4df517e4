"""A letter's plain text as HTML that looks alike in every mail program (pure).

The text is all there is: nothing is stored twice, and both versions say the same. Whatever is typed is shown
as it was typed; of its form, only this is read:

    an empty line                     begins a paragraph
    two spaces, cells two apart       a row of a table: when, where, what
    http:// and https://              a link
    +996 312 000 095                  a number that a phone calls

Tables and inline styles, because Outlook and the Gmail app know little else; no image and no address that
would tell anybody that the letter was opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby

from notifier.message import Stationery

LINK = re.compile(r"https?://[^\s<>\"']+")
# As schools write theirs: with the country's code, so that a phone knows what it is.
PHONE = re.compile(r"(?<![\w+])\+\d{1,3}(?:[ \u00a0-]?\d{2,4}){2,5}(?!\w)")
# What ends a sentence does not belong to the address before it.
AFTER_LINK = ".,;:!?)»”…"
PARAGRAPHS = re.compile(r"\n(?:[ \t]*\n)+")
GAP = re.compile(r" {2,}")
INDENT = "  "
CELLS = 3

# Programs that know no style sheet show the light letter, and turn it dark in their own way.
DARK = (
    "@media(prefers-color-scheme:dark){"
    ".k-b{background:#16130f!important}.k-c{background:#211d18!important;border-color:#3d362d!important}"
    ".k-t,.k-t h2,.k-t h3{color:#f2ebe0!important}.k-s,.k-s a{color:#b9ae9f!important}"
    ".k-r{border-color:#3d362d!important}.k-t a{color:#ff9a85!important}}"
)
FONT = "font-family:Arial,'Helvetica Neue',sans-serif"
FRAME = (
    "<!doctype html>\n"
    '<html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    '<meta name="format-detection" content="date=no,address=no,email=no">'
    '<meta name="color-scheme" content="light dark">'
    '<meta name="supported-color-schemes" content="light dark">'
    "<title>{subject}</title><style>{dark}</style></head>\n"
    '<body class="k-b" style="margin:0;padding:0;background:#f3ede2">\n'
    '<table role="presentation" class="k-b" width="100%" cellpadding="0" cellspacing="0" border="0" '
    'bgcolor="#f3ede2"><tr><td align="center" style="padding:12px 8px 24px">\n'
    '<!--[if mso]><table role="presentation" width="600" cellpadding="0" cellspacing="0"><tr><td>'
    "<![endif]-->\n"
    '<table role="presentation" class="k-c" width="100%" cellpadding="0" cellspacing="0" border="0" '
    'bgcolor="#ffffff" style="max-width:600px;background:#ffffff;border:1px solid #ddd3c3">\n'
    "{head}{text}{close}</table>\n"
    "{stop}"
    "<!--[if mso]></td></tr></table><![endif]-->\n"
    "</td></tr></table>\n</body></html>\n"
)
HEAD = (
    '<tr><td align="left" bgcolor="#a8321e" style="background:#a8321e;padding:14px 20px;' + FONT + ";"
    'font-size:17px;line-height:1.3;font-weight:bold;color:#ffffff">{}</td></tr>\n'
)
TEXT = (
    '<tr><td class="k-t" align="left" style="padding:20px 20px 6px;' + FONT + ";"
    'font-size:16px;line-height:1.5;color:#241f19">\n{}</td></tr>\n'
)
CLOSE = (
    '<tr><td class="k-s k-r" align="left" style="border-top:1px solid #ddd3c3;padding:14px 20px 16px;'
    + FONT
    + ";"
    'font-size:14px;line-height:1.5;color:#5d5347">{}</td></tr>\n'
)
STOP = (
    '<p class="k-s" style="margin:14px 8px 0;text-align:center;' + FONT + ";"
    'font-size:13px;line-height:1.5;color:#5d5347">'
    '<a href="{}" style="color:#5d5347;display:inline-block;padding:8px">{}</a></p>\n'
)
# A long address must not make the letter wider than the phone.
LINKED = '<a href="{}" style="color:#a8321e;word-break:break-word;overflow-wrap:anywhere">{}</a>'
CALLED = '<a href="tel:{}" style="color:inherit;white-space:nowrap">{}</a>'
P = '<p style="margin:0 0 14px">{}</p>\n'
H2 = '<h2 style="margin:4px 0 6px;font-size:18px;line-height:1.3">{}</h2>\n'
H3 = '<h3 style="margin:10px 0 4px;font-size:15px;line-height:1.4">{}</h3>\n'
TABLE = (
    '<table width="100%" cellpadding="0" cellspacing="0" border="0" '
    'style="margin:0 0 14px;border-collapse:collapse">{}</table>\n'
)
CELL = (
    'align="left" valign="top" class="k-r" style="border-bottom:1px solid #ddd3c3;padding:7px 10px 7px 0;{}"'
)
TIME = (
    '<th scope="row" width="100" '
    + CELL.format("width:100px;font-weight:bold;white-space:nowrap")
    + ">{}</th>"
)
OTHER = "<td " + CELL.format("") + ">{}</td>"
WHERE = '<br><span class="k-s" style="font-size:14px;color:#5d5347">{}</span>'


def as_html(subject: str, body: str, stationery: Stationery, stop_at: str) -> str:
    """Return the letter as one HTML document; `stop_at` is the address to stop such letters at."""
    paragraphs = PARAGRAPHS.split(body.replace("\r\n", "\n").strip("\n"))
    # Written by the school, the last paragraph says whom it concerns, who writes and how to answer.
    closing = paragraphs.pop() if stationery.heading and len(paragraphs) > 1 else ""
    return FRAME.format(
        language=escape(stationery.language),
        subject=escape(subject),
        dark=DARK,
        head=HEAD.format(escape(stationery.heading)) if stationery.heading else "",
        text=TEXT.format("".join(_paragraph(each) for each in paragraphs)),
        close=CLOSE.format(_lines(closing)) if closing else "",
        stop=STOP.format(escape(stop_at), escape(stationery.stop)) if stationery.stop else "",
    )


def _paragraph(text: str) -> str:
    lines = text.split("\n")
    if not any(map(_is_row, lines)):
        return P.format(_lines(text))
    return "".join(_with_tables(lines))


def _with_tables(lines: list[str]) -> Iterator[str]:
    """Write a paragraph that has rows: the line before them is their title, the first that of all."""
    first = True
    for are_rows, group in groupby(lines, _is_row):
        if are_rows:
            yield TABLE.format("".join(map(_row, group)))
            continue
        *above, title = group
        for line in above:
            yield (H2 if first else P).format(_linked(line))
            first = False
        yield (H2 if first else H3).format(_linked(title))
        first = False


def _is_row(line: str) -> bool:
    return line.startswith(INDENT) and GAP.search(line.strip()) is not None


def _row(line: str) -> str:
    """Write when, what and, below it, where: three columns are too many for a phone."""
    when, *where, what = GAP.split(line.strip(), maxsplit=CELLS - 1)
    below = WHERE.format(_linked(where[0])) if where else ""
    return f"<tr>{TIME.format(_linked(when))}{OTHER.format(_linked(what) + below)}</tr>\n"


def _lines(text: str) -> str:
    return "<br>\n".join(map(_linked, text.split("\n")))


def _linked(line: str) -> str:
    """Escape a line; addresses in it can be followed, and numbers called."""
    written, at = [], 0
    for found in LINK.finditer(line):
        address = found.group().rstrip(AFTER_LINK)
        written.append(_callable(line[at : found.start()]))
        written.append(LINKED.format(escape(address), escape(address)))
        at = found.start() + len(address)
    return "".join([*written, _callable(line[at:])])


def _callable(text: str) -> str:
    """Escape a text; phone numbers in it can be called."""
    written, at = [], 0
    for found in PHONE.finditer(text):
        digits = "+" + "".join(filter(str.isdigit, found.group()))
        written += [escape(text[at : found.start()]), CALLED.format(digits, escape(found.group()))]
        at = found.end()
    return "".join([*written, escape(text[at:])])
