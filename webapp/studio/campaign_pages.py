"""The pages about a marketer's own results: send a file, say what its columns mean, see what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, stream_with_context, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response as AnyResponse

from ml.conversions.columns import FIELDS, MappingError
from ml.conversions.contexts import CAMPAIGN_TYPES, INDUSTRIES
from ml.conversions.learning import ENOUGH_GROUPS, ENOUGH_ROWS
from ml.conversions.targets import TARGETS, UnknownNameError
from webapp.accounts.access import role_required, signed_in_user
from webapp.accounts.audit import recorded_around
from webapp.database import db
from webapp.jobs.queue import current_jobs
from webapp.studio import campaign_exports, campaign_imports, sent_files
from webapp.studio.campaign_forms import chosen_mapping, chosen_usual, sent_file
from webapp.studio.campaign_models import CampaignFault, CampaignImport
from webapp.studio.known_rows import told_of_targets

blueprint = Blueprint("campaigns", __name__, url_prefix="/studio/campaigns")
IMPORTS_SHOWN, FAULTS_SHOWN, REASONS_SHOWN = 50, 60, 5
WHO = ("marketer", "admin")


@blueprint.get("")
@role_required(*WHO)
def overview() -> str:
    """What was imported, what it is enough for, and the form for the next file."""
    return _overview()


@blueprint.post("")
@role_required(*WHO)
def send() -> AnyResponse | tuple[str, int]:
    """Take a file in, to be mapped next."""
    user = signed_in_user()
    try:
        name, content = sent_file(request)
        received = campaign_imports.receive(name, content, user.id if user else None)
    except ValueError as error:
        return _overview(refusal=str(error)), 422
    return redirect(url_for("campaigns.one", import_id=received.id), 303)


@blueprint.get("/<int(max=2147483647):import_id>")
@role_required(*WHO)
def one(import_id: int) -> str | AnyResponse:
    """One import: its columns until it is started, then how far it is, then what came of it."""
    return _one(_found(import_id))


@blueprint.post("/<int(max=2147483647):import_id>/mapping")
@role_required(*WHO)
def map_columns(import_id: int) -> AnyResponse | tuple[str | AnyResponse, int]:
    """Say what the columns mean, and start the import where that was asked for."""
    found = _found(import_id)
    if campaign_imports.state_of(found) in ("importing", "imported"):
        flash("This file is imported already, or just being imported.", "warning")
        return redirect(url_for("campaigns.one", import_id=import_id), 303)
    try:
        mapping = chosen_mapping(request.form, found.columns)
        campaign_imports.choose_mapping(found, mapping, chosen_usual(request.form))
        if request.form.get("step") == "import":
            with recorded_around(signed_in_user(), "import results", found.file_name):
                campaign_imports.start_import(found)
    except (MappingError, UnknownNameError, campaign_imports.ImportRefusedError) as error:
        return _one(found, refusal=str(error)), 422
    return redirect(url_for("campaigns.one", import_id=import_id), 303)


@blueprint.post("/<int(max=2147483647):import_id>/cancel")
@role_required(*WHO)
def cancel(import_id: int) -> AnyResponse:
    """Ask the job of an import to stop."""
    job = campaign_imports.job_of(_found(import_id))
    if job is not None and job.is_active:
        with recorded_around(signed_in_user(), "stop import of results", f"job {job.id}"):
            current_jobs().cancel(job)
        flash("The import stops within seconds. Nothing of it is kept.", "success")
    else:
        flash("It has ended already.", "warning")
    return redirect(url_for("campaigns.one", import_id=import_id), 303)


@blueprint.post("/<int(max=2147483647):import_id>/delete")
@role_required(*WHO)
def take_out(import_id: int) -> AnyResponse:
    """Delete an import with its rows."""
    found = _found(import_id)
    name = found.file_name
    try:
        with recorded_around(signed_in_user(), "take out results", name) as details:
            details["rows"] = rows = campaign_imports.take_out(found)
    except campaign_imports.ImportRefusedError as error:
        flash(str(error), "error")
        return redirect(url_for("campaigns.one", import_id=import_id), 303)
    again = " The model in service still knows them: train it again to make it forget." if rows else ""
    flash(f"{name} is taken out, with {rows:,} rows.{again}", "success")
    return redirect(url_for("campaigns.overview"), 303)


@blueprint.get("/<int(max=2147483647):import_id>/left-out.csv")
@role_required(*WHO)
def left_out(import_id: int) -> Response:
    """The lines that were left out, with their reasons."""
    return _csv(campaign_exports.lines_left_out(_found(import_id).id), f"left-out-{import_id}.csv")


@blueprint.get("/rows.csv")
@role_required(*WHO)
def rows() -> Response:
    """All imported rows."""
    return _csv(campaign_exports.imported_lines(), "campaign-results.csv")


@blueprint.get("/example.csv")
@role_required(*WHO)
def example() -> Response:
    """A file that can be imported as it is, about products of this catalogue."""
    return _csv(campaign_exports.example_lines(), "example-results.csv")


def _overview(refusal: str = "") -> str:
    question = select(CampaignImport).order_by(CampaignImport.id.desc()).limit(IMPORTS_SHOWN)
    return render_template(
        "studio/campaigns.html",
        imports=list(db.session.scalars(question)),
        state_of=campaign_imports.state_of,
        told=told_of_targets(),
        targets=TARGETS,
        enough_rows=ENOUGH_ROWS,
        enough_products=ENOUGH_GROUPS,
        most_rows=sent_files.MOST_ROWS,
        refusal=refusal,
    )


def _one(found: CampaignImport, refusal: str = "") -> str | AnyResponse:
    state = campaign_imports.state_of(found)
    if state in ("importing", "imported"):
        question = select(CampaignFault).where(CampaignFault.import_id == found.id).order_by(CampaignFault.line)
        faults = list(db.session.scalars(question.limit(FAULTS_SHOWN)))
        job = campaign_imports.job_of(found)
        return render_template(
            "studio/import.html", found=found, state=state, job=job, faults=faults, reasons=_reasons(found)
        )
    try:
        preview = campaign_imports.preview(found)
    except sent_files.SentFileError as error:
        flash(str(error), "error")
        return redirect(url_for("campaigns.overview"), 303)
    return render_template(
        "studio/mapping.html",
        found=found,
        state=state,
        preview=preview,
        refusal=refusal,
        fields=FIELDS,
        field_of={column: name for name, column in found.mapping.items()},
        campaign_types=CAMPAIGN_TYPES,
        industries=INDUSTRIES,
    )


def _reasons(found: CampaignImport) -> list[tuple[str, int]]:
    """The reasons that more than one line was left out for, and how many lines, the most frequent first."""
    lines = func.count()
    question = (
        select(CampaignFault.reason, lines)
        .where(CampaignFault.import_id == found.id)
        .group_by(CampaignFault.reason)
        .having(lines > 1)
        .order_by(lines.desc(), CampaignFault.reason)
    )
    return [(reason, number) for reason, number in db.session.execute(question.limit(REASONS_SHOWN))]


def _found(import_id: int) -> CampaignImport:
    return db.session.get(CampaignImport, import_id) or abort(404)


def _csv(lines: Iterator[str], name: str) -> Response:
    answer = Response(stream_with_context(lines), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
