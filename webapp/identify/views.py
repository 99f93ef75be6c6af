"""The pages: send a photo, read the answer, say whether it is right."""

from __future__ import annotations

from contextlib import ExitStack
from http import HTTPStatus
from typing import BinaryIO
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from ml.imaging.decode import DecodeError
from webapp.admission import Busy
from webapp.catalogue.models import Product
from webapp.database import db
from webapp.extensions import limiter
from webapp.identify import say
from webapp.identify.access import is_mine, remember_as_mine, secret_key_of
from webapp.identify.forms import FeedbackForm, PhotosError, sent_photos, training_allowed
from webapp.identify.models import Identification
from webapp.identify.pages import answer_page
from webapp.identify.receive import receive
from webapp.identify.refusals import STATUS_OF_REASON
from webapp.identify.samples import find_sample, list_samples
from webapp.image_store import current_images
from webapp.recognition import NotReady, current_recognition
from webapp.settings import MEGABYTE, current_settings

ADDRESS_PACE = "10 per second; 240 per minute"
"""How often one address may send photos; the API's callers with a token may more often."""

blueprint = Blueprint("identify", __name__)
photo_pace = limiter.shared_limit(ADDRESS_PACE, scope="photos")


@blueprint.get("/")
def start() -> str:
    """The front page: send a photo."""
    return _start_page()


@blueprint.get("/identifications")
def start_again() -> Response:
    """Where a person lands who reloads after an error."""
    return redirect(url_for("identify.start"))


@blueprint.post("/identifications")
@photo_pace
def identify() -> Response | tuple[str, int, dict[str, str]]:
    """Identify the photos of the form and show the answer."""
    try:
        photos = sent_photos(request, current_settings().max_photos)
    except PhotosError:
        return _start_page("Please choose a photo first."), HTTPStatus.UNPROCESSABLE_ENTITY, {}
    return _identify(photos)


@blueprint.post("/samples/<name>/identify")
@photo_pace
def identify_sample(name: str) -> Response | tuple[str, int, dict[str, str]]:
    """Identify a sample photo and show the answer."""
    file = find_sample(name)
    if file is None or not file.is_file():
        abort(HTTPStatus.NOT_FOUND)
    with ExitStack() as stack:
        return _identify([stack.enter_context(file.open("rb"))])


@blueprint.get("/identifications/<uuid:identification_id>")
def answer(identification_id: UUID) -> str:
    """The answer, and what was said about it."""
    identification = find_identification(identification_id)
    return answer_page(identification, delete_key=_key_to_show(identification))


@blueprint.post("/identifications/<uuid:identification_id>/feedback")
@limiter.limit("60 per minute")
def feedback(identification_id: UUID) -> Response | tuple[str, int]:
    """Keep what a person says about an answer."""
    identification = find_identification(identification_id)
    try:
        form = FeedbackForm.of(request.form)
        _say(identification, form)
    except ValueError as error:
        typed = request.form.get("actual", "")
        page = answer_page(identification, problem=str(error), typed=typed, delete_key=_key_to_show(identification))
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    flash("Thank you. That is kept.", "success")
    return redirect(url_for("identify.answer", identification_id=identification_id))


def find_identification(identification_id: UUID) -> Identification:
    """The identification of this id; answers 404 where there is none, 410 where it was deleted."""
    identification = db.session.get(Identification, str(identification_id))
    if identification is None:
        abort(HTTPStatus.NOT_FOUND)
    if identification.is_gone:
        abort(HTTPStatus.GONE)
    return identification


def _key_to_show(identification: Identification) -> str:
    """The key to delete it by, for who sent the photos; else nothing."""
    return secret_key_of(identification.id) if is_mine(identification.id) else ""


def _say(identification: Identification, form: FeedbackForm) -> None:
    """Store the form; raises ValueError with a sentence for a shoe that we do not know."""
    if form.verdict == "right":
        say.say_right(identification)
        return
    bundle = current_recognition().bundle
    names = bundle.card.label_names if bundle else {}
    label = None
    if form.verdict == "other" and form.product_id is None:
        label = say.label_of_words(form.words, names)
        if label is None:
            raise say.FeedbackError(
                f"We know no shoe named “{form.words}”. Pick one of the list, or say that it is none of ours."
            )
    say.say_other(identification, label, form.product_id, bundle.card.labels if bundle else ())


def _identify(photos: list[BinaryIO]) -> Response | tuple[str, int, dict[str, str]]:
    try:
        identification = receive(
            photos,
            current_recognition(),
            current_images(),
            current_settings().max_photo_bytes,
            training_allowed=training_allowed(request),
        )
    except DecodeError as error:
        return _start_page(error.sentence), STATUS_OF_REASON[error.reason], {}
    except (Busy, NotReady) as error:
        return _start_page(str(error)), HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(error.retry_after_s)}
    remember_as_mine(identification)
    return redirect(url_for("identify.answer", identification_id=identification.id), HTTPStatus.SEE_OTHER)


def _start_page(problem: str = "") -> str:
    settings = current_settings()
    return render_template(
        "identify/start.html",
        problem=problem,
        samples=list_samples(),
        max_photos=settings.max_photos,
        keep_days=settings.keep_uploads_days,
        max_megabytes=settings.max_photo_bytes // MEGABYTE,
        product_total=db.session.scalar(select(func.count()).select_from(Product)),
    )
