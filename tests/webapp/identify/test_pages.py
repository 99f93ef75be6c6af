"""The pages as a browser without JavaScript uses them."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.drawn_shoes import jpeg
from tests.webapp.conftest import csrf_token
from webapp.catalogue.models import Product
from webapp.database import db, write_transaction
from webapp.identify import samples as samples_module
from webapp.identify.models import Feedback, Identification
from webapp.recognition import Recognition


def send(client: FlaskClient, *photos: bytes, name: str = "shoe.jpg") -> TestResponse:
    parts = [(BytesIO(photo), name) for photo in photos]
    form = {"csrf_token": csrf_token(client, "/"), "photo": parts}
    return client.post("/identifications", data=form, content_type="multipart/form-data")


@pytest.fixture
def answer_address(client: FlaskClient, products: dict[str, int], red_shoe: bytes) -> str:
    response = send(client, red_shoe)
    assert response.status_code == 303, response.get_data(as_text=True)
    return response.location


def page_of(response: TestResponse) -> str:
    """A page's text, without the spaces between its lines."""
    return re.sub(r"\s+", " ", response.get_data(as_text=True))


def test_the_front_page_offers_files_and_camera(client: FlaskClient) -> None:
    page = page_of(client.get("/"))
    assert 'name="photo" multiple' in page
    assert 'capture="environment"' in page


def test_a_photo_leads_to_its_answer(client: FlaskClient, answer_address: str, products: dict[str, int]) -> None:
    page = page_of(client.get(answer_address))
    assert "Vello Dart Low" in page
    assert "Colours A" in page
    assert f'href="/products/{products["vello_dart_low-A"]}"' in page
    assert "Cut out" in page
    assert "milliseconds" in page
    assert "made by the tests: it knows no shoes" in page  # the bundle's provenance
    assert "chosen by hand for tests" in page  # what its threshold was fitted on


def test_a_refused_photo_brings_back_the_form_and_says_why(client: FlaskClient, recognition: Recognition) -> None:
    response = send(client, b"%PDF-1.7", name="letter.pdf")
    assert response.status_code == 415
    page = page_of(response)
    assert "PDF" in page
    assert 'name="photo"' in page


def test_no_photo_brings_back_the_form(client: FlaskClient, recognition: Recognition) -> None:
    form = {"csrf_token": csrf_token(client, "/"), "photo": (BytesIO(b""), "")}
    response = client.post("/identifications", data=form, content_type="multipart/form-data")
    assert response.status_code == 422
    assert "choose a photo first" in page_of(response)


def test_a_form_of_another_site_is_refused(client: FlaskClient, recognition: Recognition, red_shoe: bytes) -> None:
    response = client.post("/identifications", data={"photo": (BytesIO(red_shoe), "shoe.jpg")})
    assert response.status_code == 400


def test_reloading_after_an_error_leads_to_the_front_page(client: FlaskClient) -> None:
    assert client.get("/identifications").location == "/"


def test_unknown_answers_are_not_found(client: FlaskClient) -> None:
    assert client.get("/identifications/6b0a7f6c-27f5-4d6e-9a43-0f0f4a0e2a11").status_code == 404
    assert client.get("/identifications/17").status_code == 404


def test_what_is_no_shoe_is_called_so(client: FlaskClient, products: dict[str, int]) -> None:
    night = np.full((300, 400, 3), 12, np.uint8)
    response = send(client, jpeg(night))
    page = page_of(client.get(response.location))
    assert "Not in our catalogue" in page
    assert "Nearest look-alikes" in page


def test_a_photo_that_could_not_be_cut_out_is_called_so(app: Flask, client: FlaskClient, answer_address: str) -> None:
    with app.app_context(), write_transaction() as session:
        kept = session.query(Identification).one()
        photo = kept.answer["photos"][0]
        cutout = {**photo["cutout"], "fallback": True, "reason": "The shoe fills the whole picture."}
        kept.answer = {**kept.answer, "photos": [{**photo, "cutout": cutout}]}
    page = page_of(client.get(answer_address))
    assert "Not cut out" in page
    assert "The shoe fills the whole picture." in page


# Feedback


def give(client: FlaskClient, address: str, **form: str) -> TestResponse:
    return client.post(f"{address}/feedback", data={"csrf_token": csrf_token(client, address), **form})


def test_right(client: FlaskClient, answer_address: str) -> None:
    assert give(client, answer_address, verdict="right").location == answer_address
    page = page_of(client.get(answer_address))
    assert "You say: it is the Vello Dart Low." in page
    assert "Change it" in page


@pytest.mark.parametrize("words", ["Kumo Drift", "kumo  drift", "kumo_drift"])
def test_another_shoe_in_words(app: Flask, client: FlaskClient, answer_address: str, words: str) -> None:
    give(client, answer_address, verdict="other", actual=words)
    with app.app_context():
        assert db.session.query(Feedback).one().label == "kumo_drift"
    assert "You say: it is the Kumo Drift." in page_of(client.get(answer_address))


def test_another_product(client: FlaskClient, answer_address: str, products: dict[str, int]) -> None:
    chosen = str(products["kumo_drift-B"])
    give(client, answer_address, verdict="other", actual="Kumo Drift, Colours B", product_id=chosen)
    assert "it is the Kumo Drift, Colours B." in page_of(client.get(answer_address))


def test_none_of_ours(client: FlaskClient, answer_address: str) -> None:
    give(client, answer_address, verdict="none")
    assert "none of our shoes" in page_of(client.get(answer_address))


def test_a_shoe_that_nobody_knows_is_asked_for_again(client: FlaskClient, answer_address: str) -> None:
    response = give(client, answer_address, verdict="other", actual="Acme Rocket")
    assert response.status_code == 422
    page = page_of(response)
    assert "We know no shoe named “Acme Rocket”" in page
    assert 'value="Acme Rocket"' in page


def test_nothing_said_is_asked_for_again(client: FlaskClient, answer_address: str) -> None:
    assert give(client, answer_address, verdict="other", actual=" ").status_code == 422
    assert give(client, answer_address).status_code == 422


# Samples


@pytest.fixture
def sample_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, red_shoe: bytes) -> Path:
    folder = tmp_path / "samples"
    folder.mkdir()
    (folder / "sample-01.jpg").write_bytes(red_shoe)
    (folder / "samples.json").write_text('[{"file": "sample-01.jpg", "caption": "On the floor", "alt": "A red shoe"}]')
    monkeypatch.setattr(samples_module, "FOLDER", folder)
    return folder


def test_a_sample_is_one_click(client: FlaskClient, products: dict[str, int], sample_folder: Path) -> None:
    page = page_of(client.get("/"))
    assert "A red shoe" in page
    form = {"csrf_token": csrf_token(client, "/")}
    response = client.post("/samples/sample-01/identify", data=form)
    assert response.status_code == 303
    assert "Vello Dart Low" in page_of(client.get(response.location))


@pytest.mark.parametrize("name", ["sample-02", "samples", "..%2Fsample-01", "sample-01.jpg"])
def test_only_listed_samples_are_opened(client: FlaskClient, sample_folder: Path, name: str) -> None:
    form = {"csrf_token": csrf_token(client, "/")}
    assert client.post(f"/samples/{name}/identify", data=form).status_code == 404


def test_an_answer_outlives_its_products(
    app: Flask, client: FlaskClient, answer_address: str, products: dict[str, int]
) -> None:
    with app.app_context():
        with write_transaction() as session:
            session.query(Product).delete()
        assert db.session.query(Identification).count() == 1
    assert client.get(answer_address).status_code == 200
