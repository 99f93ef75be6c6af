"""/api/v1/identifications: identify photos, read the answer again, say whether it is right."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for

from webapp.accounts.access import signed_in_user, token_user
from webapp.accounts.audit import recorded_around
from webapp.api.callers import caller, photo_pace, reading_pace
from webapp.api.problems import Problem
from webapp.api.sent import sent_object
from webapp.database import db
from webapp.extensions import csrf, limiter
from webapp.identify import say
from webapp.identify.access import has_key, is_mine, remember_as_mine, secret_key_of
from webapp.identify.forget import forget
from webapp.identify.forms import PhotosError, sent_photos, training_allowed
from webapp.identify.models import Identification
from webapp.identify.receive import receive
from webapp.image_store import current_images
from webapp.recognition import current_recognition
from webapp.settings import current_settings

KEY_HEADER = "Delete-Key"

blueprint = Blueprint("identifications", __name__, url_prefix="/identifications")


@blueprint.post("")
@limiter.shared_limit(photo_pace, scope="photos", key_func=caller)
def create() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Identify 1 to 4 photos of the same shoe."""
    settings = current_settings()
    if request.mimetype != "multipart/form-data":
        raise Problem(HTTPStatus.BAD_REQUEST, "Send the photos as multipart/form-data, in the field photo.")
    try:
        photos = sent_photos(request, settings.max_photos)
    except PhotosError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    identification = receive(
        photos,
        current_recognition(),
        current_images(),
        settings.max_photo_bytes,
        training_allowed=training_allowed(request),
    )
    if token_user(request) is None:  # a program keeps the key, a browser its session
        remember_as_mine(identification)
    place = url_for("api.identifications.show", identification_id=identification.id)
    headers = {"Location": place, KEY_HEADER: secret_key_of(identification.id)}
    return identification.document, HTTPStatus.CREATED, headers


@blueprint.get("/<uuid:identification_id>")
@limiter.shared_limit(reading_pace, scope="reading", key_func=caller)
def show(identification_id: UUID) -> dict[str, Any]:
    """The answer again, as it was given."""
    return _find(identification_id).document


@blueprint.delete("/<uuid:identification_id>")
@limiter.shared_limit(reading_pace, scope="reading", key_func=caller)
def remove(identification_id: UUID) -> tuple[str, int]:
    """Delete photos, answer and feedback, for who sent the photos and for admins."""
    identification = _find(identification_id)
    user, key = token_user(request) or signed_in_user(), request.headers.get(KEY_HEADER, "")
    if is_mine(identification.id, key):
        if user is None and not has_key(identification.id, key):
            csrf.protect()  # only the browser's cookie vouches; of people with an account `check_caller` has asked it
        forget(identification.id, current_images())
    elif user is not None and user.is_admin:
        with recorded_around(user, "delete photos", f"answer {identification.id}", through="API"):
            forget(identification.id, current_images())
    else:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            f"Only who sent the photos may delete them: send the header {KEY_HEADER} that came with the answer.",
        )
    return "", HTTPStatus.NO_CONTENT


@blueprint.post("/<uuid:identification_id>/feedback")
@limiter.shared_limit(reading_pace, scope="reading", key_func=caller)
def give_feedback(identification_id: UUID) -> tuple[str, int]:
    """Keep whether the first match is right, and what it is instead."""
    identification = _find(identification_id)
    correct, label, product_id = _feedback_of(sent_object('{"correct": true}'))
    if correct:
        say.say_right(identification)
        return "", HTTPStatus.NO_CONTENT
    bundle = current_recognition().bundle
    try:
        say.say_other(identification, label, product_id, bundle.card.labels if bundle else ())
    except say.FeedbackError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    return "", HTTPStatus.NO_CONTENT


def _find(identification_id: UUID) -> Identification:
    identification = db.session.get(Identification, str(identification_id))
    if identification is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no identification {identification_id}.")
    if identification.is_gone:
        raise Problem(HTTPStatus.GONE, "The photos and the answer were deleted: by who sent them, or for their age.")
    return identification


def _feedback_of(sent: Mapping[str, Any]) -> tuple[bool, str | None, int | None]:
    """(correct, label, product_id) of the sent JSON; a Problem names the first thing that is wrong with it."""
    correct, label, product_id = sent.get("correct"), sent.get("label"), sent.get("product_id")
    if not isinstance(correct, bool):
        raise _unusable('correct must be true or false, as in {"correct": false, "label": "vello_dart_low"}.')
    if label is not None and (not isinstance(label, str) or not label):
        raise _unusable("label must be the label of a shoe, as text.")
    if product_id is not None and (not isinstance(product_id, int) or isinstance(product_id, bool)):
        raise _unusable("product_id must be a whole number.")
    if not -(2**63) <= (product_id or 0) < 2**63:
        raise _unusable(f"There is no product {product_id}.")
    return correct, label, product_id


def _unusable(sentence: str) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, sentence)
