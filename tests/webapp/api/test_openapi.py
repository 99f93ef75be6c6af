"""The description names every route, and every answer is as it describes."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from tests.webapp.api.test_identifications import ADDRESS, post
from webapp.api.openapi import DOCUMENT, PATHS

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def described(path: str, method: str, response: TestResponse) -> None:
    """Assert that an answer has a described status, and the described shape."""
    answers = PATHS[path][method.lower()]["responses"]
    assert str(response.status_code) in answers
    content = answers[str(response.status_code)].get("content")
    if content is None:
        return
    schema = content[response.content_type]["schema"]
    Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(response.json)


def test_every_route_is_described_and_no_other(app: Flask) -> None:
    routes = {
        (re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule.removeprefix("/api/v1")), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) & METHODS
    }
    assert routes == {(path, method) for path, operations in PATHS.items() for method in operations}


def test_the_schemas_are_schemas() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere() -> None:
    names = re.findall(r"#/components/schemas/(\w+)", str(DOCUMENT))
    assert set(names) == set(DOCUMENT["components"]["schemas"])


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for path in PATHS.values() for operation in path.values()]
    assert len(set(names)) == len(names)


def test_the_description_is_served(client: FlaskClient) -> None:
    response = client.get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert response.json == DOCUMENT


def test_answers_are_as_described(client: FlaskClient, products: dict[str, int], red_shoe: bytes) -> None:
    created = post(client, red_shoe)
    assert created.json is not None
    described("/identifications", "post", created)
    described("/identifications", "post", post(client, b"nothing"))
    described("/identifications", "post", post(client))
    one = f"{ADDRESS}/{created.json['id']}"
    described("/identifications/{identification_id}", "get", client.get(one))
    described("/identifications/{identification_id}", "get", client.get(f"{ADDRESS}/{uuid4()}"))
    feedback = "/identifications/{identification_id}/feedback"
    described(feedback, "post", client.post(f"{one}/feedback", json={"correct": True}))
    described(feedback, "post", client.post(f"{one}/feedback", json={"correct": 3}))
    described("/products", "get", client.get("/api/v1/products"))
    described("/products", "get", client.get("/api/v1/products?page=no"))
    some = next(iter(products.values()))
    described("/products/{product_id}", "get", client.get(f"/api/v1/products/{some}"))
    described("/products/{product_id}", "get", client.get("/api/v1/products/999999"))


@pytest.mark.parametrize(
    "change", [lambda answer: answer.pop("matches"), lambda answer: answer["matches"][0].update(probability="high")]
)
def test_the_description_would_notice(
    client: FlaskClient, products: dict[str, int], red_shoe: bytes, change: Any
) -> None:
    answer = post(client, red_shoe).json
    change(answer)
    schema = {"$ref": "#/components/schemas/Identification", "components": DOCUMENT["components"]}
    assert not Draft202012Validator(schema).is_valid(answer)
