"""The page about bundles: their numbers side by side, and a button that puts one into service. For admins only."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ml.serving.bundle import BundleError
from ml.serving.publish import publish
from webapp.accounts.access import role_required
from webapp.admin.bundles import MEASURES, Candidate, best_of, find_bundles, measured, served_since
from webapp.admin.views import blueprint
from webapp.recognition import current_recognition
from webapp.settings import current_settings

COMPARED = 4
SPLITS = ("test", "validation")


@blueprint.get("/bundles")
@role_required("admin")
def bundles() -> str:
    """Bundles side by side: the ones asked for, or the one on duty beside what came with the code or served before."""
    settings, bundle = current_settings(), current_recognition().bundle
    on_duty = bundle.card.id if bundle else ""
    candidates = find_bundles(settings)
    compared = _chosen(candidates, request.args.getlist("bundle"), on_duty)
    return render_template(
        "admin/bundles.html",
        candidates=candidates,
        compared=compared,
        on_duty=on_duty,
        measures=MEASURES,
        measured=measured,
        splits=[split for split in SPLITS if any(one.numbers(split) for one in compared)],
        best_of=best_of,
        same_pictures=len({one.card.snapshot_digest for one in compared}) == 1,
        served=served_since(settings),
    )


@blueprint.post("/bundles/<bundle_id>/publish")
@role_required("admin")
def publish_bundle(bundle_id: str) -> Response:
    """Put a bundle into service; the site takes it at once, without a restart."""
    settings = current_settings()
    found = [one for one in find_bundles(settings) if one.card.id == bundle_id] or abort(404)
    try:
        publish(found[0].bundle.folder, settings.bundles_folder)
    except (BundleError, OSError) as error:
        flash(f"{bundle_id} was not published: {error}", "error")
    else:
        current_recognition().refresh()
        flash(f"{bundle_id} is published. What it has not embedded yet is embedded in the background.", "success")
    return redirect(url_for("admin.bundles"), 303)


def _chosen(candidates: list[Candidate], asked: list[str], on_duty: str) -> list[Candidate]:
    """Those asked for, else a few; the one on duty stands first."""
    chosen = [one for one in candidates if one.card.id in asked]
    if not chosen:
        ready = [one for one in candidates if one.card.id == on_duty or not one.found_in.startswith("training")]
        chosen = sorted(ready, key=lambda one: one.card.id != on_duty)[:COMPARED]
    return sorted(chosen, key=lambda one: one.card.id != on_duty)
