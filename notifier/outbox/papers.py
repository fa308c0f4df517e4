"""Papers: what many letters have in common is written down once, and fetched once by who sends them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, Table, bindparam, insert, select

from notifier.database import insert_into
from notifier.message import Enclosed, Stationery
from notifier.outbox.many import Among
from notifier.stationery import Enclosure, Paper, PaperEnclosure

# What a worker keeps at hand: a few announcements with all the files they may have.
MOST_AT_HAND = 32 * 1024 * 1024

PAPERS = cast(Table, Paper.__table__)
PILES = cast(Table, PaperEnclosure.__table__)
FILES = cast(Table, Enclosure.__table__)
FIND = Among(select(PAPERS.c.key, PAPERS.c.id), PAPERS.c.key)
READ = select(PAPERS.c.language, PAPERS.c.heading, PAPERS.c.stop).where(PAPERS.c.id == bindparam("paper"))
LIES_WITH = (
    select(PILES.c.enclosure_id).where(PILES.c.paper_id == bindparam("paper")).order_by(PILES.c.position)
)
FETCH = select(FILES.c.digest, FILES.c.name, FILES.c.media_type, FILES.c.content).where(
    FILES.c.id == bindparam("file")
)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What is posted with a letter: its language, who writes, how to stop it, the ids of its files."""

    language: str
    heading: str
    stop: str
    enclosures: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        said = json.dumps([self.language, self.heading, self.stop, self.enclosures], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()


def papers_for(connection: Connection, letterheads: Iterable[Letterhead]) -> dict[Letterhead, int]:
    """Return the papers' ids, in the caller's transaction; those that are new are written."""
    by_key = {each.key: each for each in letterheads}
    if not by_key:
        return {}
    found = _find(connection, list(by_key))
    new = [each for key, each in by_key.items() if key not in found]
    if new:
        # Somebody else may write the same paper at this moment: it is the same one then.
        statement = insert_into(PAPERS, connection).on_conflict_do_nothing(index_elements=["key"])
        written = set(connection.scalars(statement.returning(PAPERS.c.key), [_row(each) for each in new]))
        found |= _find(connection, [each.key for each in new])
        piles = [
            {"paper_id": found[each.key], "position": position, "enclosure_id": enclosure}
            for each in new
            if each.key in written
            for position, enclosure in enumerate(each.enclosures)
        ]
        if piles:
            connection.execute(insert(PILES), piles)
    return {each: found[key] for key, each in by_key.items()}


def _find(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    return dict(FIND(connection, keys).tuples().all())


def _row(letterhead: Letterhead) -> dict[str, str]:
    return {
        "key": letterhead.key,
        "language": letterhead.language,
        "heading": letterhead.heading[:255],
        "stop": letterhead.stop[:255],
    }


class Drawer:
    """The papers that one worker has at hand."""

    def __init__(self) -> None:
        self._papers: dict[int, Stationery] = {}
        self._files: dict[int, Enclosed] = {}

    def take(self, connection: Connection, paper_id: int) -> Stationery:
        """Return a paper with its files; from the database only the first time."""
        if paper_id not in self._papers:
            if sum(len(file.content) for file in self._files.values()) > MOST_AT_HAND:
                self._papers.clear()
                self._files.clear()
            language, heading, stop = connection.execute(READ, {"paper": paper_id}).one()
            # In two languages an announcement has two papers and the same files.
            files = [
                self._file(connection, each) for each in connection.scalars(LIES_WITH, {"paper": paper_id})
            ]
            self._papers[paper_id] = Stationery(language, heading, stop, tuple(files))
        return self._papers[paper_id]

    def _file(self, connection: Connection, number: int) -> Enclosed:
        if number not in self._files:
            self._files[number] = Enclosed(*connection.execute(FETCH, {"file": number}).one())
        return self._files[number]
