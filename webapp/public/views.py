"""The public page: everybody may read it, and programs may fetch it."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import segno
from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from webapp.families.modes import MODE_NAMES, by_period, modes_from
from webapp.public import feeds
from webapp.public.models import PublicPage
from webapp.public.queries import notices_of, page_called, standing_notice
from webapp.settings import current_settings
from webapp.staff.access import public

blueprint = Blueprint("public", __name__, url_prefix="/news/<slug>")

PUBLIC_LANGUAGES = {"ky": "Кыргызча", "ru": "Русский"}
# A minute: a crowd costs one look at the tables, and a correction is soon seen.
FRESH = "public, max-age=60"


@blueprint.get("")
@public
def news(slug: str) -> ResponseReturnValue:
    page, language = _page(slug), _language(slug)
    today = datetime.now(UTC).astimezone(page.school.zone).date()
    with force_locale(language):
        text = render_template(
            "public/news.html",
            page=page,
            notices=[(each, *each.said(language)) for each in notices_of(page.school_id)],
            modes=by_period(modes_from(page.school_id, today)),
            mode_names=MODE_NAMES,
            address=address_of(page),
            **_frame(language),
        )
    return _fresh(Response(text))


@blueprint.get("/<int:number>")
@public
def notice(slug: str, number: int) -> ResponseReturnValue:
    page, language = _page(slug), _language(slug)
    found = standing_notice(page.school_id, number) or abort(404)
    with force_locale(language):
        text = render_template(
            "public/notice.html",
            page=page,
            notice=found,
            said=found.said(language),
            address=f"{address_of(page)}/{number}",
            **_frame(language),
        )
    return _fresh(Response(text))


@blueprint.get("/atom.xml")
@public
def atom(slug: str) -> Response:
    page, language = _page(slug), _language(slug)
    body = feeds.atom(title_of(page, language), address_of(page), notices_of(page.school_id), language)
    return _fresh(Response(body, mimetype="application/atom+xml"))


@blueprint.get("/feed.json")
@public
def json_feed(slug: str) -> Response:
    page, language = _page(slug), _language(slug)
    found = feeds.json_feed(title_of(page, language), address_of(page), notices_of(page.school_id), language)
    answer = jsonify(found)
    answer.mimetype = "application/feed+json"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return _fresh(answer)


@blueprint.get("/snippet.html")
@public
def snippet(slug: str) -> Response:
    page, language = _page(slug), _language(slug)
    answer = Response(
        feeds.snippet(
            title_of(page, language),
            address_of(page),
            notices_of(page.school_id),
            language,
            page.school.zone,
        )
    )
    # The school's own site may put it in place by itself.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return _fresh(answer)


@blueprint.get("/qr.svg")
@public
def qr(slug: str) -> Response:
    drawing = io.BytesIO()
    segno.make(address_of(_page(slug)), error="m").save(drawing, kind="svg", scale=4, border=2, light="#fff")
    return _fresh(Response(drawing.getvalue(), mimetype="image/svg+xml"))


def address_of(page: PublicPage) -> str:
    """Return the page's whole address, as it is printed and shared."""
    return current_settings().public_base_url.rstrip("/") + url_for("public.news", slug=page.slug)


def _page(slug: str) -> PublicPage:
    return page_called(slug) or abort(404)


def _language(slug: str) -> str:
    asked = request.args.get("lang", "")
    if asked in PUBLIC_LANGUAGES:
        return asked
    language = _page(slug).school.language
    return language if language in PUBLIC_LANGUAGES else "ky"


def _frame(language: str) -> dict[str, object]:
    return {"language": language, "public_languages": PUBLIC_LANGUAGES}


def title_of(page: PublicPage, language: str) -> str:
    """Call the page by its school, in one of its languages."""
    with force_locale(language):
        return str(gettext("%(school)s: notices", school=page.school.name))


def _fresh(answer: Response) -> Response:
    answer.headers["Cache-Control"] = FRESH
    return answer
