"""POST a product or a photo and a question, get the variants with their probabilities: as docs/api.md promises."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from ml.imaging.augments.table import AUGMENTS
from ml.serving.bundle import Bundle
from tests.drawn_shoes import draw_shoe, encoded
from tests.webapp.api.test_identifications import problem_of
from tests.webapp.api.test_openapi import described
from tests.webapp.conftest import Person, csrf_token
from tests.webapp.studio.conftest import conversions, model_folder
from tests.webapp.studio.test_ahead import run_last
from webapp.database import db
from webapp.studio.ahead import watch_catalogue
from webapp.studio.models import Recommendation, VariantEmbedding

ADDRESS = "/api/v1/recommendations"
QUESTION = {"target": "conversion", "campaign_type": "newsletter", "industry": "retail", "sneaker_type": "running"}

__all__ = ["conversions", "model_folder"]


@pytest.fixture
def ahead(app: Flask, products: dict[str, int], shoe_bundle: Bundle, conversions: None) -> dict[str, int]:
    """The catalogue, its variants made ahead."""
    with app.app_context():
        watch_catalogue()()
        run_last(app, shoe_bundle.card.id)
    return products


def post(person: Person, product_id: int, **changes: Any) -> TestResponse:
    client = person.client.application.test_client()
    return client.post(ADDRESS, json={**QUESTION, "product_id": product_id, **changes}, headers=person.bearer)


def post_photo(person: Person, photo: bytes, **changes: Any) -> TestResponse:
    client = person.client.application.test_client()
    form = {**QUESTION, **changes, "photo": (BytesIO(photo), "shoe.jpg")}
    return client.post(ADDRESS, data=form, headers=person.bearer, content_type="multipart/form-data")


def test_a_product_is_answered_as_promised(marketer: Person, ahead: dict[str, int]) -> None:
    response = post(marketer, ahead["kumo_drift-A"])
    assert response.status_code == 200, response.get_data(as_text=True)
    described("/recommendations", "post", response)
    answer: dict[str, Any] = response.json  # type: ignore[assignment]
    assert (answer["target"], answer["direction"], answer["provenance"]) == ("conversion", "raise", "simulated")
    assert answer["original"]["augment"] == "original"
    assert {one["augment"] for one in answer["augments"]} == set(AUGMENTS) - {"original"}
    probabilities = [one["probability"] for one in answer["augments"]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert answer["best_augment"] == answer["augments"][0]["augment"]
    for one in (answer["original"], *answer["augments"], *answer["alternates"]):
        low, high = one["interval"]
        assert 0 <= low <= one["probability"] <= high <= 1
        picture = marketer.client.get(one["image_url"])
        assert picture.mimetype == "image/jpeg" and len(picture.data) <= 200_000
    assert {one["product_id"] for one in answer["alternates"]} == set(ahead.values()) - {ahead["kumo_drift-A"]}
    assert answer["best_alternate"] in ahead.values()
    assert sum(one["share"] for one in answer["split_plan"]) == pytest.approx(1, abs=0.01)
    assert answer["evidence"] and answer["evidence"][0]["provenance"] == "simulated"


def test_the_published_augments_win_and_the_call_is_made(marketer: Person, ahead: dict[str, int]) -> None:
    answer = post(marketer, ahead["vello_dart_low-A"]).json
    assert answer is not None
    by_name = {one["augment"]: one["probability"] for one in answer["augments"]}
    assert min(by_name["brighter"], by_name["rotate"]) > answer["original"]["probability"] + 0.2
    assert answer["best_augment"] in ("brighter", "rotate")
    assert answer["too_close_to_call"] is False and answer["keep_original"] is False


def test_the_same_question_gives_the_same_answer_and_is_kept(
    app: Flask, marketer: Person, ahead: dict[str, int]
) -> None:
    first, second = (post(marketer, ahead["kumo_drift-A"]).json for _ in range(2))
    assert first is not None and second is not None and first["id"] != second["id"]
    for answer in (first, second):
        for changing in ("id", "created_at", "timings_ms"):
            del answer[changing]
    assert first == second
    with app.app_context():
        kept = db.session.scalars(select(Recommendation)).all()
        assert [(one.user.email, one.source, one.product_id) for one in kept] == [
            (marketer.email, "catalogue", ahead["kumo_drift-A"])
        ] * 2


def test_a_photo_is_answered_and_alternates_come_from_the_catalogue(
    app: Flask, marketer: Person, ahead: dict[str, int], red_shoe: bytes
) -> None:
    response = post_photo(marketer, red_shoe)
    described("/recommendations", "post", response)
    assert response.status_code == 200 and response.json is not None
    assert response.json["picture"]["source"] == "upload"
    assert len(response.json["augments"]) == len(AUGMENTS) - 1
    assert response.json["alternates"]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(VariantEmbedding)) == 6 * len(AUGMENTS)


def test_a_product_that_nobody_prepared_is_prepared_now_and_kept(
    app: Flask, marketer: Person, products: dict[str, int], conversions: None
) -> None:
    assert post(marketer, products["kumo_drift-A"]).status_code == 200
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(VariantEmbedding)) == len(AUGMENTS)


def test_options_name_all_that_may_be_asked(marketer: Person, client: FlaskClient) -> None:
    response = client.get(f"{ADDRESS}/options", headers=marketer.bearer)
    described("/recommendations/options", "get", response)
    assert response.json is not None
    assert {name: len(values) for name, values in response.json.items()} == {
        "targets": 9, "campaign_types": 9, "industries": 13, "sneaker_types": 10
    }  # fmt: skip


@pytest.mark.parametrize("field", sorted(QUESTION))
@pytest.mark.parametrize("value", ["", "astrology", 3, None, ["open"]])
def test_an_unknown_value_is_422_and_names_the_allowed_ones(
    marketer: Person, products: dict[str, int], conversions: None, field: str, value: object
) -> None:
    if field == "sneaker_type" and not value:
        return  # the catalogue's category stands in
    response = post(marketer, products["kumo_drift-A"], **{field: value})
    allowed = marketer.client.get(f"{ADDRESS}/options").json
    assert allowed is not None and response.json is not None
    names = next(values for name, values in allowed.items() if name.startswith(field[:6]))
    detail = problem_of(response, 422)
    assert all(name in detail for name in names)
    assert response.json["allowed"] == names and response.json["field"] == field


def test_a_photo_needs_its_sneaker_type(marketer: Person, conversions: None, red_shoe: bytes) -> None:
    assert "running" in problem_of(post_photo(marketer, red_shoe, sneaker_type=""), 422)


@pytest.mark.parametrize("number", [999, -1, 2**70, "12", None, True, 1.5])
def test_an_unknown_product_is_422(marketer: Person, conversions: None, number: Any) -> None:
    problem_of(post(marketer, number), 422)


def test_strangers_are_401_and_a_cookie_alone_changes_nothing(
    client: FlaskClient, marketer: Person, products: dict[str, int], conversions: None
) -> None:
    question = {**QUESTION, "product_id": products["kumo_drift-A"]}
    problem_of(client.post(ADDRESS, json=question), 401)
    problem_of(client.get(f"{ADDRESS}/options"), 401)
    problem_of(client.post(ADDRESS, json=question, headers={"Authorization": "Bearer wrong"}), 401)
    problem_of(marketer.client.post(ADDRESS, json=question), 400)
    token = {"X-CSRFToken": csrf_token(marketer.client, "/")}
    assert marketer.client.post(ADDRESS, json=question, headers=token).status_code == 200


def test_admins_may_as_well(admin: Person, products: dict[str, int], conversions: None) -> None:
    assert post(admin, products["kumo_drift-A"]).status_code == 200


def test_without_a_model_it_is_503_and_says_when(marketer: Person, products: dict[str, int]) -> None:
    response = post(marketer, products["kumo_drift-A"])
    assert "trained" in problem_of(response, 503)
    assert int(response.headers["Retry-After"]) > 0


def test_a_target_that_no_campaign_tells_of_is_503(
    marketer: Person, products: dict[str, int], conversions: None
) -> None:
    assert "bounce" in problem_of(post(marketer, products["kumo_drift-A"], target="bounce"), 503)


@pytest.mark.parametrize(
    ("photo", "status"),
    [(b"nothing", 415), (encoded(draw_shoe(((9, 9, 9), (200, 0, 0)), (80, 60)), "PNG"), 422), (b"", 415)],
)
def test_pictures_that_are_none_or_too_small_are_told(
    marketer: Person, products: dict[str, int], conversions: None, photo: bytes, status: int
) -> None:
    problem_of(post_photo(marketer, photo), status)


def test_a_picture_without_a_shoe_is_answered_with_a_warning(
    marketer: Person, products: dict[str, int], conversions: None
) -> None:
    grey = draw_shoe(((128, 128, 128), (128, 128, 128)), background=(128, 128, 128))
    response = post_photo(marketer, encoded(grey, "PNG"))
    assert response.status_code == 200 and response.json is not None
    assert any("before you send" in warning for warning in response.json["warnings"])


def test_bodies_of_other_kinds_are_refused(marketer: Person, client: FlaskClient, conversions: None) -> None:
    problem_of(client.post(ADDRESS, data="x", content_type="text/plain", headers=marketer.bearer), 415)
    problem_of(client.post(ADDRESS, data="{", content_type="application/json", headers=marketer.bearer), 400)
    problem_of(client.post(ADDRESS, json=[1], headers=marketer.bearer), 422)
    problem_of(client.post(ADDRESS, data=QUESTION, headers=marketer.bearer, content_type="multipart/form-data"), 422)
