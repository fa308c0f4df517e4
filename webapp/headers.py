"""What every answer says to the browser about safety and caching."""

from __future__ import annotations

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def init_app(app: Flask) -> None:
    https = app.config["SETTINGS"].https

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint == "static":
            # An address with a fingerprint never changes its content.
            age = "31536000, immutable" if "v" in request.args else "3600"
            headers["Cache-Control"] = f"public, max-age={age}"
        elif request.endpoint == "home.manifest":
            headers["Cache-Control"] = "public, max-age=3600"
        elif request.blueprint != "public":
            # Pages name children: no shared computer may keep a copy.
            headers["Cache-Control"] = "no-store"
        return response
