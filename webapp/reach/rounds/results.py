"""What can come of a visit or a call, and the key that types it: the same on the paper and in the grid."""

from __future__ import annotations

from webapp.reach.models import Means, Outcome

# Digits, because a letter depends on which language the keyboard is set to.
KEYS: dict[Means, dict[str, Outcome]] = {
    Means.VISIT: {
        "1": Outcome.SPOKE,
        "2": Outcome.RELAYED,
        "3": Outcome.LEFT_NOTE,
        "4": Outcome.NOBODY_HOME,
        "5": Outcome.MOVED_AWAY,
        "6": Outcome.REFUSED,
    },
    Means.CALL: {
        "1": Outcome.SPOKE,
        "2": Outcome.RELAYED,
        "3": Outcome.NO_ANSWER,
        "4": Outcome.SWITCHED_OFF,
        "5": Outcome.WRONG_NUMBER,
        "6": Outcome.REFUSED,
    },
}
