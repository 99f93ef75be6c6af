"""Whose photos they are: the browser's session remembers who sent them, and a key proves it anywhere else."""

from __future__ import annotations

from uuid import UUID

from flask import session

from webapp.identify.keys import fits, key_of
from webapp.identify.models import Identification
from webapp.settings import current_settings

_MINE = "mine"
_REMEMBERED = 20


def remember_as_mine(identification: Identification) -> None:
    """Have the browser's session say that this person sent the photos. It remembers the last ones."""
    session[_MINE] = [*session.get(_MINE, []), UUID(identification.id).hex][-_REMEMBERED:]


def is_mine(identification_id: str, key: str = "") -> bool:
    """Whether who asks sent the photos, by their session or by the key that came along."""
    return has_key(identification_id, key) or UUID(identification_id).hex in session.get(_MINE, [])


def has_key(identification_id: str, key: str) -> bool:
    """Whether the key that came along is the one that was given to who sent the photos."""
    return fits(key, identification_id, current_settings().secret_key)


def secret_key_of(identification_id: str) -> str:
    """The key to give to who sent the photos."""
    return key_of(identification_id, current_settings().secret_key)
