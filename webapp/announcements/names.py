"""What to call a child in an SMS, where every letter costs: the given name, more only when it is needed."""

from __future__ import annotations

import re
from collections.abc import Sequence

_surname = re.compile("(ов|ова|ев|ева|ёв|ёва|ский|ская|цкий|цкая|енко)$", re.IGNORECASE)
# Карина and Амина end like surnames too, so these only count when the other word is no surname either.
_maybe_surname = re.compile("(ин|ина|ын|ына)$", re.IGNORECASE)
_patronymic = re.compile("(ович|евич|ьич|овна|евна|ична|инична)$", re.IGNORECASE)
_child_of = {"уулу", "кызы", "uulu", "kyzy"}


def given_name(name: str) -> str:
    """Find the given name in a pupil's name, however the class list orders it.

    Class lists write "Экөөбаев Нурлан Сабырович", "Нурлан Экөөбаев" and "Сабыр уулу Нурлан" alike.
    A word that turns out to be the surname still says which child is meant.
    """
    words = name.split()
    for index, word in enumerate(words):
        if word.lower() in _child_of and index:
            # The word before belongs to it: Сабыр уулу is a son of Сабыр.
            rest = words[: index - 1] + words[index + 1 :]
            return rest[0] if rest else name
    words = [word for word in words if not _patronymic.search(word)] or words
    if len(words) < 2:
        return words[0] if words else name
    first, second = (_likeness_to_surname(word) for word in words[:2])
    return words[0] if second > first else words[1] if first > second else words[0]


def _likeness_to_surname(word: str) -> int:
    return 2 if _surname.search(word) else 1 if _maybe_surname.search(word) else 0


def short_names(names: Sequence[str]) -> list[str]:
    """Call each of the children so that no two are called the same: Нурлан; Нурлан Э.; Нурлан Экөөбаев."""
    given = [given_name(name) for name in names]
    initials = [_with_initial(name, first) for name, first in zip(names, given, strict=True)]
    called = []
    for index, name in enumerate(names):
        for form in (given, initials):
            if form.count(form[index]) == 1:
                called.append(form[index])
                break
        else:
            called.append(name)
    return called


def _with_initial(name: str, given: str) -> str:
    other = next((word for word in name.split() if word != given), "")
    return f"{given} {other[0]}." if other else given
