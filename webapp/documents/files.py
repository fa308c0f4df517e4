"""A document's file: a PDF by what is in it, whatever its name says (pure)."""

from __future__ import annotations

import re

MOST_BYTES = 5 * 1024 * 1024


def is_pdf(content: bytes) -> bool:
    """Whether a file begins and ends as ISO 32000 says a PDF does."""
    return content[:1024].lstrip().startswith(b"%PDF-") and b"%%EOF" in content[-2048:]


def safe_name(name: str, number: int) -> str:
    """Return a name for the file that no browser and no disk stumbles over."""
    stem = re.sub(r"[^\w.-]+", "-", name.rpartition("/")[2].rpartition("\\")[2]).strip("-.")
    stem = stem[:-4].rstrip("-.") if stem.lower().endswith(".pdf") else stem
    return f"{stem[:100] or f'document-{number}'}.pdf"
