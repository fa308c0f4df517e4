"""The page on which a draft is looked over before it goes: every message as its phones will read it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import render_template
from flask_login import current_user

from notifier import policy
from webapp.announcements.asks import Asks
from webapp.announcements.audience.conditions import names_of
from webapp.announcements.audience.find import CHANNELS
from webapp.announcements.audience.selection import Selection
from webapp.announcements.audience.told import told
from webapp.announcements.desk.moment_said import names
from webapp.announcements.later.form import LaterForm
from webapp.announcements.models import Announcement
from webapp.announcements.money import limits
from webapp.announcements.money.estimate import Estimate, estimate
from webapp.announcements.plan import Plan, against, plan
from webapp.announcements.publish import starts_at
from webapp.announcements.queries import same_sent_today
from webapp.staff.models import SCRIPT_NAMES

# Families with several children each get their own wording; nobody looks through hundreds.
SHOWN_RENDERINGS = 12


def page(draft: Announcement, later: LaterForm, now: datetime) -> str:
    """Show what the families will read, what it costs, what stands against it, and when it can go."""
    later.offer_before(draft, now)
    intended = plan(draft, now)
    school, renderings = intended.school, Counter[object]()
    for envelope, message in intended.messages:
        renderings[message] += len(envelope.households)
    return render_template(
        "announcements/review.html",
        draft=draft,
        plan=intended,
        cost=(cost := _estimated(intended, draft)),
        hints=[
            hint
            for hint in cost.hints
            if hint.script is None or any(message.script is hint.script for _, message in intended.messages)
        ],
        over=[] if draft.urgent else limits.refusals(school, draft.classes, intended.messages, now),
        low=limits.warnings(school, draft.classes, now, intended.messages),
        script_names=SCRIPT_NAMES,
        channels={
            channel: sum(message.channel == channel for _, message in intended.messages)
            for channel in CHANNELS
        },
        renderings=renderings.most_common(SHOWN_RENDERINGS),
        more_renderings=max(0, len(renderings) - SHOWN_RENDERINGS),
        sent_before=same_sent_today(draft, school, now, intended.audience.pupil_ids),
        told=told(intended.audience),
        not_said=_not_said(draft, school.zone),
        against=[flaw.text for flaw in against(draft, intended, now)],
        conditions=names_of(current_user, Selection.of(draft).conditions),
        starts_at=starts_at(draft.urgent, now, school),
        quiet_until=policy.not_before(now, False, school.quiet),
        rings_at=starts_at(draft.urgent, draft.goes_at, school) if draft.goes_at else None,
        later=later,
        now=now,
    )


def _not_said(draft: Announcement, zone: ZoneInfo) -> list[str]:
    """The languages whose text, edited by hand, does not name the moment that the fields name."""
    if draft.due_at is None:
        return []
    local = draft.due_at.astimezone(zone)
    return [language for language, text in draft.texts.items() if text and not names(text, local)]


def _estimated(intended: Plan, draft: Announcement) -> Estimate:
    return estimate(intended, draft.texts, draft.classes[0].name if draft.classes else "", Asks.of(draft))
