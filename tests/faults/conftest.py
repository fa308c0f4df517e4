"""What the fault suite needs: rounds for the short and the long form, an engine, and its own database."""

from __future__ import annotations

import os

import pytest

# `make soak` sets it: the same tests, for much longer.
SOAK = bool(os.environ.get("SOAK"))


@pytest.fixture(scope="session")
def soak() -> bool:
    """Whether this is the long form."""
    return SOAK
