"""The whole URL map is walked: nobody but admins gets past any address of the desk, strangers get only what is open to
everyone, and nothing changes without a token of the form or the API.

A route of tomorrow is walked without being told. One that is open to strangers must be named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp.admin.conftest import World
from tests.webapp.admin.everything import everything
from tests.webapp.admin.test_acts import ACTS
from tests.webapp.conftest import Person
from webapp.api.callers import IN_NOBODYS_NAME

OPEN = {
    *("static", "health.live", "health.ready", "metrics.metrics", "jobs.current"),  # metrics has a token of its own
    *("accounts.sign_in", "accounts.sign_out", "catalogue.browse", "catalogue.product"),
    *("identify.start", "identify.start_again", "identify.identify", "identify.identify_sample", "identify.answer"),
    *("identify.feedback", "identify.ask_to_delete", "identify.delete_photos", "identify.decide_about_training"),
    *("images.picture", "images.thumbnail", "api.description.show", "api.products.browse", "api.products.show"),
    *("api.identifications.create", "api.identifications.show", "api.identifications.give_feedback"),
    "api.identifications.remove",  # for who has the key that came with the answer
}
MARKETERS_TOO = ("studio.", "campaigns.", "conversion_model.", "api.recommendations.")
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
EXAMPLES = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "string": "a" * 64,
    "any": "jpg",
    "path": "one",
}
Route = tuple[str, str, str]


def routes(app: Flask) -> Iterator[Route]:
    """The endpoint of each address of the site, the address filled with examples, and each of its methods."""
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda part: EXAMPLES.get(part[1], "1"), rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, address, method


def for_admins(app: Flask) -> list[Route]:
    """Everything that is neither open nor for marketers."""
    return [one for one in routes(app) if one[0] not in OPEN and not one[0].startswith(MARKETERS_TOO)]


def test_strangers_are_refused_wherever_it_is_not_open(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    closed = [one for one in routes(app) if one[0] not in OPEN]
    assert len(closed) > 75
    for endpoint, address, method in closed:
        answer = client.open(address, method=method, json={} if endpoint.startswith("api.") else None)
        if endpoint.startswith("api."):
            assert (answer.status_code, answer.mimetype) == (401, "application/problem+json"), (method, address)
            assert len(answer.json["detail"]) > 20
        else:
            assert answer.status_code == 302, (method, address)
            assert answer.headers["Location"].startswith("/sign-in")


def test_marketers_are_refused_wherever_it_is_for_admins(app: Flask, client: FlaskClient, marketer: Person) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    found = for_admins(app)
    assert {endpoint.partition(".")[0] for endpoint, *_ in found} == {"admin", "api"}
    assert len(found) > 55
    for endpoint, address, method in found:
        if endpoint.startswith("api."):
            theirs = client.open(address, method=method, json={}, headers=marketer.bearer)
            unknown = client.open(address, method=method, json={}, headers={"Authorization": "Bearer sole_wrong"})
            assert unknown.status_code == 401, (method, address)
        else:
            theirs = marketer.client.open(address, method=method)
        assert theirs.status_code == 403, (method, address)


def test_admins_get_in_everywhere(app: Flask, admin: Person) -> None:
    """Else the two walks above would be content with a site that lets nobody in."""
    for endpoint, address, method in for_admins(app):
        if endpoint.startswith("api."):
            status = app.test_client().open(address, method=method, headers=admin.bearer, json={}).status_code
        elif method == "GET":
            status = admin.client.get(address).status_code
        else:
            continue  # test_acts does them all
        assert status in {200, 202, 404, 409, 422}, (method, address, status)


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_nothing_changes_without_a_token(app: Flask, world: World, token: str | None) -> None:
    """Each address that takes a change, asked by the browser of a signed-in admin that a foreign page makes send it."""
    before = everything(app)
    changing = [one for one in routes(app) if one[2] in CHANGING and one[0] not in IN_NOBODYS_NAME]
    addresses = {f"admin.{act}": (address.format(w=world), form) for act, (address, form) in ACTS.items()}
    for endpoint, example, method in changing:
        address, form = addresses.get(endpoint, (example, {"site": "demo"}))
        sent = {name: str(value).format(w=world) for name, value in form.items()}
        header = {} if token is None else {"X-CSRFToken": token}
        is_api = endpoint.startswith("api.")
        body = {"json": sent} if is_api else {"data": sent if token is None else {**sent, "csrf_token": token}}
        answer = world.admin.client.open(address, method=method, headers=header, **body)
        assert answer.status_code == 400, (method, address)
        said = answer.json["detail"] if is_api else answer.text
        assert is_api or "reload the page and send it again" in said, address
        assert len(said) > 20
    assert everything(app) == before
