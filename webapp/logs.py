"""What is logged, and how: a line each on stderr, with its time; never a number, a text or a token."""

from __future__ import annotations

import logging

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def configure() -> None:
    """Let our modules tell what happens, others only what is wrong; a set-up made before stays."""
    logging.basicConfig(format=LINE, level=logging.WARNING)
    for ours in ("notifier", "webapp"):
        logging.getLogger(ours).setLevel(logging.INFO)
