"""The tutorial's way: one RQ job per message, `rq worker` as it comes, a client for each message.

One thing is better than in the tutorials: the worker has imported Twilio's client before it forks.
"""

from __future__ import annotations

import importlib
import os

from bench.ways.twilio_clients import CALLBACK, SENDER, sync_client


def send(to: str, text: str) -> str:
    made = sync_client().messages.create(
        to=to, body=text, from_=SENDER, status_callback=f"{CALLBACK}/tutorial"
    )
    return str(made.sid)


if __name__ == "__main__":
    from redis import Redis
    from rq import Queue, Worker

    importlib.import_module("bench.ways.tutorial")  # by its name, so that jobs find it ready

    connection = Redis.from_url(os.environ["REDIS_URL"])
    Worker([Queue("tutorial", connection=connection)], connection=connection).work(logging_level="WARNING")
