"""The table of periodic work: what, and how often.

Each entry is harmless when it runs twice, on two machines, or late.
"""

from __future__ import annotations

from datetime import timedelta

from notifier.workers import Periodic

TABLE = (Periodic("notifier.jobs.sweep", every=timedelta(seconds=15)),)
