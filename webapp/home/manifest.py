"""How a phone keeps Kabarchy on its first screen: its name, drawings and shortcuts, in the person's language.

The language stands in the address, because a browser asks for this without saying who it is.
"""

from __future__ import annotations

from flask import Response, jsonify, url_for
from flask_babel import force_locale, gettext

from webapp.languages import LANGUAGES
from webapp.staff.access import public

# The grounds of the first screen while a page is on its way: paper and lake of app.css.
PAPER, LAKE = "#f6f1e7", "#0d444b"


@public
def manifest(language: str) -> Response:
    """Answer as https://www.w3.org/TR/appmanifest asks."""
    with force_locale(language):
        small, large = (_drawing(f"icon-{size}.png", f"{size}x{size}", "image/png") for size in (192, 512))
        shortcuts = [
            (gettext("New announcement"), url_for("announcements.compose")),
            (gettext("Replies"), url_for("inbox.messages")),
            (gettext("Find a family"), url_for("search.page")),
        ]
        answer = jsonify(
            id="/",
            name=gettext("Kabarchy"),
            short_name=gettext("Kabarchy"),
            description=gettext(
                "Kabarchy brings the school’s news to every family, also by SMS to a button phone."
            ),
            lang=language,
            dir="ltr",
            start_url="/",
            scope="/",
            display="standalone",
            background_color=PAPER,
            theme_color=LAKE,
            categories=["education"],
            icons=[
                _drawing("favicon.svg", "any", "image/svg+xml"),
                small,
                large,
                # The drawing stands far enough from the edges for a round mask.
                large | {"purpose": "maskable"},
            ],
            shortcuts=[{"name": name, "url": url, "icons": [small]} for name, url in shortcuts],
        )
    answer.mimetype = "application/manifest+json"
    return answer


def _drawing(name: str, sizes: str, kind: str) -> dict[str, str]:
    return {"src": url_for("static", filename=name), "sizes": sizes, "type": kind, "purpose": "any"}


RULE = f"/manifest/<any({', '.join(LANGUAGES)}):language>"
