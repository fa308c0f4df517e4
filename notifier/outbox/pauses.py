"""Pauses: a provider whose account with us is at fault rests until a person has mended it."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select

from notifier.database import READING, db
from notifier.models import ProviderPause

log = logging.getLogger(__name__)


def pause(connection: Connection, provider: str, code: str, reason: str, now: datetime) -> None:
    """Let a provider rest; the first reason stays."""
    known = select(ProviderPause.provider).where(ProviderPause.provider == provider)
    if connection.scalar(known) is not None:
        return
    log.error("provider %s is paused: our account with it needs a person (code %s)", provider, code)
    connection.execute(
        insert(ProviderPause).values(provider=provider, since=now, code=code[:32], reason=reason[:255])
    )


def resume(provider: str) -> None:
    """Let a provider work again, in the caller's transaction."""
    db.session.execute(delete(ProviderPause).where(ProviderPause.provider == provider))


def paused(engine: Engine) -> set[str]:
    """The providers that rest."""
    with engine.connect().execution_options(**READING) as connection:
        return set(connection.scalars(select(ProviderPause.provider)))
