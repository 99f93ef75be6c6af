"""Keys: who has the key of an identification may delete it. It is told once, to who sent the photos."""

from __future__ import annotations

import hashlib
import hmac


def key_of(identification_id: str, secret: str) -> str:
    """The key of an identification: nobody without the site's secret can make one, and nothing of it is stored."""
    return hmac.new(secret.encode(), f"delete identification {identification_id}".encode(), hashlib.sha256).hexdigest()[
        :32
    ]


def fits(key: str, identification_id: str, secret: str) -> bool:
    """Whether a key is the one of this identification."""
    return hmac.compare_digest(key.encode(), key_of(identification_id, secret).encode())
