"""The pages on which somebody goes after families, for create_app."""

from __future__ import annotations

from webapp.reach.answers import touch_views, work_views  # noqa: F401  (their pages are of the answers)
from webapp.reach.answers.views import blueprint as answers
from webapp.reach.board.views import blueprint as board
from webapp.reach.contacts.views import blueprint as contacts
from webapp.reach.history.views import blueprint as history
from webapp.reach.ladder import views as _ladder  # noqa: F401  (its page is of those who go)
from webapp.reach.overview.views import blueprint as overview
from webapp.reach.period.views import blueprint as period
from webapp.reach.rounds.views import blueprint as rounds
from webapp.reach.speaking import speak
from webapp.reach.tasks.going_views import blueprint as going
from webapp.reach.tasks.views import blueprint as tasks
from webapp.reach.views import blueprint as reach

speak(board)
BLUEPRINTS = (reach, overview, period, answers, board, contacts, history, going, tasks, rounds)
