"""What holds for every page: headers, errors with a sentence, and who may see what."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp.conftest import Person
from webapp import create_app
from webapp.settings import Settings


@pytest.mark.parametrize(
    "address", ["/products", "/sign-in", "/nothing", "/static/css/tokens.css", "/jobs/current.json"]
)
def test_every_answer_protects_the_visitor(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Permissions-Policy"].startswith("camera=(self)")
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize(
    ("method", "address", "code", "sentence"),
    [
        ("get", "/nothing", 404, "There is nothing here"),
        ("post", "/products", 405, "That does not work here"),
        ("post", "/sign-out", 400, "Please send that again"),
    ],
)
def test_an_error_is_a_page_with_a_way_on(
    client: FlaskClient, method: str, address: str, code: int, sentence: str
) -> None:
    answer = getattr(client, method)(address)
    assert answer.status_code == code
    assert sentence in answer.text
    assert 'href="/products"' in answer.text


def test_a_fault_of_ours_is_a_page_too(settings: Settings) -> None:
    app = create_app(settings)

    @app.get("/broken")
    def broken() -> str:
        raise ZeroDivisionError("secret detail")

    answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert "That was our fault" in answer.text
    assert "secret detail" not in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_a_body_that_is_too_large_is_read_and_refused(app: Flask, client: FlaskClient) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = client.post("/sign-in", data={"email": "x" * 5000})
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_every_admin_address_refuses_everyone_else(app: Flask, client: FlaskClient, marketer: Person) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("admin.")]
    assert len(rules) >= 4
    for rule in rules:
        _, address = rule.build(dict.fromkeys(rule.arguments, 1)) or ("", "")
        for method in (rule.methods or set()) & {"GET", "POST"}:
            assert client.open(address, method=method).status_code == 302, address
            assert marketer.client.open(address, method=method).status_code == 403, address


def test_an_admin_gives_a_person_a_new_token(app: Flask, admin: Person, marketer: Person) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    page = admin.client.post("/admin/users/2/token")
    assert page.status_code == 200
    assert "sole_" in page.text
    assert marketer.token not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert admin.client.post("/admin/users/99/token").status_code == 404
