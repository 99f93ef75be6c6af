"""The page of one run of a shop: how it goes, what it would change or has changed, and what to do. For admins only."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.accounts.access import role_required, signed_in_user
from webapp.accounts.audit import recorded
from webapp.accounts.models import User
from webapp.admin.shops import coverage_of, failures_in, good_run_before, refusals_in
from webapp.admin.views import NUMBER, blueprint
from webapp.catalogue.decisions import approve, reject
from webapp.catalogue.differences import differences
from webapp.catalogue.run_models import ScrapeRun
from webapp.catalogue.runs import RunError, standing_of
from webapp.catalogue.undo import later_runs_of, undo
from webapp.database import db
from webapp.jobs.models import Job

Page = Response | tuple[str, int]
SHOWN_DIFFERENCES = 24


@blueprint.get(f"/runs/<{NUMBER}:run_id>")
@role_required("admin")
def run(run_id: int) -> str:
    """One run."""
    return _run_page(_found(run_id))


@blueprint.post(f"/runs/<{NUMBER}:run_id>/approve")
@role_required("admin")
def approve_run(run_id: int) -> Page:
    """Publish a suspect run as it is."""
    return _decide(_found(run_id), "approve run", approve, "The catalogue has what it brought.")


@blueprint.post(f"/runs/<{NUMBER}:run_id>/reject")
@role_required("admin")
def reject_run(run_id: int) -> Page:
    """Throw a suspect run away."""
    return _decide(_found(run_id), "reject run", reject, "It is thrown away; the catalogue is as it was.")


@blueprint.post(f"/runs/<{NUMBER}:run_id>/undo")
@role_required("admin")
def undo_run(run_id: int) -> Page:
    """Take back what a run did, and what the later ones did that the form names because they build on it."""
    later = [int(word[:18]) if word.isdecimal() else 0 for word in request.form.get("later", "").split()]
    details = {"together with runs": ", ".join(map(str, later))[:300]} if later else {}
    verb = partial(undo, with_later=later)
    return _decide(_found(run_id), "undo run", verb, "It is undone: the catalogue is as before it.", **details)


def _decide(found: ScrapeRun, act: str, verb: Callable[[ScrapeRun, User], None], said: str, /, **details: str) -> Page:
    person = signed_in_user() or abort(401)
    run_id, subject = found.id, f"run {found.id} of {found.site}"
    try:
        with recorded(person, act, subject, **details):
            verb(found, person)
    except RunError as error:
        return _run_page(_found(run_id), str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(said, "success")
    return redirect(url_for("admin.run", run_id=run_id), 303)


def _run_page(found: ScrapeRun, problem: str = "") -> str:
    job = db.session.get(Job, found.job_id) if found.job_id else None
    return render_template(
        "admin/run.html",
        run=found,
        problem=problem,
        standing=standing_of(found),
        job=job,
        before=good_run_before(found),
        coverage=coverage_of(found),
        refusals=refusals_in(found),
        later=later_runs_of(found) if found.state == "succeeded" else [],
        failures=failures_in(found),
        differences=differences(found, SHOWN_DIFFERENCES) if found.state in ("suspect", "succeeded") else None,
    )


def _found(run_id: int) -> ScrapeRun:
    return db.session.get(ScrapeRun, run_id) or abort(404)
