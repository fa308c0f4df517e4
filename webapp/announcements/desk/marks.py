"""Which marks may be told: clauses 4.2, 4.3 and 4.5 let only what is positive be assessed (pure).

A mark goes only when it is known to be positive, in whatever spelling, so that none slips through in a script
nobody thought of. In a text that somebody typed, negative marks are looked for by the words around them.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

# What looks alike is read alike: Latin letters in a Cyrillic word, ё without its dots.
_ALIKE = str.maketrans("aceopxykmtbhnё", "асеорхукмтвнне")
_POSITIVE = {
    *("5", "4", "3", "v", "iv", "iii", "a", "b", "c", "үч", "төрт", "беш", "три", "четыре", "пять", "тройка"),
    *("четверка", "пятерка", "отлично", "хорошо", "удовлетворительно", "зачет", "зачтено", "сдано", "сдал"),
    *("сдала", "жакшы", "эң жакшы", "абдан жакшы", "мыкты", "канааттандырарлык", "өттү", "тапшырды"),
    *("кабыл алынды", "отл", "хор", "удовл", "уд", "очень хорошо", "passed", "pass", "excellent", "good"),
    *("very good", "satisfactory", "uch", "tort", "besh", "tri", "chetyre", "piat", "otlichno", "horosho"),
    *("zachet", "jakshy", "zhakshy", "en jakshy", "ottu"),
}
_NEGATIVE = {
    *(
        "0",
        "1",
        "2",
        "i",
        "ii",
        "d",
        "e",
        "f",
        "нөл",
        "ноль",
        "бир",
        "эки",
        "один",
        "два",
        "единица",
        "двойка",
    ),
    *("двойки", "кол", "экилик", "бирдик", "неуд", "неудовлетворительно", "незачет", "незачтено", "несдано"),
    *("не зачтено", "не зачет", "не сдано", "не сдал", "не сдала", "плохо", "слабо", "начар", "жаман"),
    *("өткөн жок", "өтпөдү", "өтө алган жок", "тапшырган жок", "тапшырбады", "канааттандырарлык эмес"),
    *("зачет эмес", "зачет алган жок", "nol", "bir", "eki", "odin", "dva", "dvoyka", "dvoika", "edinitsa"),
    *("nezachet", "ne zachet", "ne sdal", "neud", "neudovletvoritelno", "plokho", "ploho", "nachar", "jaman"),
    *("zhaman", "otkon jok", "fail", "failed", "not passed", "did not pass", "below pass", "poor", "bad"),
    "unsatisfactory",
}
_word, _cyrillic = re.compile(r"\w+"), re.compile("[а-яөүң]")
_points = re.compile(r"(\d{1,3}(?:[.,]\d)?)\s*(?:/|из|ден|дан|тен|тан|of|out of)\s*(\d{1,3})")
_percent = re.compile(r"(\d{1,3}(?:[.,]\d)?)\s*(?:%|пайыз|процент\w*|percent)")
# Half of all points is the least that is no failure.
PASS = 0.5
_BAD = r"(?:[012](?![\d/.,:]\d|\d)|нөл|ноль|бир|эки|один|два|двойк\w*|единиц\w*|кол)"
_in_text = tuple(
    re.compile(pattern)
    for pattern in (
        # A mark behind its name, before "алды", behind "получил".
        rf"\b(?:оценк\w*|отметк\w*|балл?\w{{0,3}}|баа(?:сы|ны)?|mark|grade)\b\W{{0,4}}{_BAD}(?!\w|[-–]\w)",
        r"(?<![\w№/.,:-])(?:[012]|эки|бир|экилик|двойка|нөл)\s+(?:деген\s+)?(?:баа\s+)?(?:алды|алган|койдум|коюлду)\b",
        r"\bполучил\w*\s+(?:[012]\s*(?:[.,;!]|$)|два\s*(?:[.,;!]|$)|двойк\w*|единиц\w*|кол\b|неуд|незачет)",
        # Words that mean nothing else.
        r"\b(?:двойк[аиуой]\w*|неуд|неудовлетворительн\w*|незачет\w*|не\s+зачтен\w*)\b",
        r"\bканааттандырарлык\s+эмес\b|\bзачет\s+эмес\b|\bзачет\w*\s+алган\s+жок\b|\bunsatisfactory\b",
    )
)


class Verdict(StrEnum):
    POSITIVE = "positive"
    NEGATIVE = "negative"
    UNKNOWN = "unknown"  # nobody can tell what it is


def judge(mark: str) -> Verdict:
    """Say what a mark is, however it is spelt."""
    if _raised_or_enclosed(mark):
        mark = unicodedata.normalize("NFKC", mark)
    plain = _plain(mark)
    for read in (plain, plain.translate(_ALIKE)):
        verdict = _as_word(read)
        if verdict is not Verdict.UNKNOWN:
            return verdict
    return Verdict.UNKNOWN


def negative_in(text: str) -> bool:
    """Say whether a text that somebody typed tells a negative mark."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    # Word by word: to look for a letter with anything around it takes hours in a long row of digits.
    alike = _word.sub(lambda word: word[0].translate(_ALIKE) if _cyrillic.search(word[0]) else word[0], plain)
    return any(pattern.search(alike) for pattern in _in_text)


def _as_word(plain: str) -> Verdict:
    if found := _points.fullmatch(plain):
        got, most = _number(found[1]), _number(found[2])
        # 2/5 and 5/5: of five points the mark itself is meant.
        least = 3 / 5 if most == 5 else PASS
        fits = most > 0 and got <= most
        return (Verdict.POSITIVE if got / most >= least else Verdict.NEGATIVE) if fits else Verdict.UNKNOWN
    if found := _percent.fullmatch(plain):
        got = _number(found[1])
        return Verdict.UNKNOWN if got > 100 else Verdict.POSITIVE if got >= 100 * PASS else Verdict.NEGATIVE
    word = plain.strip(" +-.!()\"'«»")
    if re.fullmatch(r"-\s*\d+", plain):
        return Verdict.NEGATIVE
    # "5 (беш)", "2 эки", "3 балл", "бааcы 4": every word must be good, and one bad is enough.
    bare = re.sub(
        r"\b(?:балл\w*|баа|баасы|оценка|отметка|деген|mark|grade|plus|minus|плюс|минус)\b", " ", word
    )
    bare = " ".join(re.sub(r"[^\w]+", " ", bare).split())
    if bare in _NEGATIVE or word in _NEGATIVE:
        return Verdict.NEGATIVE
    if bare in _POSITIVE:
        return Verdict.POSITIVE
    words = bare.split()
    if any(each in _NEGATIVE for each in words):
        return Verdict.NEGATIVE
    return Verdict.POSITIVE if words and all(each in _POSITIVE for each in words) else Verdict.UNKNOWN


def _plain(mark: str) -> str:
    """Lower case, no marks above letters, digits of every script as ours; a keycap is its digit."""
    digits = "".join(str(unicodedata.digit(each)) if each.isdigit() else each for each in mark)
    kept = "".join(each for each in digits if unicodedata.category(each) not in {"Mn", "Me", "Cf", "Cc"})
    plain = (
        unicodedata.normalize("NFKC", kept).casefold().replace("ё", "е").replace("–", "-").replace("−", "-")
    )
    return " ".join(plain.split())


def _raised_or_enclosed(mark: str) -> bool:
    return any(unicodedata.decomposition(each).startswith("<") for each in mark)


def _number(text: str) -> float:
    return float(text.replace(",", "."))
