"""Conversion models are trained when somebody asks, and by the worker itself where what is on duty has none."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select

from webapp.database import db
from webapp.jobs.models import Job
from webapp.jobs.queue import current_jobs, last_job
from webapp.studio.ahead import KIND as VARIANTS
from webapp.studio.ahead import images_lacking
from webapp.studio.conversion_models import in_service
from webapp.studio.embedded_pictures import products_varied

KIND = "conversions"
FEWEST_PRODUCTS = 20
"""So many must have been looked at before a first model is worth training."""


def enqueue_training() -> Job:
    """Have the worker train a model; one that waits or runs is returned instead."""
    active = db.session.scalars(select(Job).where(Job.kind == KIND, Job.state.in_(("queued", "running"))))
    running = next((job for job in active if job.is_active), None)
    return running or current_jobs().enqueue(KIND, {}, "Waiting to train the conversion model.")


def training_job() -> Job | None:
    """The training that waits, runs, or ended last."""
    return last_job(KIND)


def watch_model() -> None:
    """A watch for the worker: trains where no model is there, or only one for the embeddings of another bundle.

    It waits until nothing else is going on, so that the catalogue and its variants are complete. A bundle for which
    training failed or was stopped is left to people.
    """
    recognition = current_app.extensions["recognition"]
    recognition.refresh()
    if recognition.bundle is None:
        return
    bundle_id = recognition.bundle.card.id
    card = in_service()
    wanted = (card is None or card.bundle != bundle_id) and not _going_on() and not _tried(bundle_id)
    if wanted and _seen_enough(bundle_id, again=card is not None):
        which = "the conversion model anew" if card else "a first conversion model"
        current_jobs().enqueue(KIND, {"bundle": bundle_id}, f"Waiting to train {which}.")
    db.session.rollback()  # a reading transaction left open would keep the write-ahead log from being cut


def what_is_under_way(bundle_id: str) -> str:
    """In a sentence, how far the conversion model for a bundle is, as the jobs tell it."""
    active = [job for job in _active_jobs() if job.kind in (VARIANTS, KIND)]
    job = next((job for job in active if job.state == "running"), None)
    if job is not None:
        share = f" ({job.done / job.total:.0%})" if job.total else ""
        return f"Under way: {job.message.rstrip('.')}{share}."
    if active:
        return "It waits for its turn in the worker's queue."
    last = last_job(KIND, bundle=bundle_id)
    if last is not None and last.state in ("failed", "cancelled"):
        ended = "failed" if last.state == "failed" else "was stopped"
        return f"Its training {ended}: {last.message} Start it again on the studio's page about the model."
    return "The worker begins with it as soon as it has nothing else to do."


def _seen_enough(bundle_id: str, *, again: bool) -> bool:
    """Whether training is worth while: a small catalogue, all of it seen, is enough where there was a model before."""
    varied = products_varied(bundle_id)
    return varied >= FEWEST_PRODUCTS or (again and varied > 0 and not images_lacking(bundle_id, most=1))


def _active_jobs() -> list[Job]:
    waiting = db.session.scalars(select(Job).where(Job.state.in_(("queued", "running"))).order_by(Job.id))
    return [job for job in waiting if job.is_active]


def _going_on() -> bool:
    return bool(_active_jobs())


def _tried(bundle_id: str) -> bool:
    job = last_job(KIND, bundle=bundle_id)
    return job is not None and job.state in ("failed", "cancelled")
