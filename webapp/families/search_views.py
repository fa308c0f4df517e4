"""Find a family: by a child's or a parent's name in any letters, or by the end of a phone number."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_login import current_user
from sqlalchemy.orm import selectinload

from notifier.database import db
from webapp.families.contacts import addresses
from webapp.families.models import Family, Guardian, Pupil
from webapp.families.search import LONGEST_TEXT, digits_of, matching_guardians, matching_pupils

blueprint = Blueprint("search", __name__)

# Whoever gets more than these types another letter.
MOST = 30


@blueprint.get("/search")
def page() -> str:
    wanted = " ".join(request.args.get("q", "").split())[:LONGEST_TEXT]
    pupils = db.session.scalars(matching_pupils(current_user, wanted).limit(MOST + 1)).all() if wanted else []
    guardians = _guardians(wanted) if wanted else []
    return render_template(
        "families/search.html",
        wanted=wanted,
        pupils=pupils[:MOST],
        guardians=guardians[:MOST],
        more=len(pupils) > MOST or len(guardians) > MOST,
        by_number=bool(digits_of(wanted)),
        addresses=addresses,
    )


def _guardians(wanted: str) -> list[Guardian]:
    """Who answers for children, with the children of today and the numbers a page shows."""
    return list(
        db.session.scalars(
            matching_guardians(current_user, wanted)
            .limit(MOST + 1)
            .options(
                selectinload(Guardian.contacts),
                selectinload(Guardian.family)
                .selectinload(Family.pupils.and_(Pupil.left_at.is_(None)))
                .joinedload(Pupil.school_class),
            )
        )
    )
