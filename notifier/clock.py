"""A clock for deadlines: it never jumps, and it runs on while the process or the machine sleeps."""

from __future__ import annotations

import time

# Linux's monotonic clock stands still while the machine is suspended; this one does not.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", None)


def uptime() -> float:
    """Seconds since some moment long ago."""
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)
