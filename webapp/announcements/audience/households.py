"""Families as one announcement sees them, and the message that each phone gets: values, no database here."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property

from webapp.announcements.recipients import NoAddress
from webapp.staff.models import Script


@dataclass(frozen=True, slots=True)
class Child:
    pupil_id: int
    name: str
    class_id: int
    class_name: str


@dataclass(frozen=True, slots=True)
class Address:
    contact_point_id: int
    channel: str
    address: str
    is_relay: bool = False  # a neighbour's phone: what arrives there is passed on, at best


@dataclass(frozen=True, slots=True)
class Household:
    """A family as one announcement sees it: the children it concerns, who is told, and where."""

    family_id: int
    children: tuple[Child, ...]
    guardian_id: int | None
    guardian: str
    language: str
    script: Script
    address: Address | None
    no_address: NoAddress | None


# No slots, here and below: what several ask of them is found out once.
@dataclass(frozen=True)
class Envelope:
    """One message to be: an address, and the household behind it, or the several that share it."""

    to: Address
    households: tuple[Household, ...]
    language: str

    @cached_property
    def script(self) -> Script:
        """The letters of an SMS: Latin if anybody behind the phone has them, for every phone shows those."""
        latin = any(household.script is Script.LATIN for household in self.households)
        return Script.LATIN if latin else Script.CYRILLIC

    @cached_property
    def children(self) -> list[Child]:
        return [child for household in self.households for child in household.children]


@dataclass(frozen=True)
class Audience:
    households: tuple[Household, ...]
    school_language: str
    narrows: bool = False  # to some families of the classes only
    left_out: int = 0  # families that would be told, had the author not struck them out

    @cached_property
    def without_address(self) -> list[Household]:
        return [household for household in self.households if household.address is None]

    @property
    def told(self) -> int:
        """How many families have an address to be told at."""
        return len(self.households) - len(self.without_address)

    @property
    def pupil_ids(self) -> set[int]:
        return {child.pupil_id for household in self.households for child in household.children}

    def envelopes(self) -> list[Envelope]:
        """Put the households behind one address together: one phone gets one SMS."""
        return list(self._envelopes)

    @cached_property
    def _envelopes(self) -> list[Envelope]:
        behind: dict[int, list[Household]] = defaultdict(list)
        addresses: dict[int, Address] = {}
        for household in self.households:
            if household.address:
                addresses[household.address.contact_point_id] = household.address
                behind[household.address.contact_point_id].append(household)
        return [
            Envelope(addresses[point], tuple(households), self._language(households))
            for point, households in behind.items()
        ]

    def _language(self, households: list[Household]) -> str:
        """The language most of those behind one phone read; when they are even, the school's if it is one."""
        if len(households) == 1:
            return households[0].language
        readers = Counter(household.language for household in households)
        return max(readers, key=lambda read: (readers[read], read == self.school_language, read))
