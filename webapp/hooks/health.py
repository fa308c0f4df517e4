"""What those who run it ask: whether the process is up, and whether it can do its work."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from redis import Redis, RedisError
from sqlalchemy.exc import SQLAlchemyError

from notifier.at_work import messages_stand, worker_seen
from notifier.database import db
from webapp.staff.access import public
from webapp.staff.ready import Readiness, readiness

blueprint = Blueprint("health", __name__)

REDIS_SECONDS = 2


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Say that the process answers, whatever the database does."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Say whether the database answers with the tables of this version, and whether Redis answers.

    That is, whether pages can be served. The worker has an address of its own: pages must not be taken away
    because it is down.
    """
    database, redis = readiness(), _redis_answers()
    ready = database is Readiness.READY and redis
    answer = jsonify(
        status="ready" if ready else "not ready",
        database=database.value,
        redis="ready" if redis else "no_answer",
    )
    answer.status_code = 200 if ready else 503
    return answer


@blueprint.get("/readyz/worker")
@public
def worker_at_work() -> ResponseReturnValue:
    """Say whether messages leave: 200 when a worker was seen in the last two minutes and nothing stands.

    `worker` is seen, silent or, when Redis does not answer, unknown. `messages` is leave, wait (some have
    been due for minutes, and nothing has left meanwhile) or, when the database does not answer, unknown.
    """
    worker, messages = _worker(datetime.now(UTC)), _messages(datetime.now(UTC))
    at_work = (worker, messages) == ("seen", "leave")
    answer = jsonify(status="at work" if at_work else "not at work", worker=worker, messages=messages)
    answer.status_code = 200 if at_work else 503
    return answer


def _worker(now: datetime) -> str:
    try:
        return "seen" if worker_seen(current_app.config["REDIS_URL"], now) else "silent"
    except (RedisError, OSError):
        return "unknown"


def _messages(now: datetime) -> str:
    try:
        return "wait" if messages_stand(now) else "leave"
    except SQLAlchemyError:
        db.session.rollback()
        return "unknown"


def _redis_answers() -> bool:
    client = Redis.from_url(
        current_app.config["REDIS_URL"], socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS
    )
    try:
        return bool(client.ping())
    except RedisError:
        return False
    finally:
        client.close()
