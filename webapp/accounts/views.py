"""Sign in, sign out."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, render_template, request, session
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from webapp.accounts.access import signed_in_user
from webapp.accounts.forms import SignInForm
from webapp.accounts.people import find_by_password
from webapp.extensions import limiter

_OWN = re.compile(r"/(?!/)[^\\\x00-\x1f\x7f]*")
"""A path of ours. Browsers take a backslash for a slash, and leave tabs and line breaks out."""

blueprint = Blueprint("accounts", __name__)


def _address_asked_for() -> str:
    return f"sign-in {request.form.get('email', '').strip().lower()[:254]}"


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit("20 per minute; 200 per hour", methods=["POST"])
@limiter.limit("10 per minute; 50 per hour", key_func=_address_asked_for, methods=["POST"])
def sign_in() -> str | Response | tuple[str, int]:
    """The sign-in page."""
    form = SignInForm(next=request.args.get("next", ""))
    if not form.validate_on_submit():
        if signed_in_user() is not None and request.method == "GET":
            return redirect(_own_address(request.args.get("next", "")))
        return render_template("accounts/sign_in.html", form=form), 422 if form.is_submitted() else 200
    user = find_by_password(form.email.data, form.password.data)
    if user is None:
        form.password.errors = ["No account has this e-mail address and password."]
        return render_template("accounts/sign_in.html", form=form), 401
    session.clear()
    session.permanent = True
    login_user(user)
    return redirect(_own_address(form.next.data), 303)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    logout_user()
    session.clear()
    flash("You are signed out.", "success")
    return redirect("/", 303)


def _own_address(address: str | None) -> str:
    """`address` where it leads to a page of ours, else the front page: nobody is sent elsewhere after signing in."""
    return address if address and _OWN.fullmatch(address) else "/"
