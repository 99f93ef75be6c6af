"""The admin's desk: an overview, reading a shop, stopping a job, API tokens. Every page is for admins only."""

from __future__ import annotations

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.accounts.access import role_required, signed_in_user
from webapp.accounts.models import User
from webapp.accounts.people import renew_token
from webapp.admin.overview import look
from webapp.database import db
from webapp.jobs.models import Job
from webapp.jobs.queue import current_jobs

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("")
@role_required("admin")
def overview() -> str:
    """What is there, what is going on."""
    from scraper.sites import SITES

    return render_template("admin/overview.html", overview=look(), sites=sorted(SITES))


@blueprint.post("/scrapes")
@role_required("admin")
def start_scrape() -> Response:
    """Have the worker read a shop."""
    from webapp.catalogue.scrape import NotAllowedError, UnknownSiteError, enqueue_scrape

    try:
        job = enqueue_scrape(request.form.get("site", ""), person=signed_in_user())
    except (UnknownSiteError, NotAllowedError) as error:
        flash(str(error), "error")
    else:
        flash(f"Job {job.id} is in the queue.", "success")
    return redirect(url_for("admin.overview"), 303)


@blueprint.post("/jobs/<int(max=2147483647):job_id>/cancel")
@role_required("admin")
def cancel_job(job_id: int) -> Response:
    """Ask a job to stop."""
    job = db.session.get(Job, job_id) or abort(404)
    if job.is_active:
        current_jobs().cancel(job)
        flash(f"Job {job_id} stops within seconds.", "success")
    else:
        flash(f"Job {job_id} has ended already.", "warning")
    return redirect(url_for("admin.overview"), 303)


@blueprint.post("/users/<int(max=2147483647):user_id>/token")
@role_required("admin")
def new_token(user_id: int) -> Response:
    """Give a person a new API token, and show it this once."""
    user = db.session.get(User, user_id) or abort(404)
    page = make_response(render_template("admin/token.html", token=renew_token(user), user=user))
    page.headers["Cache-Control"] = "no-store"
    return page
