"""/api/v1/trainings: start one, see how far it is. For admins."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, url_for

from webapp.admin.training_start import TRAIN, run_of_job, start_training
from webapp.api.callers import caller, caller_with_role, reading_pace
from webapp.api.problems import Problem
from webapp.api.sent import sent_object
from webapp.database import db
from webapp.extensions import limiter
from webapp.jobs.models import Job
from webapp.training.orders import OrderError

blueprint = Blueprint("trainings", __name__, url_prefix="/trainings")
pace = limiter.shared_limit(reading_pace, scope="reading", key_func=caller)


@blueprint.post("")
@pace
def create() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Start a training on the catalogue as it is."""
    who = caller_with_role("admin")
    try:
        job = start_training(sent_object(), who)
    except OrderError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    place = url_for("api.trainings.show", training_id=job.id)
    return _described(job), HTTPStatus.ACCEPTED, {"Location": place}


@blueprint.get("/<int(max=2147483647):training_id>")
@pace
def show(training_id: int) -> dict[str, Any]:
    """How far a training is, and its numbers so far."""
    caller_with_role("admin")
    job = db.session.get(Job, training_id)
    if job is None or job.kind != TRAIN:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no training {training_id}.")
    return _described(job)


def _described(job: Job) -> dict[str, Any]:
    run = run_of_job(job)
    return {
        "id": job.id,
        "run": run.name if run else None,
        "status": "interrupted" if job.is_silent else job.state,
        "message": job.message,
        "settings": dict(job.options),
        "progress": {"words": run.words, "share": run.share} if run else None,
        "numbers": run.numbers if run else {},
        "measured_on": run.split if run else "",
    }
