"""A public notice as somebody passes it on: a text to copy, links that open a messenger with it (pure)."""

from __future__ import annotations

from urllib.parse import quote

# A messenger gets its text in an address, in which each Cyrillic letter takes six characters; beyond some
# eight thousand of them phones cut it in the middle.
LONGEST_SHARED = 600


def ready(title: str, text: str, link: str) -> str:
    """The whole notice, to be pasted anywhere."""
    return f"{title}\n\n{text}\n\n{link}"


def shares(title: str, text: str, link: str) -> dict[str, str]:
    """Links that open a messenger, by its name; a long text is cut, for the link leads to all of it."""
    short = f"{title}\n\n{_cut(text)}"
    whole = f"{short}\n\n{link}"
    return {
        "WhatsApp": f"https://wa.me/?text={quote(whole, safe='')}",
        # Telegram puts the link before the text by itself.
        "Telegram": f"https://t.me/share/url?url={quote(link, safe='')}&text={quote(short, safe='')}",
    }


def _cut(text: str) -> str:
    if len(text) <= LONGEST_SHARED:
        return text
    return text[:LONGEST_SHARED].rsplit(None, 1)[0].rstrip(".,;:") + " …"
