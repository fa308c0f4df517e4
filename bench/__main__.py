"""`python -m bench [--only NAME] [--quick]`: measure, print the table, keep it in bench/results/.

`python -m bench --table` prints what was kept as Markdown.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os

from bench.databases import databases
from bench.processes import ROOT
from bench.rows import Row, as_markdown, keep, say, show

RUNS = ("sending", "posting", "mail", "receipts", "growth", "recovery", "digests")


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
    rows: list[Row] = []
    with databases() as made:
        for name in arguments.only or RUNS:
            say(f"{name} …")
            rows += importlib.import_module(f"bench.{name}").measure(made, arguments.quick)
    say()
    show(rows)
    kept = keep(rows, bool(arguments.only), arguments.quick)
    say(f"\nKept in {kept.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
