from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine


@pytest.fixture
def travel(now: datetime) -> Iterator[None]:
    """Let the pages think that it is the day of the tests."""
    with time_machine.travel(now, tick=False):
        yield
