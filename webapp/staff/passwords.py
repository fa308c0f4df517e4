"""Passwords: how they are kept, checked and made."""

from __future__ import annotations

import secrets

from werkzeug.security import check_password_hash, generate_password_hash

MIN_LENGTH = 10
# Long enough for any sentence, short enough that hashing it costs the server nothing.
MAX_LENGTH = 200
# Everybody knows it: it opens only the demo school's accounts, and those only in practice mode.
DEMO = "demo-mektep-95"
# No letter or digit that is read aloud as another: a new password often travels on paper.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_stranger: str | None = None


def hashed(password: str) -> str:
    """Return what the database keeps of a password: scrypt, with a salt of its own."""
    return generate_password_hash(password, method="scrypt")


def matches(password: str, kept: str | None) -> bool:
    """Say whether `password` is the one behind `kept`.

    Without a person to compare with (`kept` is None) the same work is done for nothing, so that the time
    an answer takes tells nobody which logins exist.
    """
    global _stranger  # noqa: PLW0603
    if kept is None:
        if _stranger is None:
            _stranger = hashed(secrets.token_urlsafe(16))
        check_password_hash(_stranger, password)
        return False
    return check_password_hash(kept, password)


def generate() -> str:
    """Make a password of 60 bits that can be read out on the phone: "kfx7-m2rp-9wtd"."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(3))
