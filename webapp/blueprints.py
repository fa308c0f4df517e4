"""The pages of the house, area by area."""

from __future__ import annotations

from flask import Flask

from webapp.announcements.desk.views import blueprint as kinds
from webapp.announcements.files.views import blueprint as attachments
from webapp.announcements.views import blueprint as announcements
from webapp.atschool.views import blueprint as atschool
from webapp.documents.views import blueprint as documents
from webapp.extensions import csrf
from webapp.families.device_views import blueprint as devices
from webapp.families.import_views import blueprint as families_import
from webapp.families.mode_views import blueprint as modes
from webapp.families.search_views import blueprint as search
from webapp.families.views import blueprint as families
from webapp.home.views import blueprint as home
from webapp.hooks.health import blueprint as health
from webapp.hooks.twilio import blueprint as hooks_twilio
from webapp.hooks.unsubscribe import blueprint as unsubscribe
from webapp.inbox.views import blueprint as inbox
from webapp.lessons.digest.views import blueprint as lessons_digest
from webapp.lessons.edit_views import blueprint as lessons_edit
from webapp.lessons.import_views import blueprint as lessons_import
from webapp.lessons.settings_views import blueprint as lessons_settings
from webapp.lessons.views import blueprint as lessons
from webapp.message_templates.sheets.views import blueprint as message_sheets
from webapp.message_templates.views import blueprint as message_templates
from webapp.messages.views import blueprint as messages
from webapp.public.desk_views import blueprint as public_desk
from webapp.public.views import blueprint as public
from webapp.reach.pages import BLUEPRINTS as REACH_PAGES
from webapp.roster.views import blueprint as roster
from webapp.sandbox.views import blueprint as sandbox
from webapp.school.views import blueprint as school
from webapp.staff.views import blueprint as staff
from webapp.staffroom.people_views import blueprint as staffroom
from webapp.staffroom.plan_views import blueprint as plans
from webapp.staffroom.views import blueprint as staff_notices
from webapp.survey.views import blueprint as survey

PAGES = (
    *(home, staff, school, health, roster),
    *(families, families_import, devices, modes, search),
    *(announcements, kinds, attachments, messages, message_templates, message_sheets),
    *(lessons, lessons_edit, lessons_import, lessons_digest, lessons_settings, survey, atschool),
    *REACH_PAGES,
    *(documents, inbox, public, public_desk),
    *(staffroom, staff_notices, plans),
)
# Providers sign their calls, and mail programs unsubscribe by a secret address, instead of a CSRF token.
WITHOUT_TOKEN = (hooks_twilio, unsubscribe)


def register(app: Flask) -> None:
    """Open the pages; the practice phones only where nothing is sent to real ones."""
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    for blueprint in WITHOUT_TOKEN:
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
    if app.config["SETTINGS"].sandbox:
        app.register_blueprint(sandbox)
