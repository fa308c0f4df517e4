"""Whether a text names the moment its fields do: edited by hand, it no longer follows them (pure)."""

from __future__ import annotations

import re
from datetime import datetime

# A day named by these is looked for no further.
_NEAR = re.compile(r"эрте[ңн]|бүгүн|бүрсүгүнү|завтра|сегодня|послезавтра", re.IGNORECASE)


def names(text: str, moment: datetime) -> bool:
    """Say whether the day and the hour stand in it as numbers, however they are written: 9:00, 09.00, 9да.

    `moment` is on the school's clock.
    """
    return (
        (_near(text) or _stands(text, moment.day)) and _stands(text, moment.hour) and _minutes(text, moment)
    )


def _near(text: str) -> bool:
    return _NEAR.search(text) is not None


def _minutes(text: str, moment: datetime) -> bool:
    return moment.minute == 0 or _stands(text, moment.minute)


def _stands(text: str, number: int) -> bool:
    return re.search(rf"(?<!\d)0?{number}(?!\d)", text) is not None
