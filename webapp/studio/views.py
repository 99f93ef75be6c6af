"""The studio: choose a picture and a question, read the recommendation, compare, download, look back."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from ml.conversions.contexts import sneaker_type_of
from ml.imaging.decode import DecodeError
from webapp.accounts.access import role_required, signed_in_user
from webapp.accounts.audit import recorded_around
from webapp.accounts.models import User
from webapp.admission import Busy, NotReady
from webapp.catalogue.models import Product
from webapp.database import db
from webapp.extensions import limiter
from webapp.identify.refusals import STATUS_OF_REASON
from webapp.image_store import current_images
from webapp.recognition import current_recognition
from webapp.settings import current_settings
from webapp.studio.archive import archive_of
from webapp.studio.forget import forget
from webapp.studio.forms import NothingChosenError, StudioForm, usable_id
from webapp.studio.history import past_of
from webapp.studio.models import Recommendation
from webapp.studio.pages import compare_page, recommendation_page, start_page
from webapp.studio.questions import QuestionError, question_of
from webapp.studio.recommend import Studio, recommend_for_photo, recommend_for_product
from webapp.studio.refusals import NoModelError, PictureUnusableError

ROLES = ("marketer", "admin")
Refused = tuple[str, int]

blueprint = Blueprint("studio", __name__, url_prefix="/studio")


@blueprint.get("")
@role_required(*ROLES)
def start() -> str:
    """The front page of the studio."""
    return start_page(_user(), request.args, usable_id(request.args.get("product")))


@blueprint.post("/recommendations")
@role_required(*ROLES)
@limiter.limit("5 per second; 120 per minute")
def recommend() -> Redirect | Refused:
    """Recommend, and show the recommendation."""
    said = request.form.to_dict()
    try:
        form = StudioForm.of(request)
        made = _recommend(form)
    except (NothingChosenError, QuestionError, PictureUnusableError) as error:
        return _again(said, str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    except DecodeError as error:
        return _again(said, error.sentence), STATUS_OF_REASON[error.reason]
    except (Busy, NotReady, NoModelError) as error:
        return _again(said, str(error)), HTTPStatus.SERVICE_UNAVAILABLE
    return redirect(url_for("studio.recommendation", recommendation_id=made.id), HTTPStatus.SEE_OTHER)


@blueprint.get("/recommendations")
@role_required(*ROLES)
def past() -> str:
    """What was recommended to this person before."""
    page = max(1, min(request.args.get("page", 1, type=int), 1_000_000))
    return render_template("studio/past.html", past=past_of(_user(), page))


@blueprint.get("/recommendations/<uuid:recommendation_id>")
@role_required(*ROLES)
def recommendation(recommendation_id: UUID) -> str:
    """One recommendation."""
    return recommendation_page(_find(recommendation_id))


@blueprint.post("/recommendations/<uuid:recommendation_id>/delete")
@role_required(*ROLES)
def delete(recommendation_id: UUID) -> Redirect:
    """Delete a recommendation with the picture that was sent for it; for who sent it, and for admins."""
    found, user = _find(recommendation_id), _user()
    if user.id == found.user_id:
        forget(found, current_images())
    elif user.is_admin:
        with recorded_around(user, "delete recommendation", found.id):
            forget(found, current_images())
    else:
        abort(HTTPStatus.FORBIDDEN)
    flash("The recommendation and its pictures are deleted.", "success")
    return redirect(url_for("studio.past"), HTTPStatus.SEE_OTHER)


@blueprint.get("/recommendations/<uuid:recommendation_id>/compare")
@role_required(*ROLES)
def compare(recommendation_id: UUID) -> str | Redirect:
    """Two of its pictures side by side."""
    found = _find(recommendation_id)
    page = compare_page(found, request.args.getlist("picture"))
    if page is None:
        flash("Tick two pictures to compare them.", "warning")
        return redirect(url_for("studio.recommendation", recommendation_id=recommendation_id))
    return page


@blueprint.get("/recommendations/<uuid:recommendation_id>/pictures.zip")
@role_required(*ROLES)
def download(recommendation_id: UUID) -> Response:
    """All its pictures, and the HTML for the e-mail."""
    found = _find(recommendation_id)
    name = f"solescope-{found.created_at:%Y%m%d-%H%M}-{found.id[:8]}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(archive_of(found, current_images()), mimetype="application/zip", headers=headers)


def _recommend(form: StudioForm) -> Recommendation:
    studio = Studio(current_recognition(), current_images(), _user())
    if form.photo is not None:
        return recommend_for_photo(form.photo, question_of(form.said), studio, current_settings().max_photo_bytes)
    product = db.session.get(Product, form.product_id)
    if product is None:
        raise NothingChosenError("That product is gone. Pick another one.")
    return recommend_for_product(product, question_of(form.said, sneaker_type_of(product.category)), studio)


def _again(said: dict[str, str], problem: str) -> str:
    return start_page(_user(), {}, usable_id(said.get("product_id")), problem=problem, said=said)


def _find(recommendation_id: UUID) -> Recommendation:
    found = db.session.get(Recommendation, str(recommendation_id))
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found


def _user() -> User:
    user = signed_in_user()
    assert user is not None, "only behind role_required"
    return user
