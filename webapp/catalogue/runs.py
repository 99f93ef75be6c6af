"""The runs of shops: how they went, and where one stands that goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from webapp.catalogue.offer_models import Offer
from webapp.catalogue.run_models import ScrapeRun
from webapp.database import db, now, write_transaction
from webapp.jobs.models import Job

RECENT = 5
UNFINISHED = ("queued", "running", "failed", "cancelled")
"""The states of a run whose job may go on."""


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


def usual_listings(run: ScrapeRun) -> list[int]:
    """How many listings recent good runs of the shop found; what the catalogue has of it, where none is known."""
    usual = [good.listings for good in good_runs_of(run.site, before=run.id)]
    if usual:
        return usual
    live = (Offer.site == run.site, Offer.gone_at.is_(None), Offer.first_run_id.is_(None))
    known = db.session.scalar(select(func.count()).select_from(Offer).where(*live)) or 0
    return [known] if known else []


def standing_of(run: ScrapeRun) -> Standing:
    """Where a run stands. Its job may have ended without telling it: cancelled while it waited, or killed."""
    job = db.session.get(Job, run.job_id) if run.job_id is not None else None
    is_begun_again = run.state in UNFINISHED and job is not None and job.is_active
    if job is None or not (run.state in ("queued", "running") or is_begun_again):
        done = run.listings
        return Standing(run.state, done, done, run.why)
    state = {"succeeded": "running", "interrupted": "failed"}.get(job.state, job.state)
    return Standing(state, job.done, job.total, job.message)


def run_of_job(job_id: int, site: str, started_by: int | None = None) -> ScrapeRun:
    """The run that belongs to a job, made where there is none: by whoever comes first, the worker or who started it."""
    with write_transaction() as session:
        run = session.scalars(select(ScrapeRun).where(ScrapeRun.job_id == job_id)).one_or_none()
        if run is None:
            run = ScrapeRun(site=site, job_id=job_id, started_by=started_by)
            session.add(run)
        elif started_by is not None and run.started_by is None:
            run.started_by = started_by
    return run


def published_after(run: ScrapeRun) -> int | None:
    """A later run of the shop that was published and built on what was there: this one cannot be any more."""
    later = (ScrapeRun.site == run.site, ScrapeRun.id > run.id, ScrapeRun.state.in_(("succeeded", "undone")))
    return db.session.scalars(select(ScrapeRun.id).where(*later).limit(1)).first()


def begin(run: ScrapeRun) -> None:
    """A run starts, or goes on after it was broken off, failed or was cancelled."""
    with write_transaction():
        run.state, run.started_at, run.finished_at, run.why = "running", run.started_at or now(), None, ""


def end(run_id: int, state: str, why: str, numbers: Mapping[str, Any] | None = None) -> None:
    """A run that goes on has ended; one that has ended before stays as it is."""
    going_on = (ScrapeRun.id == run_id, ScrapeRun.state.in_(("queued", "running")))
    values = {"state": state, "why": why[:500], "finished_at": now(), **(numbers or {})}
    with write_transaction() as session:
        session.execute(update(ScrapeRun).where(*going_on).values(**values))
