"""/api/v1/recommendations: which picture should this e-mail carry? For marketers and admins."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, request

from ml.conversions.contexts import sneaker_type_of
from webapp.api.callers import caller, caller_with_role, photo_pace, reading_pace
from webapp.api.problems import Problem
from webapp.api.sent import sent_object
from webapp.catalogue.models import Product
from webapp.database import db
from webapp.extensions import limiter
from webapp.identify.forms import PhotosError, sent_photos
from webapp.image_store import current_images
from webapp.recognition import current_recognition
from webapp.settings import current_settings
from webapp.studio.models import Recommendation
from webapp.studio.questions import QuestionError, options, question_of
from webapp.studio.recommend import Studio, recommend_for_photo, recommend_for_product
from webapp.studio.refusals import PictureUnusableError

EXAMPLE = '{"product_id": 12, "target": "purchase"}, or a form with the field photo'
ROLES = ("marketer", "admin")

blueprint = Blueprint("recommendations", __name__, url_prefix="/recommendations")


@blueprint.get("/options")
@limiter.shared_limit(reading_pace, scope="reading", key_func=caller)
def show_options() -> dict[str, list[str]]:
    """The allowed values of the four fields."""
    caller_with_role(*ROLES)
    return options()


@blueprint.post("")
@limiter.shared_limit(photo_pace, scope="photos", key_func=caller)
def create() -> dict[str, Any]:
    """Recommend a variant of a product's picture, or of a photo."""
    studio = Studio(current_recognition(), current_images(), caller_with_role(*ROLES))
    try:
        made = (
            _of_photo(studio)
            if request.mimetype == "multipart/form-data"
            else _of_product(sent_object(EXAMPLE), studio)
        )
    except QuestionError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), field=error.field, allowed=error.allowed) from error
    except (PhotosError, PictureUnusableError) as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    return made.document


def _of_photo(studio: Studio) -> Recommendation:
    """A form with a photo; one with a product instead is fine as well."""
    if "product_id" in request.form and not request.files:
        number = request.form.get("product_id", type=int)
        return _of_product({**request.form.to_dict(), "product_id": number}, studio)
    question = question_of(request.form)
    (photo,) = sent_photos(request, 1)
    return recommend_for_photo(photo, question, studio, current_settings().max_photo_bytes)


def _of_product(sent: Mapping[str, Any], studio: Studio) -> Recommendation:
    number = sent.get("product_id")
    if not isinstance(number, int) or isinstance(number, bool):
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "Say which picture: product_id as a whole number, or a multipart form with a file in the field photo.",
        )
    product = db.session.get(Product, number) if abs(number) < 2**63 else None
    if product is None:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"There is no product {number}. GET /products lists them.")
    return recommend_for_product(product, question_of(sent, sneaker_type_of(product.category)), studio)
