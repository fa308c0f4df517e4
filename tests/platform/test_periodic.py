"""Periodic work and sending do with what a worker has: neither pages nor what visitors need."""

import json
import subprocess
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask

from config import ROOT, Settings
from notifier.database import db
from webapp import create_app
from webapp.demo.school import make_demo_school
from webapp.schedule import TABLE

FUNCTIONS = [each.function for each in TABLE]
MODULES_OF_A_WORKER = """
import importlib, json, sys
import worker
for function in {functions!r}:
    importlib.import_module(function.rpartition(".")[0])
loaded = {{name: module.__file__ for name, module in sys.modules.items() if name.startswith("webapp.")}}
print(json.dumps(loaded))
"""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_periodic_work_needs_no_pages(app: Flask, settings: Settings, now: datetime, function: str) -> None:
    make_demo_school(now)
    db.session.commit()
    db.session.remove()
    module, _, name = function.rpartition(".")
    with create_app(settings, serves=False).app_context():
        getattr(import_module(module), name)()
        db.session.remove()
        db.engine.dispose()


def test_a_worker_loads_neither_pages_nor_addresses_of_pages() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MODULES_OF_A_WORKER.format(functions=FUNCTIONS)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = json.loads(done.stdout)
    assert "webapp.schedule" in loaded
    for name, file in loaded.items():
        text = Path(file).read_text()
        for word in ("url_for(", "render_template(", "Blueprint("):
            assert word not in text, f"{name} is loaded by the worker and uses {word}…)"
