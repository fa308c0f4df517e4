"""What those who run it ask: whether the process is up, and whether it can do its work."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from redis import Redis, RedisError

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
    """Say whether the database answers with the tables of this version, and whether Redis answers."""
    database, redis = readiness(), _redis_answers()
    ready = database is Readiness.READY and redis
    answer = jsonify(
        status="ready" if ready else "not ready",
        database=database.value,
        redis="ready" if redis else "no_answer",
    )
    answer.status_code = 200 if ready else 503
    return answer


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
