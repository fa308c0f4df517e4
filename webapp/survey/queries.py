"""Questions about surveys, answered to those whom the answers concern; anything else is 404."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from flask import abort
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from notifier.database import db
from webapp.families.device_queries import device_classes, sees_all_devices
from webapp.families.models import Pupil, SchoolClass
from webapp.staff.models import StaffMember
from webapp.survey.models import Survey, SurveyAnswer, SurveyClass


@dataclass(slots=True)
class Result:
    """How many of these families answered what; one that chose two answers is counted in both."""

    families: int = 0
    answered: int = 0
    by_key: Counter[str] = field(default_factory=Counter)

    @property
    def silent(self) -> int:
        return self.families - self.answered

    def add(self, keys: str) -> None:
        self.families += 1
        self.answered += bool(keys)
        self.by_key.update(keys)


def surveys_for(person: StaffMember) -> Select[tuple[Survey]]:
    """Select the surveys of this person and those of the classes they answer for, the latest first."""
    query = select(Survey).where(Survey.school_id == person.school_id)
    sent_to = select(SurveyClass.survey_id).where(
        SurveyClass.class_id.in_([each.id for each in device_classes(person)])
    )
    theirs: ColumnElement[bool] = Survey.sent_at.is_not(None)
    if not sees_all_devices(person):
        theirs = theirs & Survey.id.in_(sent_to)
    return (
        query.where(or_(Survey.author_id == person.id, theirs))
        .options(selectinload(Survey.classes), joinedload(Survey.author))
        .order_by(Survey.created_at.desc(), Survey.id.desc())
    )


def survey_of(person: StaffMember, survey_id: int, *, hold: bool = False) -> Survey:
    """Return the survey if it is this person's, or was sent to a class they answer for; else 404.

    `hold`: nobody else changes or sends it before the caller's transaction ends.
    """
    query = surveys_for(person).where(Survey.id == survey_id)
    if hold:
        query = query.with_for_update(of=Survey).execution_options(populate_existing=True)
    return db.session.scalar(query) or abort(404)


def survey_with_token(person: StaffMember, token: str) -> Survey | None:
    """Find what this form has made before."""
    return db.session.scalar(select(Survey).filter_by(school_id=person.school_id, token=token))


def classes_seen(person: StaffMember, survey: Survey) -> list[SchoolClass]:
    """List the survey's classes whose answers this person may see."""
    seen = {school_class.id for school_class in device_classes(person)}
    return [school_class for school_class in survey.classes if school_class.id in seen]


def may_steer(person: StaffMember, survey: Survey) -> bool:
    """Say whether this person may remind families and end the survey."""
    return survey.author_id == person.id or sees_all_devices(person)


def results(survey: Survey, classes: Sequence[SchoolClass]) -> tuple[Result, dict[int, Result]]:
    """Count the answers of all these classes, each family once, and of each class."""
    answers = newest_answers(survey)
    whole, by_class = Result(), {school_class.id: Result() for school_class in classes}
    seen: set[int] = set()
    for class_id, family_id in db.session.execute(
        select(Pupil.class_id, Pupil.family_id)
        .where(Pupil.class_id.in_(by_class), Pupil.left_at.is_(None))
        .distinct()
    ):
        answer = answers.get(family_id)
        keys = answer.keys if answer else ""
        by_class[class_id].add(keys)
        if family_id not in seen:
            seen.add(family_id)
            whole.add(keys)
    return whole, by_class


def newest_answers(survey: Survey, family_ids: Collection[int] | None = None) -> dict[int, SurveyAnswer]:
    """Return each family's answer that counts, if it was not taken back."""
    place = func.row_number().over(
        partition_by=SurveyAnswer.family_id,
        order_by=(SurveyAnswer.answered_at.desc(), SurveyAnswer.id.desc()),
    )
    ranked = select(SurveyAnswer.id, place.label("place")).where(SurveyAnswer.survey_id == survey.id)
    if family_ids is not None:
        ranked = ranked.where(SurveyAnswer.family_id.in_(family_ids))
    numbered = ranked.subquery()
    rows = db.session.scalars(
        select(SurveyAnswer)
        .join(numbered, numbered.c.id == SurveyAnswer.id)
        .where(numbered.c.place == 1, SurveyAnswer.keys != "")
        .options(joinedload(SurveyAnswer.staff))
    )
    return {answer.family_id: answer for answer in rows}
