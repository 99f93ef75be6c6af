"""Passwords as argon2id, tokens as SHA-256: what is kept cannot be turned back."""

from __future__ import annotations

import hashlib
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 12
MAX_LENGTH = 1000
# OWASP's first choice: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The password as it is kept; raises ValueError with a sentence where it is too short or absurdly long."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise ValueError(f"A password needs {MIN_LENGTH} to {MAX_LENGTH} characters; this one has {len(password)}.")
    return _HASHER.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Whether this is the password. Takes as long without a kept one, so that nobody learns which accounts exist."""
    try:
        return _HASHER.verify(kept or _nobodys(), password[:MAX_LENGTH]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def new_token() -> str:
    """A random API token; it is shown once and only its hash is kept."""
    return f"sole_{secrets.token_urlsafe(32)}"


def hash_token(token: str) -> str:
    """The token as it is kept. A plain hash is enough: a random token cannot be guessed."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex())
