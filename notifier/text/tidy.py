"""What a text pasted from Word or WhatsApp drags along, and its removal."""

import re
import unicodedata

# Soft hyphen, zero-width space and non-joiner, word joiner, byte-order mark, direction marks: nobody sees
# them, yet each makes a Latin SMS UCS-2.
INVISIBLE = "\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"

_invisible = re.compile(f"[{INVISIBLE}]")
_line_end = re.compile("\r\n|[\r\v\f\u0085\u2028\u2029]")
_space = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Half a surrogate pair is no character and no database takes it; what Unicode promises never to be one no
# feed reader takes. Tags, fillers and notes between the lines are invisible, too.
_control = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u034f\u115f\u1160\u2065\u3164\ud800-\udfff\ufdd0-\ufdef\uffa0"
    "\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
# A joiner means something only inside an emoji, such as a family.
_stray_joiner = re.compile("(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d")
_spaces = re.compile(" {2,}")
_line_edges = re.compile(" *\n *")
_blank_lines = re.compile("\n{3,}")
# Word writes the bullets of its Symbol font in the private use area: elsewhere they are empty boxes.
_WORD_BULLETS = str.maketrans({"\uf0b7": "•", "\uf0a7": "•", "\uf02d": "–"})


def tidy(text: str) -> str:
    """Clean `text` of what nobody sees, without losing meaning.

    Line ends become \\n, exotic spaces a space, runs of spaces one space, several blank lines one; invisible
    and control characters go; letters that came in two pieces (й as и and a breve) become one.
    """
    text = _space.sub(" ", _line_end.sub("\n", text))
    text = _stray_joiner.sub("", _control.sub("", _invisible.sub("", text)))
    text = unicodedata.normalize("NFC", text.translate(_WORD_BULLETS))
    text = _line_edges.sub("\n", _spaces.sub(" ", text))
    return _blank_lines.sub("\n\n", text).strip(" \n")
