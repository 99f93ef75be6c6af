"""Answers whose first match is a model that no shop has brought: it has a product, and no picture."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ml.serving.bundle import Bundle
from tests.drawn_shoes import SHOES, draw_shoe
from tests.tiny_bundle import write_tiny_bundle
from tests.webapp.identify.conftest import add_product
from webapp.catalogue.known_models import list_known_models
from webapp.catalogue.models import Product
from webapp.database import db
from webapp.identify.models import Feedback
from webapp.recognition import Recognition

REAL = "asics_gel-lyte_(iii)"
SPELLED = "asics_gel_lyte_iii"
ADDRESS = "/api/v1/identifications"


@pytest.fixture(scope="module")
def shoe_bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle that takes the red shoe for a real model, which is to be listed."""
    pictures = {REAL: draw_shoe(SHOES["vello_dart_low"]), "kumo_drift": draw_shoe(SHOES["kumo_drift"])}
    folder = tmp_path_factory.mktemp("bundles") / "real"
    return write_tiny_bundle(folder, tuple(pictures), pictures=pictures, listed=(REAL,))


@pytest.fixture
def known(app: Flask, recognition: Recognition, shoe_bundle: Bundle) -> int:
    """The id of the real model, listed beside one product of a shop."""
    with app.app_context():
        list_known_models(shoe_bundle.card)
        add_product(shoe_bundle, "K-1", "kumo_drift", draw_shoe(SHOES["kumo_drift"]))
        recognition.refresh_shelf()
        return db.session.query(Product).filter_by(label=SPELLED).one().id


@pytest.fixture
def answered(client: FlaskClient, known: int, red_shoe: bytes) -> dict[str, Any]:
    form = {"photo": (BytesIO(red_shoe), "shoe.jpg")}
    answer = client.post(ADDRESS, data=form, content_type="multipart/form-data").json
    assert answer is not None
    return answer


def test_the_match_has_the_bundles_label_and_the_product_without_a_picture(
    answered: dict[str, Any], known: int
) -> None:
    top = answered["matches"][0]
    assert (top["label"], top["product_id"], top["image_url"]) == (REAL, known, None)
    assert (top["brand"], top["colorway"]) == ("Asics", "")
    assert REAL in answered["answer_set"]
    assert known not in {alternate["product_id"] for alternate in answered["alternates"]}


def test_its_page_shows_an_empty_plate_and_links_to_the_product(
    client: FlaskClient, answered: dict[str, Any], known: int
) -> None:
    page = re.sub(r"\s+", " ", client.get(f"/identifications/{answered['id']}").text)
    row = page.split('class="match ')[1].split("</li>")[0]
    assert f'href="/products/{known}"' in row
    assert "no picture yet" in row
    assert "plate-outline" in row
    assert "<img" not in row


def test_what_a_shop_brings_later_is_what_the_match_shows(
    app: Flask, client: FlaskClient, known: int, recognition: Recognition, shoe_bundle: Bundle, red_shoe: bytes
) -> None:
    with app.app_context():
        add_product(shoe_bundle, "A-1", SPELLED, draw_shoe(SHOES["vello_dart_low"]))
        recognition.refresh_shelf()
        brought = db.session.query(Product).filter_by(style_code="A-1").one().id
    form = {"photo": (BytesIO(red_shoe), "shoe.jpg")}
    answer = client.post(ADDRESS, data=form, content_type="multipart/form-data").json
    assert answer is not None
    assert (answer["matches"][0]["label"], answer["matches"][0]["product_id"]) == (REAL, brought)
    assert answer["matches"][0]["image_url"]


@pytest.mark.parametrize("label", [REAL, SPELLED])
def test_feedback_may_spell_it_as_the_answer_or_as_the_catalogue_does(
    app: Flask, client: FlaskClient, answered: dict[str, Any], known: int, label: str
) -> None:
    address = f"{ADDRESS}/{answered['id']}/feedback"
    for sent in ({"correct": False, "label": label, "product_id": known}, {"correct": False, "label": label}):
        assert client.post(address, json=sent).status_code == 204
    with app.app_context():
        assert db.session.get_one(Feedback, answered["id"]).label == label
