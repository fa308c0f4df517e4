"""The short answers parents send by SMS: ООБА, ЖОК, ТВ 5, ТОКТОТ, and how else people type them.

A message is a keyword only when nothing in it is left unread: "ооба, бирок бүгүн келе албайбыз" waits for a
person. Beside the words of the notices two are understood because parents write them unasked: WRONG ("this is
not the number you want": a stranger must not go on reading about a child) and REPEAT ("send it again").
"""

import re
import unicodedata
from typing import Literal, NamedTuple

Intent = Literal["YES", "NO", "TV", "STOP", "START", "HELP", "LANG_KY", "LANG_RU", "WRONG", "REPEAT"]


class Keyword(NamedTuple):
    """What a short answer asks for; `grade` is the class number after ТВ, if exactly one was given."""

    intent: Intent
    grade: int | None = None


LONGEST = 160  # characters; who writes more has something to say
GRADES = range(13)  # 0 is the preparatory class

# Phrases are parted by commas. Either script will do: both are folded to the same key.
_PHRASES: dict[Intent, str] = {
    "YES": "ооба, макул, жарайт, алдым, алдык, туура, таныштым, таныштык, окудум, окудук, түшүндүм, "
    "түшүндүк, билдим, да, ага, ок, окей, okay, хорошо, принято, принял, приняла, ознакомлен, ознакомлена, "
    "ознакомлены, ознакомился, ознакомилась, получил, получила, получили, прочитал, прочитала, согласен, "
    "согласна, понял, поняла, понятно, yes, yep",
    "NO": "жок, жо, йок, нет, нету, nyet, no, het",
    "STOP": "стоп, stopall, отписка, отписаться, отпишите, отказ, cancel, end, quit, unsubscribe, токтот, "
    "токтотуңуз, токтоткула, токтоткун, керек эмес, жазбаңыз, жибербеңиз, не пишите, не присылайте",
    "START": "башта, баштоо, баштаңыз, старт, жазыл, жазылуу, подписка, подписаться",
    "HELP": "жардам, жардам бериңиз, жардам керек, помощь, помогите, нужна помощь, help, info, инфо",
    "LANG_KY": "кыргызча, кырг, кг, кыргыз тилинде, на кыргызском, по кыргызски",
    "LANG_RU": "русский, орусча, орус тилинде, по русски, на русском, russian, rus, ru",
    "WRONG": "ката номер, номер ката, бул ката номер, туура эмес номер, номер туура эмес, не тот номер, "
    "это не тот номер, ошибка номером, ошиблись номером, вы ошиблись номером, wrong number",
    "REPEAT": "кайтала, кайталаңыз, кайра жөнөт, кайра жөнөтүңүз, кайра жибер, кайра жибериңиз, повтори, "
    "повторите, еще раз, repeat, again",
}
_TV = (
    "тв, tb, теле, телесабак, телесабактар, телеурок, телеуроки, жадыбал, жадыбалы, расписание, "
    "телесабактын жадыбалы, расписание телеуроков"
)
_GRADE_WORDS = "класс, класска, классы, кл, класстын, класса"
# What politeness adds, and what answers nothing by itself.
_POLITE = "рахмат, чоң рахмат, спасибо, thanks, салам, саламатсызбы, здравствуйте, агай, эже, эжеке, деп"

# Whole messages of one sign. Y and N only so: Cyrillic "и" sounds like y and is no answer.
_SIGNS: dict[str, Intent] = {"+": "YES", "👍": "YES", "👌": "YES", "✅": "YES", "0": "NO", "?": "HELP"}
_BESIDE_SIGNS = frozenset(" \ufe0f🏻🏼🏽🏾🏿")
_LETTERS: dict[str, Intent] = {"y": "YES", "n": "NO"}
_NOT_ANSWERS = {"но"}  # Russian "but", which sounds like no

_SOUNDS = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "j", "з": "z", "и": "i", "к": "k",
        "л": "l", "м": "m", "н": "n", "ң": "n", "о": "o", "ө": "o", "п": "p", "р": "r", "с": "s", "т": "t",
        "у": "u", "ү": "u", "ф": "f", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ы": "i",
        "ь": "", "э": "e", "ю": "iu", "я": "ia", "ґ": "g", "і": "i", "ѕ": "s",
        "w": "sh", "y": "i", "q": "k", "x": "h",
    }
)  # fmt: skip
_spellings = re.compile("dzh|dj|zh|shch|sch|kh|c(?!h)")
_SPELLINGS = {"dzh": "j", "dj": "j", "zh": "j", "shch": "sh", "sch": "sh", "kh": "h", "c": "s"}
_stretched = re.compile(r"([^\W\d])\1+")
# Digits stand for letters only inside a word: 00БА, кыргыз4а.
_DIGIT_LETTERS = str.maketrans("034", "ozч")
_to_cyrillic_shapes = str.maketrans("abekmhopctyx", "авекмнорстух")
_to_latin_shapes = str.maketrans("авекмнорстух", "abekmhopctyx")


def _fold(word: str) -> str:
    """One key for a word however it is spelt: ООБА, ooba, оооба; ЖАРДАМ, zhardam, djardam."""
    word = _stretched.sub(r"\1", word)  # before щщщ becomes shshsh
    sound = _spellings.sub(lambda match: _SPELLINGS[match[0]], word.translate(_SOUNDS))
    return _stretched.sub(r"\1", sound)


def _folded(phrases: str) -> set[str]:
    """The keys of phrases parted by commas, each without its spaces."""
    return {_fold(_plain(phrase).replace(" ", "")) for phrase in phrases.split(",")}


def _plain(text: str) -> str:
    """Lower-case letters, digits and single spaces, without accents and what nobody sees."""
    letters = []
    for character in unicodedata.normalize("NFKD", text.replace("№", " ")).casefold():
        if character.isalnum():
            letters.append(character)
        elif character.isspace() or unicodedata.category(character)[0] not in "MC":
            letters.append(" ")
    return " ".join("".join(letters).split())


_WORDS: dict[str, Intent] = {key: intent for intent, words in _PHRASES.items() for key in _folded(words)}
_FILLERS = _folded(_POLITE)
_LONGEST_PHRASE = 3  # words


def _tv_pattern() -> re.Pattern[str]:
    words, classes = "|".join(sorted(_folded(_TV))), "|".join(sorted(_folded(_GRADE_WORDS)))
    grade = rf"\d{{1,2}} ?(?:(?:{classes})|(?:[a-z]|sh)(?: ?(?:{classes}))?)?"
    return re.compile(rf"(?:{words}) ?(?P<after>{grade}(?: {grade})*)?|(?P<before>{grade}) (?:{words})")


_tv = _tv_pattern().fullmatch


def read(text: str) -> Keyword | None:
    """Read a parent's SMS as a keyword, in whatever script and typing; None when a person should read it."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        return None
    # Stretching is typing too: +++, ???
    if len(signs := set(text) - _BESIDE_SIGNS) == 1 and (sign := _SIGNS.get(signs.pop())):
        return Keyword(sign)
    plain = _plain(text)
    if plain in _LETTERS:
        return Keyword(_LETTERS[plain])
    if plain in _NOT_ANSWERS:
        return None
    for reading in (plain, plain.translate(_to_cyrillic_shapes), plain.translate(_to_latin_shapes)):
        if keyword := _asks_for_lessons(reading) or _says(reading):
            # "ООБА?" asks; it does not answer.
            return None if "?" in text and keyword.intent in {"YES", "NO"} else keyword
    return None


def _asks_for_lessons(plain: str) -> Keyword | None:
    words = [word for word in map(_fold, plain.split()) if word not in _FILLERS]
    if not (found := _tv(" ".join(words))):
        return None
    grades = [int(grade) for grade in re.findall(r"\d+", found[0])]
    return Keyword("TV", grades[0] if len(grades) == 1 and grades[0] in GRADES else None)


def _says(plain: str) -> Keyword | None:
    """The one intent that every word of a message agrees on."""
    words = [_fold(word if word.isdigit() else word.translate(_DIGIT_LETTERS)) for word in plain.split()]
    if whole := _WORDS.get(_stretched.sub(r"\1", "".join(words))):  # ооо ба
        return Keyword(whole)
    intents: set[Intent] = set()
    while words:
        for length in range(min(_LONGEST_PHRASE, len(words)), 0, -1):
            phrase = "".join(words[:length])
            if phrase in _WORDS or phrase in _FILLERS:
                break
        else:
            return None
        if intent := _WORDS.get(phrase):
            intents.add(intent)
        words = words[length:]
    return Keyword(intents.pop()) if len(intents) == 1 else None
