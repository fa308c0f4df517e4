"""How many requests a provider bears at once, learned from its answers."""

from __future__ import annotations

# So many volleys of refusals with nothing between them mean that the provider is away: let it be for a while.
AWAY_AFTER = 4
LONGEST_REST = 30.0
VOLLEY = 0.5


class Window:
    """A congestion window, as TCP has one (RFC 5681): it widens slowly and narrows at once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._width = float(most)
        self._refusals = 0
        self._narrowed_at = 0.0

    @property
    def width(self) -> int:
        """How many requests may be in flight; at least one."""
        return int(self._width)

    def widen(self) -> None:
        """Learn from a request that the provider took: by one after a whole window of them."""
        self._refusals = 0
        self._width = min(self._width + 1 / self._width, self._most)

    def narrow(self, now: float) -> bool:
        """Learn from a refusal at `now`, in seconds; False when it is of a volley that was learned from."""
        if now - self._narrowed_at < VOLLEY:
            return False
        self._narrowed_at = now
        self._refusals += 1
        self._width = max(1.0, self._width * 0.6)
        return True

    @property
    def rest(self) -> float:
        """For how many seconds the provider is best let be; 0 unless it seems to be away."""
        if self._refusals < AWAY_AFTER:
            return 0.0
        return min(2.0 ** min(self._refusals - AWAY_AFTER, 10), LONGEST_REST)
