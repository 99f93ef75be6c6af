"""The studio's pages: pick or send, read, compare, download, look back. For marketers and admins."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import PurePosixPath
from uuid import uuid4
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from ml.imaging.augments.table import AUGMENTS
from tests.webapp.conftest import Person, csrf_token
from webapp.database import db, write_transaction
from webapp.studio import recommend
from webapp.studio.models import Recommendation
from webapp.studio.picture_names import read_names

QUESTION = {"target": "conversion", "campaign_type": "newsletter", "industry": "retail", "sneaker_type": "running"}


def ask(person: Person, **fields: object) -> TestResponse:
    form = {**QUESTION, "csrf_token": csrf_token(person.client, "/"), **fields}
    return person.client.post("/studio/recommendations", data=form, content_type="multipart/form-data")


@pytest.fixture
def asked(marketer: Person, products: dict[str, int], conversions: None) -> str:
    """The address of a recommendation for the Kumo Drift."""
    response = ask(marketer, product_id=products["kumo_drift-A"])
    assert response.status_code == 303, response.get_data(as_text=True)
    return response.location


def test_strangers_are_sent_to_sign_in_and_see_no_link(client: FlaskClient, products: dict[str, int]) -> None:
    for address in ("/studio", "/studio/recommendations", f"/studio/recommendations/{uuid4()}"):
        response = client.get(address)
        assert response.status_code == 302 and "/sign-in" in response.location
    assert "/studio" not in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize("role", ["marketer", "admin"])
def test_marketers_and_admins_find_it_in_the_navigation(
    request: pytest.FixtureRequest, role: str, products: dict[str, int]
) -> None:
    person: Person = request.getfixturevalue(role)
    assert 'href="/studio"' in person.client.get("/").get_data(as_text=True)
    some = products["kumo_drift-A"]
    assert f'href="/studio?product={some}"' in person.client.get(f"/products/{some}").get_data(as_text=True)


def test_the_front_page_offers_products_and_the_four_choices(marketer: Person, products: dict[str, int]) -> None:
    page = marketer.client.get("/studio").get_data(as_text=True)
    assert page.count("<select") == 4
    assert all(f"/studio?product={number}" in page for number in products.values())
    assert "still being trained" in page, "there is no model yet"
    chosen = marketer.client.get(f"/studio?product={products['kumo_drift-A']}").get_data(as_text=True)
    assert f'name="product_id" value="{products["kumo_drift-A"]}"' in chosen
    for odd in ("?product=x", "?product=99999999999999999999", "?page=no", "?query=zzzz", "?page=900"):
        assert marketer.client.get(f"/studio{odd}").status_code == 200


def test_a_recommendation_shows_everything_and_says_that_it_is_simulated(marketer: Person, asked: str) -> None:
    page = marketer.client.get(asked).get_data(as_text=True)
    for augment in AUGMENTS.values():
        assert augment.title in page
    assert page.count('class="odds"') >= len(AUGMENTS)
    assert "Simulated numbers" in page and "made up by a program" in page
    assert "Base rate" in page and "Evidence" in page and "Share of e-mails" in page
    assert 'alt="Kumo Drift in Colours A, sneaker' in page or 'alt="Kumo Drift in Colours A, unisex' in page
    assert re.search(r'download="kumo-drift[^"]*brighter\.jpg"', page)


def test_where_a_picture_changes_hardly_anything_the_page_proposes_another_target(
    app: Flask, marketer: Person, asked: str
) -> None:
    assert "instead</button>" not in marketer.client.get(asked).get_data(as_text=True)
    with app.app_context(), write_transaction() as session:
        kept = session.get(Recommendation, asked.rsplit("/", 1)[1])
        assert kept is not None
        kept.answer = {**kept.answer, "target": "open"}
    page = marketer.client.get(asked).get_data(as_text=True)
    assert "A picture changes opens hardly" in page and "machines that load pictures" in page
    assert 'name="target" value="click_to_open"' in page


def test_two_are_compared_and_else_one_is_told_to_tick_two(marketer: Person, asked: str) -> None:
    pair = marketer.client.get(f"{asked}/compare?picture=original&picture=sketch").get_data(as_text=True)
    assert pair.count('class="pair-side"') == 2 and "Sketch" in pair
    for odd in ("", "?picture=original", "?picture=original&picture=original", "?picture=x&picture=y"):
        response = marketer.client.get(f"{asked}/compare{odd}", follow_redirects=True)
        assert "Tick two pictures" in response.get_data(as_text=True)


def test_the_zip_holds_pictures_snippet_and_their_origin(app: Flask, marketer: Person, asked: str) -> None:
    response = marketer.client.get(f"{asked}/pictures.zip")
    assert response.mimetype == "application/zip" and "attachment" in response.headers["Content-Disposition"]
    archive = ZipFile(BytesIO(response.data))
    assert archive.testzip() is None
    pictures = [name for name in archive.namelist() if name.startswith("pictures/")]
    assert len(pictures) == len(AUGMENTS)
    named = re.compile(
        r"pictures/\d\d-kumo-drift-in-colours-a-[a-z-]+\.jpg|alternates/\d\d-[a-z-]+-in-[a-z-]+-original\.jpg"
    )
    assert all(named.fullmatch(name) for name in archive.namelist() if name.endswith(".jpg")), archive.namelist()
    for name in pictures:
        picture = Image.open(BytesIO(archive.read(name)))
        assert picture.format == "JPEG" and picture.width <= 600
    snippet = archive.read("snippet.html").decode()
    assert all(f'src="{name}"' in snippet for name in pictures)
    assert 'alt="Kumo Drift in Colours A, unisex' in snippet or 'alt="Kumo Drift in Colours A, sneaker' in snippet
    for name in archive.namelist():  # as they are called here, imported results may name them
        if name.endswith(".jpg") and not name.startswith("alternates"):
            with app.app_context():
                image_id, augment = read_names().found(PurePosixPath(name).name) or (0, "")
                assert image_id and f"{augment.replace('_', '-')}.jpg" in name
    assert "SIMULATED" in archive.read("about.txt").decode()


def test_alt_texts_cannot_break_out_of_the_snippet(
    app: Flask, marketer: Person, asked: str, products: dict[str, int]
) -> None:
    with app.app_context(), write_transaction() as session:
        kept = session.get(Recommendation, asked.rsplit("/", 1)[1])
        assert kept is not None
        original = {**kept.answer["original"], "alt_text": '"><script>alert(1)</script>'}
        kept.answer = {**kept.answer, "original": original}
    archive = ZipFile(BytesIO(marketer.client.get(f"{asked}/pictures.zip").data))
    assert "<script" not in archive.read("snippet.html").decode()
    assert "<script>alert" not in marketer.client.get(asked).get_data(as_text=True)


def test_a_picture_can_be_sent_and_the_past_shows_both(marketer: Person, asked: str, red_shoe: bytes) -> None:
    response = ask(marketer, photo=(BytesIO(red_shoe), "my shoe.jpg"))
    assert response.status_code == 303
    assert marketer.client.get(response.location).status_code == 200
    past = marketer.client.get("/studio/recommendations").get_data(as_text=True)
    assert response.location in past and asked in past
    assert "Running sneaker" in past and "Kumo Drift" in past
    again = marketer.client.get("/studio").get_data(as_text=True)
    assert '<option value="conversion" selected>' in again, "the last question is the next one's beginning"


def test_the_past_is_a_persons_own_and_not_endless(
    app: Flask, marketer: Person, admin: Person, asked: str, products: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Nothing yet" in admin.client.get("/studio/recommendations").get_data(as_text=True)
    assert "Nothing yet" in marketer.client.get("/studio/recommendations?page=9").get_data(as_text=True)
    monkeypatch.setattr(recommend, "KEPT_PER_PERSON", 1)
    latest = ask(marketer, product_id=products["kumo_drift-A"]).location
    with app.app_context():
        assert [one.id for one in db.session.query(Recommendation)] == [latest.rsplit("/", 1)[1]]


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({}, 422, "Pick a shoe"),
        ({"product_id": 4000}, 422, "gone"),
        ({"photo": (b"nothing", "x.jpg")}, 415, ""),
        ({"product_id": "kumo", "target": "astrology"}, 422, "Pick a shoe"),
    ],
)
def test_what_cannot_be_answered_is_told_on_the_page(
    marketer: Person, products: dict[str, int], conversions: None, fields: dict[str, object], status: int, words: str
) -> None:
    if "photo" in fields:
        fields = {"photo": (BytesIO(fields["photo"][0]), "x.jpg")}  # type: ignore[index]
    response = ask(marketer, **fields)
    page = response.get_data(as_text=True)
    assert response.status_code == status
    assert 'role="alert"' in page and words in page and "<select" in page


def test_an_unknown_target_keeps_the_product_chosen(
    marketer: Person, products: dict[str, int], conversions: None
) -> None:
    response = ask(marketer, product_id=products["kumo_drift-A"], target="astrology")
    assert response.status_code == 422 and "click_to_open" in response.get_data(as_text=True)
    assert f'value="{products["kumo_drift-A"]}"' in response.get_data(as_text=True)


def test_without_a_model_the_page_says_so(marketer: Person, products: dict[str, int]) -> None:
    response = ask(marketer, product_id=products["kumo_drift-A"])
    assert response.status_code == 503 and "still being trained" in response.get_data(as_text=True)


def test_a_missing_recommendation_is_404(marketer: Person) -> None:
    for rest in ("", "/compare", "/pictures.zip"):
        assert marketer.client.get(f"/studio/recommendations/{uuid4()}{rest}").status_code == 404
