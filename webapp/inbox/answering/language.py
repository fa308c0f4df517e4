"""КЫРГЫЗЧА, РУССКИЙ: the language in which a guardian reads from now on."""

from __future__ import annotations

from sqlalchemy import select, update

from notifier.database import db
from webapp.families.models import Guardian, GuardianContact
from webapp.inbox.answering.asked import Answer, Asked, Done
from webapp.inbox.answering.words import words_in

LANGUAGES = {"LANG_KY": "ky", "LANG_RU": "ru"}


def change_language(asked: Asked) -> Done:
    """Write to the guardians whose phone this is in the language they ask for, and say so in it."""
    language = LANGUAGES[asked.keyword.intent]
    if asked.point is None:
        return Done()
    theirs = select(GuardianContact.guardian_id).where(
        GuardianContact.contact_point_id == asked.point.id, GuardianContact.is_relay.is_(False)
    )
    db.session.execute(
        update(Guardian)
        .where(Guardian.id.in_(theirs), Guardian.school_id == asked.school.id)
        .values(language=language)
    )
    answer = Answer(asked.say(words_in(language).language, language)) if asked.is_first else None
    return Done(settled=True, answer=answer)
