"""The pages on which somebody goes after families, for create_app."""

from __future__ import annotations

from webapp.reach import touch_views  # noqa: F401  (its pages are of the answers)
from webapp.reach.answer_views import blueprint as answers
from webapp.reach.board_views import blueprint as board
from webapp.reach.contact_views import blueprint as contact
from webapp.reach.family_views import blueprint as family
from webapp.reach.going_views import blueprint as going
from webapp.reach.rounds.views import blueprint as rounds
from webapp.reach.speaking import speak
from webapp.reach.task_views import blueprint as tasks

speak(board)
BLUEPRINTS = (answers, board, contact, family, going, tasks, rounds)
