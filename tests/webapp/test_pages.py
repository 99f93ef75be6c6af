"""What holds for every page: headers, errors with a sentence, and who may see what."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

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
