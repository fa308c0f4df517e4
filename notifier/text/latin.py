"""Kyrgyz and Russian in Latin letters, so that an SMS costs half.

The table is a recommendation, not an official standard; it cannot be read back (щ and ш merge, ъ and ь go).
ö, ü, ñ are GSM-7, so ө, ү, ң cost one septet each.
"""

import re
import unicodedata

KYRGYZ = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "j", "з": "z", "и": "i",
    "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "ң": "ñ", "о": "o", "ө": "ö", "п": "p", "р": "r",
    "с": "s", "т": "t", "у": "u", "ү": "ü", "ф": "f", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh",
    "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
}  # fmt: skip
# A Russian text keeps the Kyrgyz letters of names as they are in Kyrgyz.
RUSSIAN = KYRGYZ | {"ж": "zh", "щ": "sch"}
NEIGHBOURS = {  # letters of names from next door
    "қ": "k", "ғ": "g", "ҳ": "h", "ў": "o", "ә": "ä", "і": "i", "ұ": "u", "һ": "h", "ӣ": "i", "ӯ": "u",
    "ҷ": "j",
}  # fmt: skip
PUNCTUATION = {
    "№": "N", "«": '"', "»": '"', "“": '"', "”": '"', "„": '"', "‟": '"', "‘": "'", "’": "'", "‚": "'",
    "ʼ": "'", "`": "'", "´": "'", "–": "-", "—": "-", "\u2011": "-", "−": "-", "―": "-", "…": "...",
    "•": "-", "·": "-", "×": "x", "°": "", "₽": "rub",
    "\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2009": " ", "\t": " ", "\u2028": "\n", "\u2029": "\n",
    "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u00ad": "", "\u0951": "",
}  # fmt: skip
# Letters of GSM-7 that an old handset or a careless route shows as another glyph.
PLAIN = dict(zip("àåäÄÅÇÉèéìñÑòöÖøØùüÜ", "aaaAACEeeinNooOoOuuU", strict=True))
PLAIN |= {"æ": "ae", "Æ": "AE", "ß": "ss"}

_LOOK_ALIKE_CYRILLIC = "АВЕКМНОРСТУХІаеікорсух"
_LOOK_ALIKE_LATIN = "ABEKMHOPCTYXIaeikopcyx"
_as_latin_shapes = str.maketrans(_LOOK_ALIKE_CYRILLIC, _LOOK_ALIKE_LATIN)
_as_cyrillic_shapes = str.maketrans(_LOOK_ALIKE_LATIN, _LOOK_ALIKE_CYRILLIC)

_invisible = str.maketrans({c: "" for c, latin in PUNCTUATION.items() if not latin and c != "°"})
_scripts_touch = re.compile("[A-Za-z][Ѐ-ӿ]|[Ѐ-ӿ][A-Za-z]").search
_token = re.compile(r"[^\W\d_]+")
_latin_run = re.compile("[A-Za-z]+")
# Not before an accent of its own: what would be left of it is another letter.
_not_plain = re.compile(f"[{''.join(PLAIN)}](?![\u0300-\u036f])")
_y_beside_y = re.compile("(?<=[ыЫ])[йЙ]|[йЙ](?=[ыЫ])")


class _Script:
    """One language's way into Latin: a table, and the capitals that become two or three letters."""

    def __init__(self, letters: dict[str, str]) -> None:
        letters = letters | NEIGHBOURS
        capitals = {c.upper(): latin.capitalize() for c, latin in letters.items()}
        self.letters = frozenset(letters | capitals)
        self.table = str.maketrans(PUNCTUATION | letters | capitals)
        self.digraphs = {c: latin.upper() for c, latin in capitals.items() if len(latin) > 1}
        upper = "".join(capitals) + "A-ZÀ-ÖØ-Þ"
        wide = "".join(self.digraphs)
        # Ш is SH before a capital or at the end of a word of capitals, else Sh: Шаршемби, ЖЫЙНАЛЫШ, Ш. К.
        self.in_capitals = re.compile(rf"[{wide}](?=[{upper}])|(?<=[{upper}])[{wide}](?![^\W\d_])")


_SCRIPTS = {"ky": _Script(KYRGYZ), "ru": _Script(RUSSIAN)}


def to_latin(text: str, language: str = "ky", ascii: bool = False) -> str:
    """Write `text` in the Latin letters of GSM-7, or of plain ASCII with `ascii`.

    `language` is "ky" or "ru": ж is j in Kyrgyz and zh in Russian; any other is read as Kyrgyz. What the
    table does not know (an emoji, ş) stays in the text: ask `unsayable` for it.
    """
    script = _SCRIPTS["ru" if language == "ru" else "ky"]
    # й and ё may come in two pieces, with something invisible in between.
    text = unicodedata.normalize("NFC", text.translate(_invisible))
    if _scripts_touch(text):
        text = _token.sub(lambda match: _one_script(match[0], script), text)
    if language != "ru":
        # жыйын is jyiyn: "jyyyn" cannot be read.
        text = _y_beside_y.sub(lambda match: "I" if match[0] == "Й" else "i", text)
    text = script.in_capitals.sub(lambda match: script.digraphs[match[0]], text)
    text = unicodedata.normalize("NFC", text.translate(script.table))
    return _not_plain.sub(lambda match: PLAIN[match[0]], text) if ascii else text


def _one_script(token: str, script: _Script) -> str:
    """Undo a slip of the keyboard: СОVID typed half in Cyrillic is COVID, cабак with a Latin c is сабак."""
    cyrillic = [c for c in token if "Ѐ" <= c <= "ӿ"]
    runs = _latin_run.findall(token)
    if not cyrillic or not runs:
        return token
    if all(c in _LOOK_ALIKE_CYRILLIC for c in cyrillic):
        return token.translate(_as_latin_shapes)
    # A Latin word with a Kyrgyz ending (PCлер) stays; lone look-alike letters among Cyrillic do not.
    slips = all(len(run) == 1 and run in _LOOK_ALIKE_LATIN for run in runs)
    return token.translate(_as_cyrillic_shapes) if slips and script.letters.issuperset(cyrillic) else token
