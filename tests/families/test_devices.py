"""What households have: learned, forgotten, stale; ticked for a class; counted."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from notifier.database import db
from tests.cast import Cast
from webapp.families.device_forms import REST, note_answers, note_line, ticked
from webapp.families.device_queries import children_without, totals
from webapp.families.devices import (
    NO,
    STALE_AFTER,
    UNKNOWN,
    YES,
    DeviceFact,
    Devices,
    Fact,
    as_channels,
    facts_of,
    families_known,
    note_device,
)
from webapp.families.models import Family


def known(family: Family) -> Devices:
    return facts_of([family.id])[family.id]


def test_the_newest_of_a_fact_counts_and_the_older_ones_stay(cast: Cast, now: datetime) -> None:
    note_device(cast.siblings, Fact.SMARTPHONE, YES, now, cast.teacher)
    # Learned before, written down after.
    note_device(cast.siblings, Fact.SMARTPHONE, NO, now - timedelta(days=1))
    assert known(cast.siblings).has(Fact.SMARTPHONE) is True
    assert known(cast.siblings)[Fact.SMARTPHONE].by == cast.teacher.name  # type: ignore[union-attr]
    assert db.session.query(DeviceFact).filter_by(family_id=cast.siblings.id).count() == 2


def test_what_nobody_knows_any_more_is_unknown(cast: Cast, now: datetime) -> None:
    note_device(cast.siblings, Fact.TV, NO, now)
    assert list(db.session.scalars(families_known(cast.school.id, Fact.TV, NO))) == [cast.siblings.id]
    note_device(cast.siblings, Fact.TV, UNKNOWN, now)
    assert known(cast.siblings).has(Fact.TV) is None
    assert list(db.session.scalars(families_known(cast.school.id, Fact.TV, NO))) == []


def test_a_fact_is_stale_after_a_quarter(cast: Cast, now: datetime) -> None:
    note_device(cast.siblings, Fact.TV, YES, now)
    devices = known(cast.siblings)
    assert devices.stale(now + STALE_AFTER) == []
    assert devices.stale(now + STALE_AFTER + timedelta(seconds=1)) == [Fact.TV]


def test_a_value_that_a_fact_has_not_is_refused(cast: Cast, now: datetime) -> None:
    with pytest.raises(ValueError, match="tv"):
        note_device(cast.siblings, Fact.TV, "maybe", now)


def test_channels_are_kept_as_they_are_named(cast: Cast, now: datetime) -> None:
    value = as_channels([" ЭЛТР ", "Баластан", "ЭЛТР", "", "х" * 300])
    note_device(cast.siblings, Fact.CHANNELS, value, now)
    assert known(cast.siblings).channels == ["ЭЛТР", "Баластан"]


def test_a_form_notes_what_is_new_and_renews_what_was_stale(cast: Cast, now: datetime) -> None:
    note_device(cast.siblings, Fact.TV, YES, now - STALE_AFTER * 2)
    note_device(cast.siblings, Fact.INTERNET, NO, now)
    form = MultiDict(
        [("tv", "yes"), ("internet", "no"), ("reads", "ky"), ("computer", "unknown"), ("smartphone", "=1+1")]
    )
    assert note_answers(cast.siblings, known(cast.siblings), form, cast.teacher, now) == 2
    devices = known(cast.siblings)
    assert devices.stale(now) == []
    assert devices.value(Fact.READS) == "ky"
    assert devices.has(Fact.SMARTPHONE) is None


def test_a_line_of_the_grid_says_nothing_about_what_nobody_asked(cast: Cast, now: datetime) -> None:
    note_line(cast.siblings, known(cast.siblings), [], ["tv"], cast.teacher, now)
    assert known(cast.siblings).has(Fact.TV) is True
    assert known(cast.siblings).has(Fact.SMARTPHONE) is None
    note_line(cast.siblings, known(cast.siblings), ["tv"], ["tv", REST], cast.teacher, now)
    assert known(cast.siblings).has(Fact.SMARTPHONE) is False
    assert ticked(known(cast.siblings), now) == {"tv", REST}
    # Taken back: what was only "nothing else" is unknown again.
    note_line(cast.siblings, known(cast.siblings), ["tv", REST], ["tv"], cast.teacher, now)
    assert known(cast.siblings).has(Fact.SMARTPHONE) is None
    assert known(cast.siblings).has(Fact.TV) is True


def test_an_untouched_line_overwrites_nothing(cast: Cast, now: datetime) -> None:
    note_device(cast.siblings, Fact.TV, NO, now)
    assert note_line(cast.siblings, known(cast.siblings), ["tv"], ["tv"], cast.teacher, now) == 0
    assert known(cast.siblings).has(Fact.TV) is False


def test_a_class_and_the_school_are_counted_each_family_once(app: Flask, cast: Cast, now: datetime) -> None:
    for family, having, value in (
        (cast.siblings, Fact.SMARTPHONE, NO),
        (cast.siblings, Fact.COMPUTER, NO),
        (cast.siblings, Fact.TV, YES),
        (cast.button_phone, Fact.SMARTPHONE, YES),
        (cast.other_family, Fact.SMARTPHONE, NO),
    ):
        note_device(family, having, value, now)
    note_device(cast.email_only, Fact.COMPUTER, YES, now - STALE_AFTER * 2)
    whole, by_class = totals(cast.director, now)
    assert (whole.families, whole.without, whole.unknown, whole.stale) == (5, 1, 2, 1)
    assert (whole.has[Fact.SMARTPHONE], whole.has[Fact.TV], whole.has[Fact.COMPUTER]) == (1, 1, 1)
    assert [(each.name, count.families, count.without) for each, count in by_class] == [
        ("5-А", 4, 1),
        ("5-Б", 2, 1),
    ]
    mine, _ = totals(cast.other_teacher, now)
    assert (mine.families, mine.without) == (2, 1)


def test_children_without_a_device_are_those_known_to_have_neither(cast: Cast, now: datetime) -> None:
    note_device(cast.siblings, Fact.SMARTPHONE, NO, now)
    note_device(cast.button_phone, Fact.SMARTPHONE, NO, now)
    note_device(cast.button_phone, Fact.COMPUTER, YES, now)
    classes = [cast.class_5a.id, cast.class_5b.id]
    names = [child.name for child in db.session.scalars(children_without(cast.director, classes, now))]
    assert names == ["Нурлан Экөөбаев", "Нурай Экөөбаева"]
    theirs = db.session.scalars(children_without(cast.other_teacher, classes, now))
    assert [child.name for child in theirs] == ["Нурай Экөөбаева"]
