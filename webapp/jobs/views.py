"""How far the current job is, for pages that show it and for programs that wait for it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from webapp.jobs.models import Job
from webapp.jobs.queue import job_to_show

NOT_FOR_EVERYONE = "It did not come to its end. Admin, Jobs tells why."
"""Why work failed may name folders and hosts."""

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")


@blueprint.get("/current.json")
def current() -> dict[str, Any]:
    """The job that runs, waits, or ended last; null where there never was one. Open to everyone: no options, no log."""
    job = job_to_show()
    return {"job": _public(job) if job else None}


def current_job() -> Job | None:
    """The job that a page should speak of: one that runs or waits."""
    job = job_to_show()
    return job if job is not None and job.is_active else None


def _public(job: Job) -> dict[str, Any]:
    state = "interrupted" if job.is_silent else job.state
    return {
        "id": job.id,
        "kind": job.kind,
        "state": state,
        "active": job.is_active,
        "done": job.done,
        "total": job.total,
        "message": job.message if job.is_active or state == "succeeded" else NOT_FOR_EVERYONE,
    }
