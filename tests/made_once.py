"""What is the same in the app of every test, made once: each test has an app and a database of its own.

Without this the tests take half as long again. Nothing here changes what an app does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from babel.support import Translations
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from werkzeug.routing import Rule

from notifier.database import db


def _read_once(read: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """Take an address apart when the first app names it."""
    known: dict[object, tuple[dict[str, Any], set[str]]] = {}

    def compiled(rule: Rule) -> None:
        converters = frozenset(rule.map.converters.items())
        key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, converters)
        if key in known:
            found, arguments = known[key]
            vars(rule).update(found)
            rule.arguments |= arguments
            rule._build = rule._compile_builder(False).__get__(rule)
            rule._build_unknown = rule._compile_builder(True).__get__(rule)
            return
        read(rule)
        found = {name: getattr(rule, name) for name in ("_parts", "_trace", "_converters")}
        known[key] = found, set(rule.arguments)

    return compiled


def _written_late(write: Callable[..., Callable[..., Any]]) -> Callable[..., Callable[..., Any]]:
    """Write the code that builds an address when one is first built."""

    def late(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        def build(its: Rule, *values: Any, **named: Any) -> Any:
            made = write(rule, append_unknown).__get__(its)
            setattr(its, "_build_unknown" if append_unknown else "_build", made)
            return made(*values, **named)

        return build

    return late


def _remembered(make: Callable[..., Engine]) -> Callable[..., Engine]:
    """Let the databases remember together how a statement is written in SQL."""
    first: dict[str, Engine] = {}

    def made(bind: str | None, options: dict[str, Any], app: Flask) -> Engine:
        engine = make(bind, options | {"query_cache_size": 5000}, app)
        known = first.setdefault(engine.dialect.name, engine)
        engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache
        return engine

    return made


def _loaded_once(load: Callable[..., Translations]) -> Callable[..., Translations]:
    """Read a catalogue when the first app speaks its language; each app copies its texts out of it."""
    known: dict[tuple[object, ...], Translations] = {}

    def loaded(*arguments: Any, **named: Any) -> Translations:
        key = (str(arguments), str(named))
        if key not in known:
            known[key] = load(*arguments, **named)
        return known[key]

    return loaded


class Templates(BytecodeCache):
    """The templates, compiled."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = Templates()
Rule.compile = _read_once(Rule.compile)  # type: ignore[method-assign]
Rule._compile_builder = _written_late(Rule._compile_builder)  # type: ignore[method-assign]
db._make_engine = _remembered(db._make_engine)  # type: ignore[method-assign]
Translations.load = _loaded_once(Translations.load)  # type: ignore[method-assign]
