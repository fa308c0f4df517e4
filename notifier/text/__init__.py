"""Texts for phones: counted in parts, written in Latin, cleaned of what Word brings. All of it pure."""

from notifier.text.dear import Dear, dear, is_latin
from notifier.text.latin import to_latin
from notifier.text.segments import Measure, characters, measure, overflow, split, unsayable
from notifier.text.tidy import tidy

__all__ = [
    "Dear", "Measure", "characters", "dear", "is_latin", "measure", "overflow", "split", "tidy", "to_latin",
    "unsayable",
]  # fmt: skip
