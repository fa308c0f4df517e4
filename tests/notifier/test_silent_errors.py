"""What a database says of a row it refuses reaches no log: it would be somebody's number."""

from __future__ import annotations

import traceback

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from notifier.database import db
from tests.cast import Cast
from webapp.families.models import ContactPoint

NUMBER = "+996555000101"


@pytest.mark.parametrize("row", [{"address": NUMBER}, {"address": NUMBER, "channel": None}])
def test_no_number_is_told(cast: Cast, row: dict[str, object]) -> None:
    values = {"school_id": cast.school.id, "channel": "sms", "status": "ok", "note": ""} | row
    with pytest.raises(DBAPIError) as refused:
        db.session.execute(insert(ContactPoint).values(values))
    told = "".join(traceback.format_exception(refused.value))
    assert "contact_points" in told
    assert NUMBER not in told
    assert "555000101" not in told
