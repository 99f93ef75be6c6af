"""Whatever goes wrong below /api is answered as application/problem+json, and nothing else on the site is."""

from __future__ import annotations

import time
from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp.api.test_identifications import ADDRESS, post, problem_of
from tests.webapp.conftest import Person, csrf_token
from webapp import create_app
from webapp.recognition import Recognition
from webapp.settings import MEGABYTE, Settings


def test_addresses_that_are_not_there(client: FlaskClient) -> None:
    for address in ("/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/products", "/api/v1/recommendations/1"):
        assert "openapi.json" in problem_of(client.get(address), 404)
    assert client.get("/nothing").content_type.startswith("text/html")


def test_methods_that_are_not_taken(client: FlaskClient) -> None:
    response = client.delete(ADDRESS)
    assert "POST" in problem_of(response, 405)
    assert "POST" in response.headers["Allow"]


def test_our_own_fault_tells_nothing_of_its_inside(app: Flask, client: FlaskClient, red_shoe: bytes) -> None:
    recognition: Recognition = app.extensions["recognition"]
    recognition.refresh()
    app.testing = False
    app.extensions["image_store"].folder = app.extensions["image_store"].folder / "secret\0folder"
    detail = problem_of(post(client, red_shoe), 500)
    assert "secret" not in detail
    assert "our side" in detail


def test_as_long_as_there_is_no_bundle(settings: Settings, red_shoe: bytes) -> None:
    app = create_app(replace(settings, starter_bundle=settings.instance / "none"))
    client = app.test_client()
    response = post(client, red_shoe)
    problem_of(response, 503)
    assert int(response.headers["Retry-After"]) >= 1
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200
    app.extensions["recognition"].close()


def test_when_every_place_is_taken(app: Flask, client: FlaskClient, recognition: Recognition, red_shoe: bytes) -> None:
    from contextlib import ExitStack
    from threading import Event, Thread

    release, bound = Event(), recognition.admission.bound
    held: list[Thread] = []

    def hold() -> None:
        with recognition.admission.place():
            release.wait(60)

    with ExitStack() as stack:
        stack.callback(release.set)
        for _ in range(bound):
            held.append(Thread(target=hold))
            held[-1].start()
        _until(lambda: not recognition.admission.has_place)
        response = post(client, red_shoe)
    for thread in held:
        thread.join(60)
    problem_of(response, 503)
    assert int(response.headers["Retry-After"]) >= 1
    assert post(client, red_shoe).status_code == 201


def _until(condition) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


def test_a_photo_that_is_too_large(client: FlaskClient, recognition: Recognition, settings: Settings) -> None:
    detail = problem_of(post(client, b"\xff\xd8\xff" + bytes(settings.max_photo_bytes)), 413)
    assert str(settings.max_photo_bytes // MEGABYTE) in detail


def test_a_request_that_is_too_large(client: FlaskClient, settings: Settings) -> None:
    response = client.post(ADDRESS, data={"photo": (BytesIO(bytes(settings.max_request_bytes + 1)), "a.jpg")})
    assert "at most 4" in problem_of(response, 413)


@pytest.fixture
def paced(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A site that counts how often it is asked, in a second that does not end: no machine is too slow for it."""
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment)
    return create_app(replace(settings, rate_limits=True))


def test_too_often(paced: Flask) -> None:
    client = paced.test_client()
    responses = [client.post(ADDRESS, data={}, content_type="multipart/form-data; boundary=x") for _ in range(11)]
    assert {response.status_code for response in responses[:10]} == {422}
    problem_of(responses[10], 429)
    assert int(responses[10].headers["Retry-After"]) >= 0
    assert client.get("/health/live").status_code == 200


def test_a_caller_with_a_token_may_ask_twenty_times_a_second(paced: Flask) -> None:
    from webapp.accounts.people import create_user
    from webapp.accounts.tokens import renew_token

    with paced.app_context():
        token = renew_token(create_user("program@example.com", "marketer", "correct horse battery"))
    client, headers = paced.test_client(), {"Authorization": f"Bearer {token}"}
    statuses = [
        client.post(ADDRESS, data={}, headers=headers, content_type="multipart/form-data; boundary=x").status_code
        for _ in range(41)
    ]
    assert statuses == [422] * 40 + [429], "20 a second, and as many that waited"


def test_a_token_that_nobody_has(client: FlaskClient) -> None:
    detail = problem_of(client.get("/api/v1/products", headers={"Authorization": "Bearer nonsense"}), 401)
    assert "token" in detail


def test_a_signed_in_person_may_identify_without_a_forms_token(
    marketer: Person, recognition: Recognition, red_shoe: bytes
) -> None:
    assert csrf_token(marketer.client, "/")
    assert post(marketer.client, red_shoe).status_code == 201
