"""The list of conversations: what waits for somebody first."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user

from notifier.database import db
from webapp.families.devices import SEES_DEVICES
from webapp.families.looking import looked_for
from webapp.families.search import children_named
from webapp.inbox import check_views, family_views, number_views
from webapp.inbox.queries import conversations_for, how_many_strangers
from webapp.inbox.words import KEPT_BACK, SURVEY, meaning
from webapp.paging import Page
from webapp.staff.models import KEEPERS

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")

PER_PAGE = 50


@blueprint.get("/")
def messages() -> str:
    wanted = looked_for()
    page = Page.of(
        conversations_for(current_user),
        request.args.get("page"),
        PER_PAGE,
        lambda n: url_for(".messages", page=n),
    )
    return render_template(
        "inbox/messages.html",
        page=page,
        conversations=[] if wanted else db.session.scalars(page.rows).all(),
        wanted=wanted,
        found=children_named(current_user, wanted, limit=PER_PAGE) if wanted else [],
        strangers=how_many_strangers(current_user) if current_user.sees_whole_school else None,
        meaning=meaning,
        may_set=current_user.may(KEEPERS),
        kept_back="" if current_user.may(SEES_DEVICES) else KEPT_BACK,
        survey=SURVEY,
    )


for rule, view, methods in (
    ("/families/<int:number>", family_views.family, ["GET", "POST"]),
    ("/families/<int:number>/cost", family_views.cost, ["POST"]),
    ("/families/<int:number>/hand", family_views.hand, ["POST"]),
    ("/families/<int:number>/unread", family_views.unread, ["POST"]),
    ("/numbers", number_views.numbers, ["GET"]),
    ("/numbers/<int:number>", number_views.number, ["GET"]),
    ("/numbers/<int:number>/match", number_views.match, ["POST"]),
    ("/numbers/<int:number>/block", number_views.block, ["POST"]),
    ("/settings", check_views.settings, ["GET", "POST"]),
):
    blueprint.add_url_rule(rule, view_func=view, methods=methods)
