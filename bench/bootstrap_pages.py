"""Our pages as one would build them on Bootstrap: the same words and forms, its classes and unmodified files.

Bootstrap is fetched by npm when it is measured, and is nowhere else in Kabarchy. Our drawings and scripts
stay (a Bootstrap page needs some, too); what is exchanged is the style.
"""

from __future__ import annotations

import contextlib
import gzip
import re
import shutil
import subprocess
import tarfile
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

VERSION = "5.3.8"
FOR_GOOD = "public, max-age=31536000, immutable"
CSS, SCRIPT = "bootstrap.min.css", "bootstrap.bundle.min.js"

# Ours → theirs; what is not here has no counterpart and goes.
CLASSES = {
    "top": "navbar navbar-dark bg-primary py-0",
    "top-in": "container-fluid",
    "brand": "navbar-brand d-flex gap-2",
    "me": "dropdown",
    "me-box": "dropdown-menu show-on-open p-3",
    "lang": "btn-group",
    "practice": "alert alert-warning rounded-0 mb-0",
    "tabs": "navbar fixed-bottom bg-body-tertiary border-top",
    "waits": "badge text-bg-danger",
    "head": "mb-4",
    "lead": "lead",
    "hush": "visually-hidden",
    "skip": "visually-hidden-focusable",
    "soft": "text-body-secondary",
    "small": "small",
    "num": "font-monospace",
    "plain": "list-unstyled",
    "ways": "list-group",
    "card": "card card-body mb-3",
    "next": "card card-body text-bg-primary mb-3",
    "card-head": "d-flex justify-content-between",
    "linked": "position-relative",
    "pill": "badge rounded-pill text-bg-light",
    "pills": "d-flex flex-wrap gap-2 list-unstyled",
    "picks": "nav nav-pills mb-3",
    "button": "btn btn-lg",
    "b-primary": "btn-primary",
    "b-secondary": "btn-outline-primary",
    "b-danger": "btn-outline-danger",
    "b-quiet": "btn-link",
    "full": "w-100",
    "actions": "d-grid gap-2 my-4",
    "thumbs": "d-flex flex-wrap gap-2",
    "field": "mb-3",
    "input": "form-control form-control-lg",
    "search": "input-group mb-3",
    "hint": "form-text",
    "error": "invalid-feedback d-block",
    "tick": "form-check d-flex gap-2",
    "chips": "d-flex flex-wrap gap-2",
    "chip": "form-check",
    "note": "alert alert-info d-flex gap-2",
    "k-problem": "text-danger",
    "k-waiting": "text-warning",
    "k-delivered": "text-success",
    "k-sent": "text-info",
    "stats": "row g-2 mb-3",
    "stat": "col border rounded p-2",
    "facts": "row",
    "empty": "text-center border rounded p-4",
    "crumbs": "breadcrumb",
    "more": "accordion",
    "pager": "pagination justify-content-between",
    "cards": "table",
    "cost": "table table-sm",
    "sms": "border rounded p-3 bg-success-subtle mb-2",
    "grid": "row row-cols-1 g-3",
    "right": "text-end",
    "nowrap": "text-nowrap",
}


class NoBootstrap(Exception):
    """It cannot be had here."""


@dataclass(frozen=True, slots=True)
class Dist:
    """Bootstrap's own files, as it publishes them."""

    css: bytes
    script: bytes


def bootstrap(folder: Path) -> Dist:
    """Fetch the published package. Raises NoBootstrap."""
    npm = shutil.which("npm")
    if npm is None:
        raise NoBootstrap("there is no npm to fetch it with")
    command = [npm, "pack", "--silent", "--cache", str(folder / "npm"), f"bootstrap@{VERSION}"]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    package = folder / f"bootstrap-{VERSION}.tgz"
    if answer.returncode or not package.exists():
        raise NoBootstrap("npm could not fetch it")
    with tarfile.open(package) as archive:
        read = [archive.extractfile(f"package/dist/{name}") for name in (f"css/{CSS}", f"js/{SCRIPT}")]
        css, script = (file.read() if file else b"" for file in read)
    return Dist(css, script)


def in_bootstrap(html: str) -> str:
    """Exchange our style for Bootstrap's in a page."""
    head, _, rest = html.partition("</head>")
    head = re.sub(r'<link rel="stylesheet"[^>]*>\s*', "", head)
    head += f'<link rel="stylesheet" href="/{CSS}"><script src="/{SCRIPT}" defer></script>\n'
    body = re.sub(r'\bclass="([^"]*)"', _translated, rest)
    body = re.sub(r"<main\b", '<main class="container py-4"', body, count=1)
    # Without a size of its own a drawing would fill the screen.
    body = re.sub(r"<svg(?![^>]*\bwidth=)", '<svg width="24" height="24"', body)
    return f"{head}</head>{body}"


def _translated(match: re.Match[str]) -> str:
    theirs = [CLASSES[name] for name in match[1].split() if name in CLASSES]
    return f'class="{" ".join(theirs)}"' if theirs else ""


@contextlib.contextmanager
def serving(html: str, dist: Dist, ours: str) -> Iterator[str]:
    """Serve the page in Bootstrap as ours is served: packed, what never changes kept for good."""
    packed = {
        "/": (gzip.compress(in_bootstrap(html).encode(), 6), "text/html; charset=utf-8", "no-store"),
        f"/{CSS}": (gzip.compress(dist.css, 9), "text/css", FOR_GOOD),
        f"/{SCRIPT}": (gzip.compress(dist.script, 9), "text/javascript", FOR_GOOD),
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = packed.get(self.path.removesuffix("?again")) or _one_of_ours(ours + self.path)
            if found is None:
                self.send_error(404)
                return
            content, kind, kept = found
            self.send_response(200)
            for name, value in (
                ("Content-Type", kind),
                ("Content-Encoding", "gzip"),
                ("Content-Length", str(len(content))),
                ("Cache-Control", kept),
            ):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def _one_of_ours(url: str) -> tuple[bytes, str, str] | None:
    """A drawing or a script of ours that the page uses; nothing else."""
    if "/static/" not in url:
        return None
    with urllib.request.urlopen(url, timeout=10) as answer:
        return gzip.compress(answer.read(), 9), answer.headers["Content-Type"], FOR_GOOD
