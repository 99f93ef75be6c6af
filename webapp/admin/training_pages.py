"""The pages about trainings: what was trained, how far the one at work is, and the report of each. For admins only."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from webapp.accounts.access import role_required, signed_in_user
from webapp.accounts.models import User
from webapp.admin.bundles import find_bundles, on_duty_id
from webapp.admin.training_comparison import numbers_beside, settings_that_differ
from webapp.admin.training_form import (
    FIXED_FIELDS,
    FURTHER_FIELDS,
    Field,
    main_fields,
    measurement_fields,
    search_fields,
)
from webapp.admin.training_start import EVALUATE, TRAIN, TUNE, start_evaluation, start_training, start_tuning
from webapp.admin.trainings import SHOWN_FILES, Training, find_trainings, read_training
from webapp.admin.views import blueprint
from webapp.database import db
from webapp.jobs.models import Job
from webapp.settings import Settings, current_settings
from webapp.training.orders import OrderError

Page = Answer | tuple[str, int]
MEASUREMENTS_SHOWN = 5
STARTS = {TRAIN: "Train", TUNE: "Search for settings", EVALUATE: "Measure a bundle"}
"""What can be started, and what the page calls it."""


@blueprint.get("/trainings")
@role_required("admin")
def trainings() -> str:
    """All trainings, the latest first, and the form that `start` names."""
    start = request.args.get("start", TRAIN)
    if start not in STARTS:
        abort(404)
    return _trainings_page(start, typed={"bundle": request.args.get("bundle", "")})


@blueprint.post("/trainings")
@role_required("admin")
def begin_training() -> Page:
    """Have the worker train on the catalogue as it is now."""
    return _begin(TRAIN, start_training, "Job {id} trains {network}.")


@blueprint.post("/tunings")
@role_required("admin")
def begin_tuning() -> Page:
    """Have the worker search for better settings."""
    return _begin(TUNE, start_tuning, "Job {id} searches for settings of {network}.")


@blueprint.post("/evaluations")
@role_required("admin")
def begin_evaluation() -> Page:
    """Have the worker measure a bundle."""
    return _begin(EVALUATE, start_evaluation, "Job {id} measures {bundle}.")


@blueprint.get("/trainings/compare")
@role_required("admin")
def compare_trainings() -> str:
    """Two trainings side by side: numbers, curves, and the settings that differ."""
    one, other = (_found(request.args.get(name, "")) for name in ("one", "other"))
    curves = [_live(each)["curves"] for each in (one, other)]
    compared = {"numbers": numbers_beside(one, other), "settings": settings_that_differ(one, other)}
    return render_template("admin/training_comparison.html", both=(one, other), curves=curves, **compared)


@blueprint.get("/trainings/<path:name>")
@role_required("admin")
def training(name: str) -> str:
    """One training: its curves, how far it is, its numbers, the way to its report."""
    found = _found(name)
    return render_template("admin/training.html", training=found, live=_live(found), on_duty=on_duty_id())


@blueprint.get("/trainings/<path:name>/progress.json")
@role_required("admin")
def training_progress(name: str) -> dict[str, Any]:
    """How far a training is, for the page that shows it."""
    return _live(_found(name))


@blueprint.get("/trainings/<path:name>/files/<file>")
@role_required("admin")
def training_file(name: str, file: str) -> Response:
    """A file that the training left: nothing in it may run, fetch, or be framed."""
    path = _found(name).file(file) or abort(404)
    content = path.read_bytes()
    answer = Response(content, mimetype=SHOWN_FILES[file])
    answer.headers["Content-Security-Policy"] = _policy_of(content)
    return answer


def _begin(start: str, ask: Callable[[Mapping[str, str], User], Job], said: str) -> Page:
    sent = {name: value for name, value in request.form.items() if name != "csrf_token"}
    try:
        job = ask(sent, signed_in_user() or abort(401))
    except OrderError as error:
        return _trainings_page(start, str(error), sent), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(said.format(id=job.id, **job.options), "success")
    return redirect(url_for("admin.job", job_id=job.id), 303)


def _trainings_page(start: str, problem: str = "", typed: Mapping[str, str] | None = None) -> str:
    settings = current_settings()
    folder = settings.runs_folder
    shown = {"trainings": find_trainings(folder), "folder": folder, "problem": problem, "typed": typed or {}}
    main, further = _fields(start, settings)
    form = {"start": start, "starts": STARTS, "main_fields": main, "further_fields": further}
    return render_template("admin/trainings.html", **form, **shown, measurements=_measurements())


def _fields(start: str, settings: Settings) -> tuple[list[Field], tuple[Field, ...]]:
    """What a form asks of everybody, and of those who want to know more."""
    match start:
        case "evaluate":
            return measurement_fields(settings, [one.card.id for one in find_bundles(settings)]), ()
        case "tune":
            return search_fields(settings), FIXED_FIELDS
        case _:
            return main_fields(settings), FURTHER_FIELDS


def _measurements() -> list[Job]:
    """The jobs that measured a bundle, the latest first."""
    newest = select(Job).where(Job.kind == EVALUATE).order_by(Job.id.desc()).limit(MEASUREMENTS_SHOWN)
    return list(db.session.scalars(newest))


def _found(name: str) -> Training:
    return read_training(current_settings().runs_folder, name) or abort(404)


def _live(found: Training) -> dict[str, Any]:
    """What changes while a training is at work. The address of the curves changes with them."""
    curves = found.file(found.drawing)
    version = curves.stat().st_mtime_ns if curves else 0
    address = url_for("admin.training_file", name=found.name, file=found.drawing, v=version) if curves else None
    return {"state": found.state, "words": found.words, "share": found.share, "curves": address}


def _policy_of(content: bytes) -> str:
    """A policy under which a page may do nothing but look as its own style sheets say."""
    sheets = re.findall(rb"<style>(.*?)</style>", content, re.DOTALL)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(sheet).digest()).decode('ascii')}'" for sheet in sheets]
    styles = f"style-src {' '.join(hashes) or repr('none')}"
    rest = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
    return f"default-src 'none'; img-src data:; {styles}; {rest}"
