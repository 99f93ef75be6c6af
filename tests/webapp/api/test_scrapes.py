"""POST and GET /api/v1/scrapes: for admins, with sentences for everything else."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.scraper.conftest import own_turns
from tests.scraper.local_shop import running_shop
from tests.webapp.api.test_openapi import described
from tests.webapp.catalogue.conftest import PRODUCTS, stock
from tests.webapp.conftest import Person
from webapp.catalogue.shops import set_start_urls
from webapp.jobs.runner import run_job, waiting_jobs

ADDRESS = "/api/v1/scrapes"
__all__ = ["own_turns"]


def start(client: FlaskClient, person: Person, sent: Any) -> Any:
    return client.post(ADDRESS, json=sent, headers=person.bearer)


def test_an_admin_reads_a_shop(app: Flask, client: FlaskClient, admin: Person) -> None:
    with running_shop() as shop:
        stock(shop)
        with app.app_context():
            set_start_urls("demo", [shop.at("/")])
        started = start(client, admin, {"site": "demo"})
        assert (started.status_code, started.json["status"]) == (202, "queued")
        described("/scrapes", "post", started)
        assert start(client, admin, {"site": "demo"}).json == started.json  # once is enough
        address = f"{ADDRESS}/{started.json['id']}"
        waiting = client.get(address, headers=admin.bearer).json
        assert waiting["progress"] == {"done": 0, "total": 0, "message": "Waiting to read demo."}
        with app.app_context():
            for job_id, _ in waiting_jobs():
                run_job(app, job_id)
        ended = client.get(address, headers=admin.bearer)
    described("/scrapes/{scrape_id}", "get", ended)
    assert ended.json["status"] == "succeeded", ended.json
    expected = {"listings": PRODUCTS, "new": PRODUCTS, "changed": 0, "unchanged": 0, "retired": 0, "errors": 0}
    assert ended.json["counts"] == {"pages": 3, **expected}
    assert ended.json["coverage"]["price"] == 1.0
    assert client.get("/api/v1/products").json["total"] == PRODUCTS  # type: ignore[index]


@pytest.mark.parametrize("sent", [3, [], {}, {"site": 3}, {"site": "x" * 300}, {"site": "amazon"}, {"site": "\x00"}])
def test_unknown_shops_are_refused_and_the_known_ones_named(client: FlaskClient, admin: Person, sent: Any) -> None:
    refused = start(client, admin, sent)
    assert refused.status_code == 422
    described("/scrapes", "post", refused)
    assert ("demo" if isinstance(sent, dict) else "Send an object") in refused.json["detail"]


def test_a_shop_that_nobody_has_confirmed_is_refused(client: FlaskClient, admin: Person) -> None:
    refused = start(client, admin, {"site": "footlocker"})
    assert refused.status_code == 409
    described("/scrapes", "post", refused)
    assert "Nobody has confirmed that footlocker may be scraped" in refused.json["detail"]


def test_it_is_for_admins_only(client: FlaskClient, marketer: Person) -> None:
    assert client.post(ADDRESS, json={"site": "demo"}).status_code == 401
    assert start(client, marketer, {"site": "demo"}).status_code == 403
    assert client.get(f"{ADDRESS}/1").status_code == 401
    assert client.get(f"{ADDRESS}/1", headers=marketer.bearer).status_code == 403


def test_a_session_needs_its_token_and_the_body_must_be_json(client: FlaskClient, admin: Person) -> None:
    assert admin.client.post(ADDRESS, json={"site": "demo"}).status_code == 400
    assert client.post(ADDRESS, data="site=demo", headers=admin.bearer).status_code == 415
    broken = client.post(ADDRESS, data="{", content_type="application/json", headers=admin.bearer)
    assert broken.status_code == 400
    huge = client.post(ADDRESS, json={"site": "x" * 100_000}, headers=admin.bearer)
    described("/scrapes", "post", huge)
    assert huge.status_code == 413


@pytest.mark.parametrize("number", [99, 2**70])
def test_an_unknown_scrape_is_not_there(client: FlaskClient, admin: Person, number: int) -> None:
    assert client.get(f"{ADDRESS}/{number}", headers=admin.bearer).status_code == 404
