"""The pages about people: their roles, passwords and API tokens. For admins only."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from webapp.accounts.access import role_required, signed_in_user
from webapp.accounts.audit import recorded
from webapp.accounts.models import ROLES, ApiToken, User
from webapp.accounts.passwords import MIN_LENGTH
from webapp.accounts.people import AccountError, close_account, create_user, open_account, set_password, set_role
from webapp.accounts.tokens import make_token, revoke_token
from webapp.admin.views import NUMBER, blueprint
from webapp.database import db

Page = Response | tuple[str, int]


@blueprint.get("/people")
@role_required("admin")
def people() -> str:
    """Everyone with an account, and a form for one more."""
    return _people_page()


@blueprint.post("/people")
@role_required("admin")
def add_person() -> Page:
    """Make an account."""
    email, role = request.form.get("email", ""), request.form.get("role", "")
    try:
        with recorded(signed_in_user(), "add person", email.strip().lower(), role=role):
            user = create_user(email, role, request.form.get("password", ""))
    except AccountError as error:
        return _people_page(str(error), email, role), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(f"{user.email} is {user.role} now. Tell them the password: it cannot be read again.", "success")
    return redirect(url_for("admin.person", user_id=user.id), 303)


@blueprint.get(f"/people/<{NUMBER}:user_id>")
@role_required("admin")
def person(user_id: int) -> str:
    """One person: role, password, tokens."""
    return _person_page(_found(user_id))


@blueprint.post(f"/people/<{NUMBER}:user_id>/role")
@role_required("admin")
def change_role(user_id: int) -> Page:
    """Let a person do more, or less."""
    user, role = _found(user_id), request.form.get("role", "")
    return _change(user, "change role", lambda: set_role(user, role), f"{user.email} is {role} now.", role=role)


@blueprint.post(f"/people/<{NUMBER}:user_id>/password")
@role_required("admin")
def change_password(user_id: int) -> Page:
    """Give a person another password, which ends their sessions."""
    user, password = _found(user_id), request.form.get("password", "")
    said = f"{user.email} has a new password, and is signed out everywhere."
    return _change(user, "change password", lambda: set_password(user, password), said)


@blueprint.post(f"/people/<{NUMBER}:user_id>/close")
@role_required("admin")
def close_person(user_id: int) -> Page:
    """Let a person in no longer."""
    user = _found(user_id)
    return _change(user, "close account", lambda: close_account(user), f"{user.email} can no longer come in.")


@blueprint.post(f"/people/<{NUMBER}:user_id>/open")
@role_required("admin")
def open_person(user_id: int) -> Page:
    """Let a person in again."""
    user = _found(user_id)
    return _change(user, "open account", lambda: open_account(user), f"{user.email} can come in again.")


@blueprint.post(f"/people/<{NUMBER}:user_id>/tokens")
@role_required("admin")
def add_token(user_id: int) -> Page:
    """Make an API token, and show it this once."""
    user, name = _found(user_id), " ".join(request.form.get("name", "").split())
    try:
        with recorded(signed_in_user(), "make token", user.email, name=name):
            token = make_token(user, name)
    except AccountError as error:
        return _person_page(user, str(error), name), HTTPStatus.UNPROCESSABLE_ENTITY
    page = make_response(render_template("admin/token.html", token=token, name=name, user=user))
    page.headers["Cache-Control"] = "no-store"
    return page


@blueprint.post(f"/people/<{NUMBER}:user_id>/tokens/<{NUMBER}:token_id>/revoke")
@role_required("admin")
def end_token(user_id: int, token_id: int) -> Page:
    """End an API token."""
    user, token = _found(user_id), db.session.get(ApiToken, token_id)
    if token is None or token.user_id != user.id:
        abort(404)
    name = token.name
    said = f"The token “{name}” opens nothing any more."
    return _change(user, "revoke token", lambda: revoke_token(token), said, name=name)


def _found(user_id: int) -> User:
    return db.session.get(User, user_id) or abort(404)


def _change(user: User, act: str, change: Callable[[], None], said: str, **details: str) -> Page:
    """Do it and write it down; where it cannot be, the page says why."""
    try:
        with recorded(signed_in_user(), act, user.email, **details):
            change()
    except AccountError as error:
        return _person_page(user, str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(said, "success")
    return redirect(url_for("admin.person", user_id=user.id), 303)


def _people_page(problem: str = "", email: str = "", role: str = "") -> str:
    question = select(User).options(selectinload(User.tokens))
    everyone = db.session.scalars(question.order_by(User.disabled_at.is_not(None), User.email))
    typed = {"email": email[:254], "role": role}
    page = {"people": list(everyone), "roles": ROLES, "shortest": MIN_LENGTH}
    return render_template("admin/people.html", problem=problem, typed=typed, **page)


def _person_page(user: User, problem: str = "", token_name: str = "") -> str:
    asked = {"problem": problem, "token_name": token_name[:80]}
    return render_template("admin/person.html", person=user, roles=ROLES, shortest=MIN_LENGTH, **asked)
