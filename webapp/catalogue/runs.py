"""The runs of shops: how they went, and where one stands that goes on."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from webapp.catalogue.run_models import ScrapeRun
from webapp.database import db
from webapp.jobs.models import Job

RECENT = 5


class RunError(ValueError):
    """What cannot be done with a run. The message is a sentence."""


@dataclass(frozen=True)
class Standing:
    """Where a run stands: its state (one of RUN_STATES), `done` of `total` products (0: unknown), and a sentence."""

    state: str
    done: int
    total: int
    message: str


def runs_of(site: str, most: int = 50) -> list[ScrapeRun]:
    """The runs of a shop, the newest first."""
    return list(
        db.session.scalars(select(ScrapeRun).where(ScrapeRun.site == site).order_by(ScrapeRun.id.desc()).limit(most))
    )


def good_runs_of(site: str, most: int = RECENT, before: int | None = None) -> list[ScrapeRun]:
    """The newest runs of a shop that were merged and not undone; only those older than the run `before`, if given."""
    question = select(ScrapeRun).where(ScrapeRun.site == site, ScrapeRun.state == "succeeded")
    if before is not None:
        question = question.where(ScrapeRun.id < before)
    return list(db.session.scalars(question.order_by(ScrapeRun.id.desc()).limit(most)))


def standing_of(run: ScrapeRun) -> Standing:
    """Where a run stands. Its job may have ended without telling it: cancelled while it waited, or killed."""
    job = db.session.get(Job, run.job_id) if run.job_id is not None else None
    if job is None or run.state not in ("queued", "running"):
        done = run.listings
        return Standing(run.state, done, done, run.why)
    state = {"succeeded": "running", "interrupted": "failed"}.get(job.state, job.state)
    return Standing(state, job.done, job.total, job.message)
