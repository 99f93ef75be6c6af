"""The pages on which a person decides about their photos: may models learn from them, and are they to be deleted.

Whoever sent them may, as the browser's session remembers, and whoever has the link with the key.
"""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.extensions import limiter
from webapp.identify.access import is_mine
from webapp.identify.forget import allow_training, forget, goes_at
from webapp.identify.models import Identification
from webapp.identify.views import blueprint, find_identification
from webapp.image_store import current_images


@blueprint.get("/identifications/<uuid:identification_id>/delete")
def ask_to_delete(identification_id: UUID) -> str:
    """Ask once more before everything is deleted."""
    identification = find_identification(identification_id)
    key = _key_or_refuse(identification)
    return render_template("identify/delete.html", identification=identification, key=key, goes_at=goes_at)


@blueprint.post("/identifications/<uuid:identification_id>/delete")
@limiter.limit("60 per minute")
def delete_photos(identification_id: UUID) -> Response:
    """Delete photos, answer and feedback; the answer's address then says that they are gone."""
    identification = find_identification(identification_id)
    _key_or_refuse(identification)
    forget(identification.id, current_images())
    flash("Your photos, the answer and what you said about it are deleted.", "success")
    return redirect(url_for("identify.start"), HTTPStatus.SEE_OTHER)


@blueprint.post("/identifications/<uuid:identification_id>/training")
@limiter.limit("60 per minute")
def decide_about_training(identification_id: UUID) -> Response:
    """Keep whether models may be trained on the photos."""
    identification = find_identification(identification_id)
    _key_or_refuse(identification)
    allow_training(identification, request.form.get("training") == "yes")
    flash("Thank you. That is kept.", "success")
    return redirect(url_for("identify.answer", identification_id=identification_id), HTTPStatus.SEE_OTHER)


def _key_or_refuse(identification: Identification) -> str:
    """The key that was sent, empty where the session vouches; 403 for everyone else."""
    key = request.values.get("key", "")
    if not is_mine(identification.id, key):
        abort(HTTPStatus.FORBIDDEN)
    return key
