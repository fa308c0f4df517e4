"""The table of results, printed and kept."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.processes import ROOT

RESULTS = ROOT / "bench" / "results"


@dataclass(kw_only=True)
class Row:
    """One measurement: `ratio` says how many times better ours is, `limit` what can be reached at best."""

    name: str
    unit: str
    ours: float
    theirs: dict[str, float] = field(default_factory=dict)
    limit: float | None = None
    less_is_better: bool = False

    def as_json(self) -> dict[str, object]:
        row = asdict(self) | {"ratio": self.ratio}
        del row["less_is_better"]
        return {key: _round(row[key]) for key in ("name", "unit", "ours", "theirs", "ratio", "limit")}

    @property
    def ratio(self) -> dict[str, float]:
        return {
            name: (value / self.ours if self.less_is_better else self.ours / value)
            for name, value in self.theirs.items()
            if value and self.ours
        }


def _round(value: object) -> object:
    if isinstance(value, dict):
        return {key: _round(each) for key, each in value.items()}
    return float(f"{value:.4g}") if isinstance(value, float) else value


def say(text: str = "") -> None:
    print(text, flush=True)


def show(rows: list[Row]) -> None:
    """Print the table."""
    width = max((len(row.name) for row in rows), default=10)
    say(f"{'':{width}}  {'ours':>10}  {'limit':>10}  unit    others (how many times better ours is)")
    for row in rows:
        others = "; ".join(
            f"{name} {_short(value)} (×{row.ratio.get(name, 0):.2f})" for name, value in row.theirs.items()
        )
        limit = _short(row.limit) if row.limit is not None else ""
        say(f"{row.name:{width}}  {_short(row.ours):>10}  {limit:>10}  {row.unit:7} {others}")


def as_markdown() -> str:
    """The kept rows as the table of the README, under a line that says when and on which machine."""
    rows = json.loads((RESULTS / "latest.json").read_text())
    machine = json.loads((RESULTS / "machine.json").read_text())
    lines = [
        f"Measured on {machine['date']}: {machine['cpu']}, {machine['cores']} cores, "
        f"Python {machine['python']}.",
        "",
        "| what | ours | others (how many times better ours is) | limit |",
        "|---|---|---|---|",
    ]
    for row in rows:
        others = "; ".join(
            f"{name}: {_short(value)} (×{row['ratio'].get(name, 0):.3g})"
            for name, value in row["theirs"].items()
        )
        limit = _short(row["limit"]) if row["limit"] is not None else ""
        lines.append(f"| {row['name']} | {_short(row['ours'])} {row['unit']} | {others} | {limit} |")
    return "\n".join(lines)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def keep(rows: list[Row], only: bool, quick: bool) -> Path:
    """Write the rows, and where and when they were seen; a part of a run replaces only its own rows."""
    RESULTS.mkdir(exist_ok=True)
    latest = RESULTS / ("latest.json" if not quick else "quick.json")
    fresh = [row.as_json() for row in rows]
    if only and latest.exists():
        known = {row["name"]: row for row in json.loads(latest.read_text())}
        fresh = list((known | {row["name"]: row for row in fresh}).values())
    latest.write_text(json.dumps(fresh, ensure_ascii=False, indent=1) + "\n")
    machine = RESULTS / ("machine.json" if not quick else "quick-machine.json")
    machine.write_text(json.dumps(this_machine(), ensure_ascii=False, indent=1) + "\n")
    return latest


def this_machine() -> dict[str, object]:
    """What the figures depend on."""
    info = Path("/proc/cpuinfo")
    names = [
        line.partition(":")[2].strip()
        for line in (info.read_text().splitlines() if info.exists() else [])
        if line.startswith("model name")
    ]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        # More than about the number of cores at the end means that others were at work, too.
        "load in the last 1, 5 and 15 minutes": [round(load, 1) for load in os.getloadavg()],
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
