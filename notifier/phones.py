"""Phone numbers as people and spreadsheets write them, to E.164; home is Kyrgyzstan.

libphonenumber knows which numbers exist; the rules here know how a school writes them down.
"""

import math
import re
import unicodedata
from collections.abc import Collection
from typing import Literal

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType, ValidationResult

Reason = Literal[
    "empty", "excel", "extension", "foreign", "landline", "multiple", "not_a_number", "short_code",
    "too_long", "too_short", "unassigned",
]  # fmt: skip

HOME, HOME_CODE, HOME_DIGITS = "KG", "996", 9
LONGEST = 200  # characters of a cell worth reading

_UNREADABLE: dict[int, Reason] = {
    NumberParseException.TOO_SHORT_AFTER_IDD: "too_short",
    NumberParseException.TOO_SHORT_NSN: "too_short",
    NumberParseException.TOO_LONG: "too_long",
}
_NOTHING = {"жок", "нет", "нету", "no", "none", "jok", "zhok", "na", "nan", "null", "0"}
_excel_lost = re.compile(r"\d+(?:[.,]\d+)?e[+-]?\d+|#[^\d]*", re.IGNORECASE).fullmatch
_excel_float = re.compile(r"(\+?\d+)[.,]0+").fullmatch
_link = re.compile(r"(?:(?:https?|whatsapp|viber)://|(?:wa|t)\.me/|tel:)[^\s\d+]*", re.IGNORECASE)
_comment = re.compile(r"\((?!\s*(?:доб|вн|ext|ички))(?=[^()]*[^\W\d_]{2})[^()]*\)", re.IGNORECASE)
_letter_o = re.compile(
    r"(?<=\d)[oо]+(?![^\W\d_])|(?<![^\W\d_])[oо]+(?=\d)|^[oо](?=[\s(.-]*\d)", re.IGNORECASE
)
_extension = re.compile(
    r"\d[\s,;.(-]*(?:;ext=|доб\w*|внутр?\w*|вн|ext\w*|ички|[xх#])[.:\s]*\d{1,6}\W*$", re.IGNORECASE
).search
_between = re.compile(
    r"[,;/\\|&\n]|(?<![^\W\d_])(?:же|или|and|or|жана|и)(?![^\W\d_])|(?<=\d)\s*(?=\+)", re.IGNORECASE
)
_gap = re.compile(r"[^\d+().]+")
# One run of digits with the marks people put between them; words only before and after it.
_number = re.compile(r"[^\d+]*([+\d][\d\s().+-]*)[^\d]*").fullmatch


class BadPhone(ValueError):
    """Not a number we may text; `reason` says why, in the one word the pages explain."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


def normalise(raw: object, countries: Collection[str] = (HOME,)) -> str:
    """Turn a cell or a typed number into E.164 ("+996555123456"); raise `BadPhone` where that takes a guess.

    `countries` are the regions whose mobile numbers we may text.
    """
    text = _clean(_written(raw))
    if text.casefold().strip(" .-") in _NOTHING or not any(c.isalnum() or c == "#" for c in text):
        raise BadPhone("empty")
    if _excel_lost(text):
        raise BadPhone("excel")
    if _extension(text):
        raise BadPhone("extension")
    pieces = _pieces(text)
    if len(pieces) > 1:
        raise BadPhone("multiple")
    found = _number(pieces[0])
    if not found or "@" in text:
        raise BadPhone("not_a_number")
    return _e164(found[1], countries)


def split_numbers(cell: object) -> list[str]:
    """Take apart a cell that holds several numbers, each piece to be normalised by itself.

    Comments and words that hold no number are left out; a cell without any is one piece, an empty one none.
    """
    try:
        text = _clean(_written(cell))
    except BadPhone as bad:
        return [] if bad.reason == "empty" else [str(cell)]
    return _pieces(text) if text else []


def suspicious(e164: str) -> bool:
    """Whether a number looks like one that lost its last digits behind a doubled country code.

    996555123456 without its last three reads as 0996 555 123, a mobile that may be somebody's.
    """
    doubled = f"+{HOME_CODE}{HOME_CODE}"
    if not e164.startswith(doubled):
        return False
    inside = e164.removeprefix(doubled).ljust(HOME_DIGITS, "0")
    return _is_mobile(PhoneNumber(country_code=int(HOME_CODE), national_number=int(inside)))


def masked(e164: str) -> str:
    """Show enough of a number to tell two apart in a log: "+996•••••456"."""
    if not e164.startswith("+") or len(e164) < 9:
        return "•••••"
    return f"{e164[:4] if e164.startswith(f'+{HOME_CODE}') else e164[:2]}•••••{e164[-3:]}"


def _written(raw: object) -> str:
    """What a person would see in the cell."""
    if raw is None or (isinstance(raw, float) and math.isnan(raw)):
        raise BadPhone("empty")
    if isinstance(raw, str):
        if len(raw) > LONGEST:
            raise BadPhone("too_long" if _digits(raw) > 15 else "not_a_number")
        return raw
    if isinstance(raw, bool) or not isinstance(raw, int | float) or raw < 0:
        raise BadPhone("not_a_number")
    if isinstance(raw, float) and not raw.is_integer():
        raise BadPhone("not_a_number")
    if raw >= 10**16:
        raise BadPhone("too_long")
    return str(int(raw))


def _clean(text: str) -> str:
    """Plain digits, dashes and spaces for whatever a phone's contact card or an old keyboard put there."""
    plain = []
    for character in text:
        category = unicodedata.category(character)
        if category == "Nd":
            plain.append(str(unicodedata.decimal(character)))
        elif category == "Pd" or character == "−":
            plain.append("-")
        elif category == "Zs" or (category == "Cc" and character != "\n"):
            plain.append(" ")
        elif "！" <= character <= "～":  # full width
            plain.append(chr(ord(character) - 0xFEE0))
        elif category != "Cf":
            plain.append(character)
    cleaned = "".join(plain).strip()
    if whole := _excel_float(cleaned):
        return whole[1]
    cleaned = _comment.sub(" ", _link.sub(" ", cleaned))
    return _letter_o.sub(lambda match: "0" * len(match[0]), cleaned.strip(" '\"\n"))


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _pieces(text: str) -> list[str]:
    """The numbers in a cleaned cell; the whole cell when it holds one, or none."""
    if _excel_lost(text):
        return [text]
    parts = [part.strip() for part in _between.split(text)]
    parts = [part for part in parts if _digits(part) or "@" in part]
    counts = [_digits(part) for part in parts]
    if len(parts) > 1 and 0 < min(counts) < 5 and HOME_DIGITS <= sum(counts) <= 15:
        # 0555/123-456, +996,555,123,456: one number whose groups are set apart by a comma or a slash.
        joined = _between.sub(" ", text)
        if _reads(joined):
            return [joined.strip()]
    numbers = [number for part in parts for number in _run_together(part)]
    return numbers or [text]


def _run_together(part: str) -> list[str]:
    """Numbers with only spaces or words between them: "0555 12 34 56 апасы 0700 12 34 56"."""
    if _digits(part) < 2 * HOME_DIGITS:
        return [part]
    numbers, pending = [], ""
    for chunk in _gap.split(part):
        pending = f"{pending} {chunk}".strip()
        # 996 555 123 is not yet the whole of 996 555 123 456.
        if _reads(pending) and not (pending.startswith(HOME_CODE) and _digits(pending) == HOME_DIGITS):
            numbers.append(pending)
            pending = ""
    if not numbers:
        return [part]
    return [*numbers, pending] if _digits(pending) else numbers


def _reads(text: str) -> bool:
    """Whether `text` is one whole number, textable or not."""
    found = _number(text)
    try:
        return bool(found and _e164(found[1], (HOME,)))
    except BadPhone as bad:
        return bad.reason in {"landline", "foreign"}


def _e164(run: str, countries: Collection[str]) -> str:
    digits = "".join(filter(str.isdigit, run))
    abroad = run.startswith("+")
    national = digits.removeprefix("0") if not abroad or digits.startswith("0") else ""
    if digits.startswith("00") or (digits.startswith("810") and len(digits) > 12):
        # 00 is the prefix for calls abroad, 8-10 what it was on old exchanges.
        digits = digits.lstrip("0").removeprefix("810")
        abroad, national = True, ""
    if digits.startswith(HOME_CODE) and (abroad or len(digits) > HOME_DIGITS):
        # "+996 0555 …" and "+996 (0) 555 …" keep the 0 that is dialled at home only.
        national, abroad = digits.removeprefix(HOME_CODE).removeprefix("0"), True
    elif not national or (len(digits) > 10 and not digits.startswith("0")):
        return _from_abroad(digits, countries)
    return _at_home(national, abroad, countries)


def _at_home(national: str, abroad: bool, countries: Collection[str]) -> str:
    if len(national) < HOME_DIGITS:
        is_code = not abroad and 3 <= len(national) <= 4 and national != HOME_CODE
        raise BadPhone("short_code" if is_code else "too_short")
    if len(national) > HOME_DIGITS:
        raise BadPhone("too_long")
    if HOME not in countries:
        raise BadPhone("foreign")
    return _textable(PhoneNumber(country_code=int(HOME_CODE), national_number=int(national)))


def _from_abroad(digits: str, countries: Collection[str]) -> str:
    """A number with another country's code; Russians and Kazakhs also write theirs with 8 for +7."""
    if len(digits) == 11 and digits.startswith(("87", "89")):
        digits = "7" + digits[1:]
    try:
        number = phonenumbers.parse("+" + digits)
    except NumberParseException as error:
        raise BadPhone(_UNREADABLE.get(error.error_type, "unassigned")) from None
    if phonenumbers.is_valid_number(number):
        if phonenumbers.region_code_for_number(number) not in countries:
            raise BadPhone("foreign")
        return _textable(number)
    match phonenumbers.is_possible_number_with_reason(number):
        case ValidationResult.TOO_SHORT | ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            raise BadPhone("too_short")
        case ValidationResult.TOO_LONG:
            raise BadPhone("too_long")
    raise BadPhone("unassigned")


def _textable(number: PhoneNumber) -> str:
    if not phonenumbers.is_valid_number(number):
        raise BadPhone("unassigned")
    if not _is_mobile(number):
        raise BadPhone("landline")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_mobile(number: PhoneNumber) -> bool:
    mobile = PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE
    return phonenumbers.number_type(number) in mobile
