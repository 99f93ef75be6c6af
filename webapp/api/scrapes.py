"""/api/v1/scrapes: read a shop into the catalogue, see how that goes. For admins."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint

from webapp.accounts.audit import recorded
from webapp.api.callers import caller, caller_with_role, reading_pace
from webapp.api.problems import Problem
from webapp.api.sent import sent_object
from webapp.catalogue.run_models import ScrapeRun
from webapp.catalogue.runs import standing_of
from webapp.database import db
from webapp.extensions import limiter

blueprint = Blueprint("scrapes", __name__, url_prefix="/scrapes")
pace = limiter.shared_limit(reading_pace, scope="reading", key_func=caller)


@blueprint.post("")
@pace
def create() -> tuple[dict[str, Any], int]:
    """Have the worker read a shop."""
    from webapp.catalogue.scrape import NotAllowedError, UnknownSiteError, start_run

    person = caller_with_role("admin")
    try:
        site = _sent_site()
        with recorded(person, "start run", site, through="API"):
            run = start_run(site, person)
    except UnknownSiteError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    except NotAllowedError as error:
        raise Problem(HTTPStatus.CONFLICT, str(error)) from error
    return {"id": run.id, "status": standing_of(run).state}, HTTPStatus.ACCEPTED


@blueprint.get("/<int:scrape_id>")
@pace
def show(scrape_id: int) -> dict[str, Any]:
    """One scrape."""
    caller_with_role("admin")
    run = db.session.get(ScrapeRun, scrape_id) if scrape_id < 2**63 else None
    if run is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no scrape {scrape_id}.")
    return scrape_of(run)


def scrape_of(run: ScrapeRun) -> dict[str, Any]:
    """A scrape in the API's shape."""
    standing = standing_of(run)
    return {
        "id": run.id,
        "site": run.site,
        "status": standing.state,
        "why": run.why,
        "progress": {"done": standing.done, "total": standing.total, "message": standing.message},
        "counts": run.counts(),
        "coverage": run.coverage,
        "created_at": run.created_at.isoformat(),
        "started_at": _moment(run.started_at),
        "finished_at": _moment(run.finished_at),
    }


def _sent_site() -> str:
    site = sent_object('{"site": "demo"}').get("site")
    if not isinstance(site, str):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, 'Say which shop: {"site": "demo"}.')
    return site


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
