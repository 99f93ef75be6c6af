"""Who calls, how often they may, and when a session's cookie is enough."""

from __future__ import annotations

from http import HTTPStatus

from flask import request
from flask_limiter.util import get_remote_address

from webapp.accounts.access import signed_in_user, token_user
from webapp.accounts.models import User
from webapp.api.problems import Problem
from webapp.extensions import csrf
from webapp.identify.views import ADDRESS_PACE

KNOWN_CALLER_PACE = "40 per second"
"""A caller with a token may make 20 requests a second, and catch up after a pause of the network."""
READING_PACE = "30 per second; 1200 per minute"

# Whoever sends these does so in nobody's name: a foreign page gains nothing by sending them from someone's browser.
IN_NOBODYS_NAME = frozenset({"api.identifications.create", "api.identifications.give_feedback"})


def caller() -> str:
    """Whose requests are counted together: a token's owner, else an address."""
    user = token_user(request)
    return f"token:{user.id}" if user else get_remote_address()


def photo_pace() -> str:
    """How often photos may be sent."""
    return KNOWN_CALLER_PACE if token_user(request) else ADDRESS_PACE


def reading_pace() -> str:
    """How often anything else may be asked."""
    return KNOWN_CALLER_PACE if token_user(request) else READING_PACE


def caller_with_role(*roles: str) -> User:
    """The person who calls, by token or session; raises a Problem for strangers and for people of other roles."""
    user = token_user(request) or signed_in_user()
    if user is None:
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            f"This is for people with an account ({' or '.join(roles)}). Send Authorization: Bearer and a token; "
            "an admin can make one.",
        )
    if user.role not in roles:
        raise Problem(HTTPStatus.FORBIDDEN, f"This is for {' or '.join(roles)} only. Ask an admin for an account.")
    return user


def check_caller() -> None:
    """Refuse a token that nobody has, and a change in a person's name that only their cookie vouches for."""
    if request.headers.get("Authorization", "").lower().startswith("bearer"):
        if token_user(request) is None:
            raise Problem(HTTPStatus.UNAUTHORIZED, "The token is not known. Copy it anew, or ask an admin for one.")
        return
    changes = request.method not in {"GET", "HEAD", "OPTIONS"}
    if changes and request.endpoint not in IN_NOBODYS_NAME and signed_in_user() is not None:
        csrf.protect()
