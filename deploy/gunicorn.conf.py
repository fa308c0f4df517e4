"""How gunicorn serves the pages; the address comes from the command line (`-b`)."""

import gc
import os
from pathlib import Path
from typing import Any

# The variable is gunicorn's own, and of the environment: it does not belong in .env.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 10
keepalive = 5
# Workers prove that they live by touching a file. On a slow disk that touch can hang, in memory it can't.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# Fresh processes now and then, never both at once.
max_requests = 10_000
max_requests_jitter = 1_000
loglevel = "warning"
accesslog = None
# It would listen in the home folder, where several installations would meet.
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Leave what was imported out of garbage collections: one that looks through it all takes 0.1 s."""
    gc.collect()
    gc.freeze()
