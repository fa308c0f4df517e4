"""Why somebody should look at a family, in a sentence that says what to do."""

from __future__ import annotations

from flask_babel import lazy_gettext

from webapp.families.models import ContactStatus, Family

FAMILY_LOOKS = {
    "lost_letters": lazy_gettext(
        "A name has a question mark inside: an old program lost the letters ң, ө or ү. Correct the name."
    ),
    "new_guardian": lazy_gettext(
        "The last class list names another guardian than before. "
        "The new one is told first; check who should be told."
    ),
}
CONTACT_LOOKS = {
    "shared": lazy_gettext("Another family has the same number or address. Check whose it is."),
    "suspicious": lazy_gettext(
        "The number looks as if its last digits were lost. Ask the family if it is theirs."
    ),
}
BAD_ADDRESS = lazy_gettext(
    "Messages cannot arrive at this number or address. Ask the family for another one."
)


def looks_of(family: Family) -> list[tuple[str, str]]:
    """List what deserves a look as (address or "", sentence); empty when all is well."""
    found = []
    if family.needs_look:
        sentence = FAMILY_LOOKS.get(family.needs_look, FAMILY_LOOKS["new_guardian"])
        found.append(("", str(sentence)))
    for guardian in family.guardians:
        for link in guardian.contacts:
            point = link.contact_point
            if point.status == ContactStatus.BAD:
                found.append((point.address, str(BAD_ADDRESS)))
            elif point.status == ContactStatus.LOOK:
                found.append((point.address, str(CONTACT_LOOKS.get(point.note, CONTACT_LOOKS["shared"]))))
    return found
