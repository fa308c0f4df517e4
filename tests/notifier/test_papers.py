"""What many letters have in common is written down once, and in the hands of whoever sends them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from notifier import outbox
from notifier.database import db
from notifier.message import HEAVY, Stationery
from notifier.models import Delivery
from notifier.outbox import papers
from notifier.policy import HEAVY_LEASE, LEASE
from notifier.stationery import Enclosure, Paper

KY = outbox.Letterhead("ky", "№95 мектеп", "Кат албайм")


def file(content: bytes, name: str, now: datetime) -> int:
    kept = Enclosure(
        name=name,
        media_type="application/pdf",
        size=len(content),
        digest=name,
        content=content,
        created_at=now,
    )
    db.session.add(kept)
    db.session.commit()
    return kept.id


def post(count: int, letterhead: outbox.Letterhead | None, now: datetime, prefix: str = "a") -> None:
    outbox.post(
        [
            outbox.Post(
                dedupe_key=f"{prefix}:{i}",
                channel="email",
                address=f"{prefix}{i}@example.kg",
                body="Сабак",
                letterhead=letterhead,
            )
            for i in range(count)
        ],
        now,
    )
    db.session.commit()


def claim(now: datetime, drawer: outbox.Drawer | None = None, limit: int = 100) -> list[outbox.Claimed]:
    return outbox.claim(db.engine, channel="email", limit=limit, owner="test", now=now, drawer=drawer)


def test_a_thousand_letters_have_one_paper(app: Flask, now: datetime) -> None:
    post(1200, KY, now)
    post(3, KY, now, "b")
    assert db.session.scalar(select(func.count()).select_from(Paper)) == 1
    assert db.session.scalar(select(func.count(func.distinct(Delivery.paper_id)))) == 1


def test_a_letter_comes_with_its_files_in_their_order(app: Flask, now: datetime) -> None:
    one, two = file(b"1", "a.pdf", now), file(b"2", "b.pdf", now)
    post(1, outbox.Letterhead("ky", "№95", "Стоп", (two, one)), now)
    (claimed,) = claim(now)
    stationery = claimed.message.stationery
    assert stationery is not None
    assert (stationery.language, stationery.heading, stationery.stop) == ("ky", "№95", "Стоп")
    assert [(each.name, each.content) for each in stationery.enclosures] == [("b.pdf", b"2"), ("a.pdf", b"1")]


def test_what_was_posted_without_paper_goes_without(app: Flask, now: datetime) -> None:
    post(1, None, now)
    (claimed,) = claim(now)
    assert claimed.message.stationery is None


def test_a_file_is_fetched_once_for_two_languages_and_many_letters(
    app: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = file(b"1", "a.pdf", now)
    for language in ("ky", "ru"):
        post(5, outbox.Letterhead(language, "№95", "Стоп", (order,)), now, language)
    drawer = outbox.Drawer()
    first = claim(now, drawer, 7)
    # Whatever else is asked, the database is not asked for a paper or a file again.
    monkeypatch.setattr(papers, "FETCH", None)
    monkeypatch.setattr(papers, "READ", None)
    both = {id(each.stationery): each.stationery for each in [*first, *claim(now, drawer)]}
    kept = [each.enclosures[0] for each in both.values() if each is not None]
    assert len(kept) == 2
    assert kept[0] is kept[1]


def test_a_drawer_that_is_full_is_emptied(app: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "MOST_AT_HAND", 100)
    for i in range(5):
        post(1, outbox.Letterhead("ky", "№95", "Стоп", (file(b"x" * 80, f"{i}.pdf", now),)), now, str(i))
    drawer = outbox.Drawer()
    assert [len(c.stationery.enclosures[0].content) for c in claim(now, drawer) if c.stationery] == [80] * 5
    assert len(drawer._files) <= 2


def test_two_languages_and_two_schools_are_different_papers(app: Flask, now: datetime) -> None:
    heads = [KY, outbox.Letterhead("ru", *[KY.heading, KY.stop]), outbox.Letterhead("ky", "№0", KY.stop)]
    for number, head in enumerate(heads):
        post(1, head, now, str(number))
    assert db.session.scalar(select(func.count()).select_from(Paper)) == 3


def test_a_heavy_letter_is_held_for_longer_once_it_leaves(app: Flask, now: datetime) -> None:
    photo = file(b"x" * (HEAVY + 1), "photo.jpg", now)
    post(1, outbox.Letterhead("ky", "№95", "Стоп", (photo,)), now, "heavy")
    post(1, KY, now, "light")
    claimed = claim(now)
    assert [each.is_heavy for each in claimed] == [True, False]
    later = now + timedelta(seconds=2)
    assert outbox.depart(db.engine, claimed, later) == {each.id for each in claimed}
    leases = db.session.scalars(select(Delivery.lease_until).order_by(Delivery.id)).all()
    assert leases == [later + HEAVY_LEASE, now + LEASE]
    db.session.rollback()
    outbox.sweep(db.engine, now + timedelta(seconds=61))
    states = db.session.scalars(select(Delivery.state).order_by(Delivery.id)).all()
    assert states == ["sending", "uncertain"]


def test_a_heavy_conversation_fits_into_its_lease() -> None:
    from notifier import lane
    from notifier.channels import email, smtp

    assert email.HEAVY_SECONDS + smtp.CONNECT_SECONDS < lane.HEAVY_PATIENCE
    assert lane.GUARD + lane.HEAVY_PATIENCE < HEAVY_LEASE.total_seconds() < 2 * LEASE.total_seconds()


def test_a_stationery_is_heavy_by_its_files_together() -> None:
    from notifier.message import Enclosed

    half = Enclosed("1", "a", "b", b"x" * (HEAVY // 2 + 1))
    assert not Stationery("ky", "", "", (half,)).is_heavy
    assert Stationery("ky", "", "", (half, half)).is_heavy
