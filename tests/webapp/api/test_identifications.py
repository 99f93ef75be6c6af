"""POST a photo, read the answer again, say whether it is right: as docs/api.md promises."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from tests.drawn_shoes import encoded, photo_of
from webapp.database import db
from webapp.identify.models import Feedback, Identification
from webapp.image_store import current_images
from webapp.recognition import Recognition

ADDRESS = "/api/v1/identifications"


def post(client: FlaskClient, *photos: bytes, field: str = "photo") -> TestResponse:
    parts = [(BytesIO(photo), f"photo{number}.jpg") for number, photo in enumerate(photos)]
    return client.post(ADDRESS, data={field: parts}, content_type="multipart/form-data")


def problem_of(response: TestResponse, status: int) -> str:
    """The detail of a problem document, which must be a whole one."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.content_type == "application/problem+json"
    assert response.json is not None
    assert response.json["status"] == status
    assert response.json["title"]
    assert response.json["type"]
    detail: str = response.json["detail"]
    assert len(detail) > 20
    return detail


@pytest.fixture
def answered(client: FlaskClient, products: dict[str, int], red_shoe: bytes) -> dict[str, Any]:
    response = post(client, red_shoe)
    assert response.status_code == 201, response.get_data(as_text=True)
    assert response.json is not None
    return response.json


def test_the_shoe_is_recognised_in_its_own_colours(answered: dict[str, Any], products: dict[str, int]) -> None:
    top = answered["matches"][0]
    assert top["label"] == "vello_dart_low"
    assert top["product_id"] == products["vello_dart_low-A"]
    assert (top["brand"], top["name"], top["colorway"]) == ("Vello", "Dart Low", "Colours A")
    assert answered["in_catalogue"] is True
    assert "vello_dart_low" in answered["answer_set"]
    assert sum(match["probability"] for match in answered["matches"]) == pytest.approx(1, abs=0.01)


def test_alternates_are_the_nearest_products_with_price_and_picture(
    answered: dict[str, Any], client: FlaskClient
) -> None:
    similarities = [alternate["similarity"] for alternate in answered["alternates"]]
    assert similarities == sorted(similarities, reverse=True)
    assert len({alternate["product_id"] for alternate in answered["alternates"]}) == len(similarities)
    assert answered["matches"][0]["product_id"] not in {one["product_id"] for one in answered["alternates"]}
    nearest = answered["alternates"][0]
    assert (nearest["price_cents"], nearest["currency"]) == (11000, "USD")
    assert client.get(nearest["image_url"]).status_code == 200


def test_the_kept_pictures_can_be_seen_and_tell_nothing_of_the_camera(
    client: FlaskClient, products: dict[str, int]
) -> None:
    exif = Image.Exif()
    exif[0x010F] = "ACME"
    exif[0x8825] = {1: "N", 2: (48.0, 8.0, 0.0)}
    photo = BytesIO()
    Image.open(BytesIO(photo_of("kumo_drift"))).save(photo, "JPEG", exif=exif)
    answer = post(client, photo.getvalue()).json
    assert answer is not None
    kept = Image.open(BytesIO(client.get(answer["photos"][0]["url"]).data))
    assert not kept.getexif()
    assert kept.size == (answer["photos"][0]["width"], answer["photos"][0]["height"])
    cutout = Image.open(BytesIO(client.get(answer["cutout"]["url"]).data))
    assert cutout.mode == "RGBA"
    assert cutout.size == kept.size
    assert 0 < answer["cutout"]["coverage"] < 1
    assert answer["cutout"]["fallback"] is False


def test_the_answer_can_be_read_again(answered: dict[str, Any], client: FlaskClient) -> None:
    assert client.get(f"{ADDRESS}/{answered['id']}").json == answered


def test_the_post_says_where_its_answer_is(client: FlaskClient, products: dict[str, int], red_shoe: bytes) -> None:
    response = post(client, red_shoe)
    assert client.get(response.headers["Location"]).json == response.json


def test_timings_name_each_step_and_add_up(answered: dict[str, Any]) -> None:
    timings = answered["timings_ms"]
    assert {"decode", "cutout", "embed", "search", "total"} <= timings.keys()
    assert timings["total"] >= timings["decode"] + timings["cutout"]


def test_several_photos_make_one_answer(client: FlaskClient, products: dict[str, int], red_shoe: bytes) -> None:
    answer = post(client, red_shoe, photo_of("vello_dart_low", (500, 380))).json
    assert answer is not None
    assert len(answer["photos"]) == 2
    assert answer["cutout"] == answer["photos"][0]["cutout"]
    assert answer["matches"][0]["label"] == "vello_dart_low"


@pytest.mark.parametrize("picture_format", ["PNG", "WEBP", "AVIF"])
def test_other_formats_are_read(
    client: FlaskClient, products: dict[str, int], red_shoe: bytes, picture_format: str
) -> None:
    pixels = Image.open(BytesIO(red_shoe))
    written = BytesIO()
    pixels.save(written, picture_format)
    assert post(client, written.getvalue()).status_code == 201


def test_an_empty_catalogue_still_gets_an_answer(
    client: FlaskClient, recognition: Recognition, red_shoe: bytes
) -> None:
    answer = post(client, red_shoe).json
    assert answer is not None
    assert answer["alternates"] == []
    assert answer["matches"][0]["product_id"] is None
    assert answer["matches"][0]["name"] == "Vello Dart Low"


# What is refused, and how


def test_no_photo(client: FlaskClient, recognition: Recognition) -> None:
    detail = problem_of(client.post(ADDRESS, data={}, content_type="multipart/form-data; boundary=x"), 422)
    assert "photo" in detail


def test_a_wrong_field_name_is_named(client: FlaskClient, recognition: Recognition, red_shoe: bytes) -> None:
    detail = problem_of(post(client, red_shoe, field="image"), 422)
    assert "photo" in detail
    assert "image" in detail


def test_a_photo_as_text(client: FlaskClient, recognition: Recognition) -> None:
    response = client.post(ADDRESS, data={"photo": "shoe.jpg"}, content_type="multipart/form-data")
    assert "as a file" in problem_of(response, 422)


def test_no_form_at_all(client: FlaskClient, recognition: Recognition, red_shoe: bytes) -> None:
    assert "multipart" in problem_of(client.post(ADDRESS, data=red_shoe, content_type="image/jpeg"), 400)
    assert "multipart" in problem_of(client.post(ADDRESS, json={"photo": "x"}), 400)


def test_five_photos(client: FlaskClient, recognition: Recognition, red_shoe: bytes) -> None:
    assert "at most 4" in problem_of(post(client, *[red_shoe] * 5), 422)


def test_an_empty_file(client: FlaskClient, recognition: Recognition) -> None:
    assert "empty" in problem_of(post(client, b""), 415)


def test_a_text_file(client: FlaskClient, recognition: Recognition) -> None:
    assert "JPEG" in problem_of(post(client, b"this is no picture, " * 50), 415)


def test_a_gif(client: FlaskClient, recognition: Recognition, red_shoe: bytes) -> None:
    gif = BytesIO()
    Image.open(BytesIO(red_shoe)).save(gif, "GIF")
    assert "GIF" in problem_of(post(client, gif.getvalue()), 415)


def test_half_a_photo(client: FlaskClient, recognition: Recognition, red_shoe: bytes) -> None:
    problem_of(post(client, red_shoe[: len(red_shoe) // 2]), 422)


def test_a_needle(client: FlaskClient, recognition: Recognition) -> None:
    import numpy as np

    assert "thin" in problem_of(post(client, encoded(np.zeros((40, 3000, 3), np.uint8), "PNG")), 422)


def test_one_bad_photo_of_two_refuses_both_and_keeps_nothing(
    app: Flask, client: FlaskClient, recognition: Recognition, red_shoe: bytes
) -> None:
    assert problem_of(post(client, red_shoe, b"nothing"), 415).startswith("Photo 2 of 2:")
    with app.app_context():
        assert db.session.query(Identification).count() == 0
        assert not [file for file in current_images().folder.rglob("*") if file.is_file()]


def test_unknown_and_malformed_ids(client: FlaskClient, recognition: Recognition) -> None:
    unknown = uuid4()
    assert str(unknown) in problem_of(client.get(f"{ADDRESS}/{unknown}"), 404)
    problem_of(client.get(f"{ADDRESS}/17"), 404)
    problem_of(client.post(f"{ADDRESS}/{unknown}/feedback", json={"correct": True}), 404)


# Feedback


def feedback(client: FlaskClient, answer: dict[str, Any], sent: object) -> TestResponse:
    return client.post(f"{ADDRESS}/{answer['id']}/feedback", json=sent)


def stored(app: Flask, answer: dict[str, Any]) -> tuple[bool, str | None, int | None]:
    with app.app_context():
        kept = db.session.get_one(Feedback, answer["id"])
        return kept.correct, kept.label, kept.product_id


def test_right(app: Flask, client: FlaskClient, answered: dict[str, Any]) -> None:
    response = feedback(client, answered, {"correct": True})
    assert (response.status_code, response.data) == (204, b"")
    assert stored(app, answered) == (True, None, None)


def test_another_label_replaces_what_was_said_before(app: Flask, client: FlaskClient, answered: dict[str, Any]) -> None:
    feedback(client, answered, {"correct": True})
    assert feedback(client, answered, {"correct": False, "label": "kumo_drift"}).status_code == 204
    assert stored(app, answered) == (False, "kumo_drift", None)


def test_another_product_brings_its_label(
    app: Flask, client: FlaskClient, answered: dict[str, Any], products: dict[str, int]
) -> None:
    wanted = products["kumo_drift-B"]
    assert feedback(client, answered, {"correct": False, "product_id": wanted}).status_code == 204
    assert stored(app, answered) == (False, "kumo_drift", wanted)


def test_wrong_without_knowing_what_it_is(app: Flask, client: FlaskClient, answered: dict[str, Any]) -> None:
    assert feedback(client, answered, {"correct": False}).status_code == 204
    assert stored(app, answered) == (False, None, None)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        [],
        "right",
        {"correct": "yes"},
        {"correct": 1},
        {"correct": False, "label": 5},
        {"correct": False, "label": ""},
        {"correct": False, "label": "no_such_shoe"},
        {"correct": False, "product_id": "1"},
        {"correct": False, "product_id": True},
        {"correct": False, "product_id": 999_999},
        {"correct": False, "product_id": 10**30},
    ],
)
def test_unusable_feedback(client: FlaskClient, answered: dict[str, Any], sent: object) -> None:
    problem_of(feedback(client, answered, sent), 422)


def test_a_label_that_is_not_the_products(
    client: FlaskClient, answered: dict[str, Any], products: dict[str, int]
) -> None:
    sent = {"correct": False, "label": "vello_dart_low", "product_id": products["kumo_drift-A"]}
    assert "kumo_drift" in problem_of(feedback(client, answered, sent), 422)


def test_feedback_that_is_no_json(client: FlaskClient, answered: dict[str, Any]) -> None:
    address = f"{ADDRESS}/{answered['id']}/feedback"
    assert "JSON" in problem_of(client.post(address, data="{", content_type="application/json"), 400)
    assert "JSON" in problem_of(client.post(address, data="correct=1"), 415)
    assert "too large" in problem_of(client.post(address, json={"correct": True, "more": "x" * 100_000}), 413)
