"""All kinds, in the order of the desk; `kyrgyz` and `russian` write them, `checks` looks at them."""

from __future__ import annotations

from flask_babel import lazy_gettext

from webapp.announcements import kinds
from webapp.announcements.desk.kind import Kind
from webapp.announcements.desk.kinds_of_lessons import ASSIGNMENT, ONLINE_LESSON
from webapp.announcements.desk.kinds_of_one_child import PARTICIPATION, RESULT
from webapp.announcements.desk.kinds_of_school import AT_HOME, EVENT, ORDER, PLATFORMS, RECOMMENDATION, TALK

GENERAL = Kind(kinds.GENERAL, lazy_gettext("Anything, in your own words"), takes_answers=True)

KINDS = {
    kind.code: kind
    for kind in (
        GENERAL,
        ASSIGNMENT,
        ONLINE_LESSON,
        RESULT,
        PARTICIPATION,
        ORDER,
        TALK,
        EVENT,
        PLATFORMS,
        RECOMMENDATION,
        AT_HOME,
    )
}
