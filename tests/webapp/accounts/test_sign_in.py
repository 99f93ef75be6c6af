"""Signing in and out through the pages, as a browser does it."""

from __future__ import annotations

import dataclasses
import time

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from tests.webapp.conftest import PASSWORD, Person, csrf_token
from webapp import create_app
from webapp.accounts.access import token_user
from webapp.accounts.people import create_user, find_by_email, set_password
from webapp.settings import Settings


def sign_in(client: FlaskClient, email: str, password: str, **more: str) -> int:
    form = {"email": email, "password": password, "csrf_token": csrf_token(client), **more}
    return client.post("/sign-in", data=form).status_code


@pytest.fixture
def ann(app: Flask) -> str:
    with app.app_context():
        return create_user("ann@example.com", "admin", PASSWORD).email


def test_a_session_begins_and_ends(client: FlaskClient, ann: str) -> None:
    assert client.get("/admin").status_code == 302
    assert sign_in(client, ann, PASSWORD) == 303
    assert client.get("/admin").status_code == 200
    token = csrf_token(client, "/admin")
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 303
    assert client.get("/admin").status_code == 302


def test_a_wrong_password_is_refused_with_a_sentence(client: FlaskClient, ann: str) -> None:
    form = {"email": ann, "password": "wrong", "csrf_token": csrf_token(client)}
    answer = client.post("/sign-in", data=form)
    assert answer.status_code == 401
    assert "No account has this e-mail address and password." in answer.text
    assert 'value="wrong"' not in answer.text


def test_missing_fields_are_named(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"csrf_token": csrf_token(client)})
    assert answer.status_code == 422
    assert "Your e-mail address is missing." in answer.text


def test_a_form_without_its_token_is_refused(client: FlaskClient, ann: str) -> None:
    answer = client.post("/sign-in", data={"email": ann, "password": PASSWORD})
    assert answer.status_code == 400
    assert "reload the page" in answer.text
    assert client.post("/sign-out").status_code == 400


@pytest.mark.parametrize(
    ("address", "lands"),
    [
        ("/products?brand=Vello", "/products?brand=Vello"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\n/evil.example", "/"),
        ("/\t\\evil.example", "/"),
        ("http://[", "/"),
        ("//[", "/"),
        ("/products?query=[", "/products?query=%5B"),
        ("", "/"),
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(client: FlaskClient, ann: str, address: str, lands: str) -> None:
    form = {"email": ann, "password": PASSWORD, "csrf_token": csrf_token(client), "next": address}
    assert client.post("/sign-in", data=form).headers["Location"] == lands


def test_the_page_that_was_asked_for_comes_after_signing_in(client: FlaskClient) -> None:
    answer = client.get("/admin?tab=jobs")
    assert answer.headers["Location"] == "/sign-in?next=/admin?tab%3Djobs"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Flask, settings: Settings, ann: str) -> None:
    client = app.test_client()
    form = {"email": ann, "password": PASSWORD, "csrf_token": csrf_token(client)}
    cookie = client.post("/sign-in", data=form).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    https = create_app(dataclasses.replace(settings, https=True)).test_client()
    answer = https.get("/sign-in", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_a_new_password_signs_out_everywhere(app: Flask, admin: Person) -> None:
    assert admin.client.get("/admin").status_code == 200
    with app.app_context():
        user = find_by_email(admin.email)
        assert user is not None
        set_password(user, PASSWORD + "?")
    assert admin.client.get("/admin").status_code == 302


def test_a_marketer_may_not_see_the_admins_desk(marketer: Person) -> None:
    assert marketer.client.get("/admin").status_code == 403


def test_a_token_names_its_person(app: Flask, admin: Person) -> None:
    for header, email in (
        (f"Bearer {admin.token}", admin.email),
        (f"bearer  {admin.token} ", admin.email),
        (f"Basic {admin.token}", None),
        ("Bearer ", None),
        ("Bearer sole_wrong", None),
        ("", None),
    ):
        with app.test_request_context(headers={"Authorization": header}):
            user = token_user(request)
            assert (user.email if user else None) == email, header


def test_guessing_passwords_is_slowed_down(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment)  # the minute does not end, however slow the machine is
    app = create_app(dataclasses.replace(settings, rate_limits=True))
    with app.app_context():
        create_user("ann@example.com", "admin", PASSWORD)
    client = app.test_client()
    codes = [sign_in(client, "ann@example.com", f"wrong {number}") for number in range(11)]
    assert codes == [401] * 10 + [429]
    form = {"email": "ann@example.com", "password": PASSWORD, "csrf_token": csrf_token(client)}
    answer = client.post("/sign-in", data=form)
    assert answer.status_code == 429
    assert "A little slower" in answer.text
    assert int(answer.headers["Retry-After"]) <= 61
