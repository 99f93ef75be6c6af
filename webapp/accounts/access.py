"""Who is asking: a signed-in session, or a caller with an API token. Views and the API ask here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Request, abort, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts.models import User
from webapp.accounts.tokens import find_by_token
from webapp.database import db
from webapp.extensions import login

P = ParamSpec("P")
R = TypeVar("R")


def register() -> None:
    """Tell Flask-Login how a session's cookie leads to a person."""
    login.session_protection = "basic"
    login.user_loader(_user_of_session)


def token_user(asked: Request) -> User | None:
    """The person behind `Authorization: Bearer <token>`; None without a token, or with one that nobody has."""
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    if "token_user" not in g:
        g.token_user = find_by_token(token.strip())
    found: User | None = g.token_user
    return found


def signed_in_user() -> User | None:
    """The person whose session's cookie came with the request."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def role_required(*roles: str) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """A page for people of one of these roles: others get 403, strangers the sign-in page and then this one."""

    def guard(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            user = signed_in_user()
            if user is None:
                back = request.full_path.rstrip("?") if request.method == "GET" else None
                return redirect(url_for("accounts.sign_in", next=back))
            if user.role not in roles:
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return guard


def _user_of_session(session_id: str) -> User | None:
    number = session_id.partition(".")[0]
    user = db.session.get(User, int(number)) if number.isdecimal() else None
    return user if user is not None and user.may_come_in and user.get_id() == session_id else None
