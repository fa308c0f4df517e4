"""`python -m bench [--only NAME] [--quick]`: measure, print the table, keep it in bench/results/.

`python -m bench --table` prints what was kept as Markdown.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
from concurrent.futures import ThreadPoolExecutor

from bench import recovery
from bench.databases import databases
from bench.processes import ROOT
from bench.rows import Row, as_markdown, keep, say, show

RUNS = ("sending", "rate", "posting", "mail", "receipts", "growth", "recovery", "digests", "reach", "paint")


def _recovery(quick: bool) -> list[Row]:
    say("recovery …")
    with databases() as made:
        return recovery.measure(made, quick)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--only", choices=RUNS, action="append", help="one run; may be repeated")
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that everything works")
    parser.add_argument("--table", action="store_true", help="print what was kept, as the README shows it")
    arguments = parser.parse_args()
    if arguments.table:
        say(as_markdown())
        return
    logging.basicConfig(level=logging.WARNING)
    if os.getloadavg()[0] > 0.5:
        say(
            f"This machine is busy (load {os.getloadavg()[0]:.1f}): figures will be worse than they could be."
        )
    names = arguments.only or RUNS
    found: dict[str, list[Row]] = {}
    with ThreadPoolExecutor(1) as aside:
        # It takes two minutes of work and then ten of waiting, in which the others are measured.
        waits = aside.submit(_recovery, arguments.quick) if "recovery" in names else None
        while waits and not waits.done() and not recovery.ONLY_WAITS.wait(0.2):
            pass
        with databases() as made:
            for name in names:
                if name != "recovery":
                    say(f"{name} …")
                    found[name] = importlib.import_module(f"bench.{name}").measure(made, arguments.quick)
        if waits:
            found["recovery"] = waits.result()
    rows = [row for name in names for row in found[name]]
    say()
    show(rows)
    kept = keep(rows, bool(arguments.only), arguments.quick)
    say(f"\nKept in {kept.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
