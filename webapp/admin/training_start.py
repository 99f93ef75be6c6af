"""Start a training, a search for settings or a measurement, from the desk or the API; find what a job writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from webapp.accounts.audit import recorded
from webapp.accounts.models import User
from webapp.admin.bundles import UnknownBundleError, find_bundle
from webapp.admin.trainings import Training, read_training
from webapp.jobs.models import Job
from webapp.settings import current_settings
from webapp.training.asking import ask_evaluation, ask_training, ask_tuning
from webapp.training.orders import OrderError
from webapp.training.work import run_folder

TRAIN, TUNE, EVALUATE = "train", "tune", "evaluate"
_WRITE_A_RUN = (TRAIN, TUNE)


def start_training(sent: Mapping[str, Any], who: User) -> Job:
    """Have the worker train; `sent` names options of `webapp.training.orders.TRAINING`. Raises OrderError."""
    return _start("start training", ask_training, sent, who)


def start_tuning(sent: Mapping[str, Any], who: User) -> Job:
    """Have the worker search for better settings; options of `orders.TUNING`. Raises OrderError."""
    return _start("start tuning", ask_tuning, sent, who)


def start_evaluation(sent: Mapping[str, Any], who: User) -> Job:
    """Have the worker measure a bundle; options of `orders.EVALUATION`. Raises OrderError, for a bundle that there is
    not, too."""
    try:
        find_bundle(current_settings(), str(sent.get("bundle") or ""))
    except UnknownBundleError as error:
        raise OrderError(f"{error} Choose the bundle that is to be measured.") from error
    return _start("start evaluation", ask_evaluation, sent, who)


def run_of_job(job: Job) -> Training | None:
    """The run that a training's or a search's job writes; None before it has begun, and for other jobs."""
    if job.kind not in _WRITE_A_RUN:
        return None
    folder = run_folder(job.kind, job.id, str(job.options.get("network", "")))
    return read_training(current_settings().runs_folder, folder.name)


def _start(act: str, ask: Callable[[Mapping[str, Any], str], Job], sent: Mapping[str, Any], who: User) -> Job:
    with recorded(who, act, str(sent.get("bundle") or sent.get("network") or "the usual network")) as details:
        job = ask(sent, who.email)
        details.update(job.options, job=job.id)
    return job
