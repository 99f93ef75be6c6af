"""The pages about jobs: what runs, what waits, what came of the others. For admins only."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.accounts.access import role_required, signed_in_user
from webapp.accounts.audit import recorded
from webapp.admin.audit_pages import asked_page
from webapp.admin.job_start import STARTABLE, StartError, start_job
from webapp.admin.overview import jobs_as_shown
from webapp.admin.training_start import run_of_job
from webapp.admin.views import NUMBER, blueprint
from webapp.catalogue.run_models import ScrapeRun
from webapp.database import db
from webapp.jobs.models import STATES, Job
from webapp.jobs.queue import NotResumableError, UnknownKindError, current_jobs

PER_PAGE = 30


@blueprint.get("/jobs")
@role_required("admin")
def jobs() -> str:
    """All jobs, those at work and the newest first, or those of one state."""
    return _jobs_page()


@blueprint.post("/jobs")
@role_required("admin")
def begin_job() -> Response | tuple[str, int]:
    """Have the worker do what else it does by itself."""
    try:
        job = start_job(request.form.get("kind", ""), signed_in_user() or abort(401))
    except StartError as error:
        return _jobs_page(str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("admin.job", job_id=job.id), 303)


@blueprint.get(f"/jobs/<{NUMBER}:job_id>")
@role_required("admin")
def job(job_id: int) -> str:
    """One job: how far it is, what it says, what came of it."""
    return _job_page(_found(job_id))


@blueprint.get(f"/jobs/<{NUMBER}:job_id>/progress.json")
@role_required("admin")
def job_progress(job_id: int) -> dict[str, Any]:
    """How far a job is, for the page that shows it."""
    found = _found(job_id)
    told = {name: getattr(found, name) for name in ("id", "kind", "done", "total", "message", "log")}
    return {**told, "state": state_of(found), "active": found.is_active}


@blueprint.post(f"/jobs/<{NUMBER}:job_id>/cancel")
@role_required("admin")
def cancel_job(job_id: int) -> Response:
    """Ask a job to stop."""
    found = _found(job_id)
    if found.is_active:
        with recorded(signed_in_user(), "stop job", f"job {job_id}", kind=found.kind):
            current_jobs().cancel(found)
        flash(f"Job {job_id} stops within seconds.", "success")
    else:
        flash(f"Job {job_id} has ended already.", "warning")
    return redirect(url_for("admin.job", job_id=job_id), 303)


@blueprint.post(f"/jobs/<{NUMBER}:job_id>/resume")
@role_required("admin")
def resume_job(job_id: int) -> Response | tuple[str, int]:
    """Have a job that ended before its time go on."""
    found = _found(job_id)
    try:
        with recorded(signed_in_user(), "resume job", f"job {job_id}", kind=found.kind):
            current_jobs().resume(found)
    except (NotResumableError, UnknownKindError) as error:
        return _job_page(_found(job_id), str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(f"Job {job_id} goes on where it was.", "success")
    return redirect(url_for("admin.job", job_id=job_id), 303)


def state_of(job: Job) -> str:
    """The state that people read: a running job that has fallen silent is an interrupted one."""
    return "interrupted" if job.is_silent else job.state


def _jobs_page(problem: str = "") -> str:
    state, page = request.args.get("state", ""), asked_page()
    if state and state not in STATES:
        abort(404)
    question = jobs_as_shown()
    if state:
        question = question.where(Job.state == state)
    found = list(db.session.scalars(question.offset((page - 1) * PER_PAGE).limit(PER_PAGE + 1)))
    shown, more = found[:PER_PAGE], len(found) > PER_PAGE
    asked = {"page": page, "state": state, "states": STATES, "startable": STARTABLE}
    return render_template("admin/jobs.html", jobs=shown, more=more, problem=problem, **asked)


def _job_page(found: Job, problem: str = "") -> str:
    run = db.session.scalar(select(ScrapeRun).where(ScrapeRun.job_id == found.id))
    shown = {"training": run_of_job(found), "run": run, "problem": problem}
    return render_template("admin/job.html", job=found, **shown)


def _found(job_id: int) -> Job:
    return db.session.get(Job, job_id) or abort(404)
