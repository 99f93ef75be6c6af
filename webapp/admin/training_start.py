"""Start a training, from the desk or through the API, and find the run that a job writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.accounts.audit import recorded
from webapp.accounts.models import User
from webapp.admin.trainings import Training, read_training
from webapp.jobs.models import Job
from webapp.settings import current_settings
from webapp.training.asking import ask_training
from webapp.training.work import run_folder

KIND = "train"


def start_training(sent: Mapping[str, Any], who: User) -> Job:
    """Have the worker train; `sent` names options of `webapp.training.orders.TRAINING`. Raises OrderError."""
    with recorded(who, "start training", str(sent.get("network") or "the usual network")) as details:
        job = ask_training(sent, who.email)
        details.update(job.options, job=job.id)
    return job


def run_of_job(job: Job) -> Training | None:
    """The run that a training's job writes; None before it has begun, and for other jobs."""
    if job.kind != KIND:
        return None
    folder = run_folder(KIND, job.id, str(job.options.get("network", "")))
    return read_training(current_settings().runs_folder, folder.name)
