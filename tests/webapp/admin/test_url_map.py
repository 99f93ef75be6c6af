"""Nobody but admins gets past any address of the desk, and nothing changes without a token of the form or the API."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp.admin.conftest import World
from tests.webapp.admin.test_acts import ACTS
from tests.webapp.conftest import Person
from webapp.accounts.audit import read_entries

ADMIN_API = ("api.bundles.", "api.trainings.", "api.scrapes.")
OPEN_API = (
    "api.identifications.",
    "api.products.",
    "api.recommendations.",
    "api.description.",
)
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
EXAMPLES = {"uuid": "00000000-0000-4000-8000-000000000000"}


def routes(app: Flask, *prefixes: str) -> Iterator[tuple[str, str]]:
    """Each address below these endpoints, filled with examples, with each of its methods."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(prefixes):
            address = re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda part: EXAMPLES.get(part[1], "1"), rule.rule)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield address, method


def test_every_page_of_the_desk_refuses_strangers_and_marketers(
    app: Flask, client: FlaskClient, marketer: Person
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    found = list(routes(app, "admin."))
    assert len(found) > 40
    for address, method in found:
        stranger = client.open(address, method=method)
        assert stranger.status_code == 302, (method, address)
        assert stranger.headers["Location"].startswith("/sign-in")
        assert marketer.client.open(address, method=method).status_code == 403, (method, address)


def test_the_api_of_admins_refuses_strangers_and_marketers(app: Flask, client: FlaskClient, marketer: Person) -> None:
    found = list(routes(app, *ADMIN_API))
    assert len(found) >= 7
    for address, method in found:
        stranger = client.open(address, method=method, json={})
        assert (stranger.status_code, stranger.mimetype) == (401, "application/problem+json"), (method, address)
        assert len(stranger.json["detail"]) > 20
        theirs = client.open(address, method=method, json={}, headers=marketer.bearer)
        assert theirs.status_code == 403, (method, address)
        unknown = client.open(address, method=method, json={}, headers={"Authorization": "Bearer sole_wrong"})
        assert unknown.status_code == 401, (method, address)


def test_no_part_of_the_api_is_forgotten_here(app: Flask) -> None:
    names = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")}
    assert all(name.startswith((*ADMIN_API, *OPEN_API)) for name in names)


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_no_form_of_the_desk_works_without_its_token(app: Flask, world: World, token: str | None) -> None:
    for act, (address, form) in ACTS.items():
        sent = {name: str(value).format(w=world) for name, value in form.items()}
        sent |= {} if token is None else {"csrf_token": token}
        answer = world.admin.client.post(address.format(w=world), data=sent)
        assert answer.status_code == 400, act
        assert "reload the page and send it again" in answer.text
    with app.app_context():
        assert read_entries() == ([], False)


def test_a_session_alone_changes_nothing_through_the_api(app: Flask, world: World) -> None:
    """The browser of a signed-in admin that a foreign page makes send something."""
    for address, method in routes(app, *ADMIN_API):
        if method in CHANGING:
            answer = world.admin.client.open(address, method=method, json={"site": "demo"})
            assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), address
    with app.app_context():
        assert read_entries() == ([], False)
