"""In which forms a report can be taken along, and what its file is called."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from webapp.reach.period.figures import PeriodReport

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _as_xlsx(report: PeriodReport) -> bytes:
    from webapp.reach.period.sheet import as_xlsx

    return as_xlsx(report)


def _as_pdf(report: PeriodReport) -> bytes:
    # Here, because a page has no use for the printer's megabytes.
    from webapp.reach.period.sheet_of_paper import as_pdf

    return as_pdf(report)


def _as_json(report: PeriodReport) -> bytes:
    return (json.dumps(report.as_dict(), ensure_ascii=False) + "\n").encode()


WRITERS: dict[str, Callable[[PeriodReport], bytes]] = {"xlsx": _as_xlsx, "pdf": _as_pdf, "json": _as_json}
# What a page offers.
FORMATS = {"xlsx": XLSX, "pdf": "application/pdf"}


def file_name(report: PeriodReport, form: str) -> str:
    """Call a file so that many of them stand in order: "kabarchy-95-2026-11-01-2026-11-30.xlsx"."""
    digits = "".join(re.findall(r"[0-9]+", report.school.short_name))[:8]
    school = f"-{digits}" if digits else ""
    return f"kabarchy{school}-{report.days.first}-{report.days.last}.{form}"
