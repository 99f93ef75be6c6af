"""The page about the conversion model: how good it is, what it learned from, train it again, go back."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp.accounts.access import role_required, signed_in_user
from webapp.accounts.audit import recorded_around
from webapp.jobs.queue import current_jobs
from webapp.studio.campaign_exports import evaluation_lines
from webapp.studio.conversion_models import ConversionModelError, can_roll_back, history, in_service, roll_back
from webapp.studio.evaluation import Evaluation, evaluations
from webapp.studio.known_rows import told_of_targets
from webapp.studio.model_watch import enqueue_training, training_job

blueprint = Blueprint("conversion_model", __name__, url_prefix="/studio/model")
SHOWN_FIRST = "click_to_open"
HISTORY_SHOWN = 20
WHO = ("marketer", "admin")


@blueprint.get("")
@role_required(*WHO)
def evaluation() -> str:
    """The model in service: all targets in a table, one of them with its charts."""
    card = in_service()
    found = evaluations(card) if card else {}
    asked = request.args.get("target", SHOWN_FIRST)
    if "target" in request.args and found and asked not in found:
        abort(404)
    return render_template(
        "studio/model.html",
        card=card,
        evaluations=found,
        shown=found.get(asked) or next(iter(found.values()), None),
        ready=_ready(found),
        job=training_job(),
        served=history()[:HISTORY_SHOWN],
        can_go_back=can_roll_back(),
    )


@blueprint.post("/trainings")
@role_required(*WHO)
def train() -> AnyResponse:
    """Have the worker train the model anew."""
    with recorded_around(signed_in_user(), "train conversions") as details:
        job = enqueue_training()
        details["job"] = job.id
    flash(f"Job {job.id} trains the model in the background. The one in service stays until it is done.", "success")
    return redirect(url_for("conversion_model.evaluation"), 303)


@blueprint.post("/trainings/cancel")
@role_required(*WHO)
def cancel() -> AnyResponse:
    """Ask the training to stop."""
    job = training_job()
    if job is not None and job.is_active:
        with recorded_around(signed_in_user(), "stop training conversions", f"job {job.id}"):
            current_jobs().cancel(job)
        flash("The training stops after the target that it is at. The model in service stays.", "success")
    else:
        flash("It has ended already.", "warning")
    return redirect(url_for("conversion_model.evaluation"), 303)


@blueprint.post("/rollback")
@role_required(*WHO)
def rollback() -> AnyResponse:
    """Put the model that served before this one back into service."""
    try:
        with recorded_around(signed_in_user(), "roll back conversions") as details:
            card = roll_back()
            details["model"] = card.id
    except ConversionModelError as error:
        flash(f"Nothing was changed: {error}", "error")
    else:
        flash(f"{card.id} is in service again.", "success")
    return redirect(url_for("conversion_model.evaluation"), 303)


@blueprint.get("/evaluation.csv")
@role_required(*WHO)
def numbers() -> Response:
    """The numbers of the model in service."""
    card = in_service() or abort(404)
    answer = Response(evaluation_lines(card.targets), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{card.id}.csv"'
    return answer


def _ready(found: Mapping[str, Evaluation]) -> list[str]:
    """The targets that the next training would learn from imported rows alone, and this model did not."""
    told = told_of_targets()
    return [
        one.target.title for name, one in found.items() if told[name].enough and one.facts["provenance"] != "imported"
    ]
