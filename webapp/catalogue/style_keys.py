"""Style codes as shops spell them, made one spelling: by it the same shoe of two shops is found."""

from __future__ import annotations

import re
import unicodedata

_SHORTEST = 6
_SHORTEST_NUMBER = 8  # shorter numbers are a shop's own: two shops use the same ones for different shoes


def style_key(style_code: str) -> str:
    """("ct8012-100", "CT8012 100") -> "CT8012100"; empty where the code is too short, or too plain, to tell shoes of
    different shops apart."""
    plain = unicodedata.normalize("NFKC", style_code).upper()
    key = re.sub(r"[^0-9A-Z]", "", plain)
    if len(key) < _SHORTEST or not re.search(r"[0-9]", key):
        return ""
    return "" if key.isdigit() and len(key) < _SHORTEST_NUMBER else key
