"""Where a school works online: the regulation names some (1.5, 1.8) and lets any be used."""

from __future__ import annotations

from webapp.staff.models import School

PLATFORMS = (
    "Zoom",
    "Google Meet",
    "WhatsApp",
    "Telegram",
    "kitep.edu.gov.kg",
    "Google Classroom",
    "Google Drive",
)
MOST, LONGEST = 30, 40


def platforms_of(school: School) -> list[str]:
    """List a school's own, or those of the regulation while it has none."""
    return list(school.platforms or PLATFORMS)
