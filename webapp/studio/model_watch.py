"""Conversion models are trained when somebody asks, and by the worker itself where what is on duty has none."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select

from webapp.database import db
from webapp.jobs.models import Job
from webapp.jobs.queue import current_jobs, last_job
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
    if wanted and products_varied(bundle_id) >= FEWEST_PRODUCTS:
        current_jobs().enqueue(KIND, {"bundle": bundle_id}, "Waiting to train a first conversion model.")
    db.session.rollback()  # a reading transaction left open would keep the write-ahead log from being cut


def _going_on() -> bool:
    active = db.session.scalars(select(Job).where(Job.state.in_(("queued", "running"))))
    return any(job.is_active for job in active)


def _tried(bundle_id: str) -> bool:
    job = last_job(KIND, bundle=bundle_id)
    return job is not None and job.state in ("failed", "cancelled")
