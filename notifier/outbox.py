"""Post · claim · settle · reconcile: the only writers of a delivery's state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

URGENT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What is to be delivered, finished; the same `dedupe_key` is never posted twice."""

    dedupe_key: str
    channel: str
    address: str
    body: str
    subject: str = ""
    segments: int = 1
    priority: int = 0
    not_before: datetime | None = None
    expires_at: datetime | None = None


def post(posts: Sequence[Post], now: datetime) -> dict[str, int]:
    """Write deliveries in the caller's transaction and return dedupe key → id.

    A key that was posted before keeps its delivery as it is, so a repeated click or a rerun is harmless.
    """
    raise NotImplementedError
