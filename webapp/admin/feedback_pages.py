"""The page of the feedback queue. For admins only."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.accounts.access import role_required, signed_in_user
from webapp.accounts.audit import recorded
from webapp.admin.audit_pages import asked_page
from webapp.admin.feedback import QUEUES, WAITING, ReviewError, accept, read_queue, reject
from webapp.admin.pins import pinned_ids, set_pinned
from webapp.admin.views import blueprint
from webapp.database import db
from webapp.identify.models import Identification
from webapp.recognition import current_recognition


@blueprint.get("/feedback")
@role_required("admin")
def feedback() -> str:
    """What people said, that nobody has looked at yet, or that was accepted or rejected."""
    return _feedback_page()


@blueprint.post("/feedback/<uuid:identification_id>")
@role_required("admin")
def review_feedback(identification_id: UUID) -> Response | tuple[str, int]:
    """Accept it as training data, as a shoe or as none of ours, or reject it."""
    found = db.session.get(Identification, str(identification_id)) or abort(404)
    verdict, label = request.form.get("verdict", ""), request.form.get("label", "")
    try:
        with recorded(signed_in_user(), f"{verdict} feedback", f"answer {found.id}") as details:
            _review(found, verdict, label, details)
    except ReviewError as error:
        return _feedback_page(str(error), {found.id: label[:300]}), HTTPStatus.UNPROCESSABLE_ENTITY
    flash("It is rejected." if verdict == "reject" else "The next snapshot learns from it.", "success")
    return _back()


@blueprint.post("/pins/<uuid:identification_id>")
@role_required("admin")
def pin(identification_id: UUID) -> Response:
    """Ask the photos of an answer of every bundle to come, or no longer."""
    found = db.session.get(Identification, str(identification_id)) or abort(404)
    is_pinned = request.form.get("pinned") == "yes"
    with recorded(signed_in_user(), "pin answer" if is_pinned else "unpin answer", f"answer {found.id}"):
        set_pinned(found, is_pinned)
    said = "It is pinned: bundles are asked about it before they are published."
    flash(said if is_pinned else "It is not pinned any more.", "success")
    return _back()


def _review(found: Identification, verdict: str, label: str, details: dict[str, str]) -> None:
    if verdict == "reject":
        reject(found)
    elif verdict == "accept" and label.strip():
        details["label"] = label.strip()[:300]
        accept(found, label, _known_labels())
    elif verdict == "accept as none":
        accept(found, "", ())
    else:
        raise ReviewError("Say which label the photos show, or that they show none of our shoes, or reject them.")


def _known_labels() -> tuple[str, ...]:
    bundle = current_recognition().bundle
    return bundle.card.labels if bundle else ()


def _back() -> Response:
    """To the place in the queue where the form stood."""
    return redirect(url_for("admin.feedback", queue=request.args.get("queue"), page=request.args.get("page")), 303)


def _feedback_page(problem: str = "", typed: Mapping[str, str] | None = None) -> str:
    queue = request.args.get("queue", WAITING)
    if queue not in QUEUES:
        abort(404)
    page = asked_page()
    said, more = read_queue(queue, page)
    shown = {"said": said, "more": more, "page": page, "queue": queue, "queues": QUEUES, "pinned": pinned_ids()}
    asked = {"problem": problem, "typed": typed or {}, "known_labels": sorted(_known_labels())}
    return render_template("admin/feedback.html", **asked, **shown)
