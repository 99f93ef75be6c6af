"""The pages about bundles: their numbers side by side, the answers that would change, who serves. For admins only."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.accounts.access import role_required, signed_in_user
from webapp.accounts.audit import recorded
from webapp.accounts.models import User
from webapp.admin.bundles import (
    MEASURES,
    Candidate,
    PublishError,
    UnknownBundleError,
    best_of,
    find_bundle,
    find_bundles,
    measured,
    on_duty_id,
    put_into_service,
    roll_back,
    served_since,
)
from webapp.admin.flips import MOST_ANSWERS, NOT_OURS, enqueue_flips, flips_of
from webapp.admin.views import blueprint
from webapp.catalogue.removal import removed_sources
from webapp.settings import current_settings

COMPARED = 4
SPLITS = ("test", "validation")


@blueprint.get("/bundles")
@role_required("admin")
def bundles() -> str:
    """Bundles side by side: the ones asked for, or the one on duty beside the newest."""
    settings, on_duty = current_settings(), on_duty_id()
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
        removed={one.card.id: removed_sources(one.card) or {} for one in compared},
        same_pictures=len({one.card.snapshot_digest for one in compared}) == 1,
        served=served_since(settings),
    )


@blueprint.post("/bundles/<bundle_id>/publish")
@role_required("admin")
def publish_bundle(bundle_id: str) -> Response:
    """Put a bundle into service; the site takes it at once, without a restart."""
    try:
        put_into_service(bundle_id, _admin())
    except UnknownBundleError:
        abort(404)
    except PublishError as error:
        flash(str(error), "error")
    else:
        flash(f"{bundle_id} is published. What it has not embedded yet is embedded in the background.", "success")
    return redirect(url_for("admin.bundles"), 303)


@blueprint.post("/bundles/rollback")
@role_required("admin")
def roll_back_bundle() -> Response:
    """Put the bundle that served before into service again."""
    try:
        flash(f"{roll_back(_admin())} serves again.", "success")
    except PublishError as error:
        flash(str(error), "error")
    return redirect(url_for("admin.bundles"), 303)


@blueprint.get("/bundles/flips")
@role_required("admin")
def flips() -> str:
    """Which answers would change if one bundle stood for another."""
    before, after = (_found(request.args.get(name, "")) for name in ("before", "after"))
    job, found = flips_of(before.card.id, after.card.id)
    told = {"job": job, "flips": found, "most": MOST_ANSWERS, "not_ours": NOT_OURS}
    return render_template("admin/flips.html", before=before, after=after, **told)


@blueprint.post("/bundles/flips")
@role_required("admin")
def find_flips() -> Response:
    """Ask both bundles, in the background."""
    before, after = (_found(request.form.get(name, "")).card.id for name in ("before", "after"))
    with recorded(_admin(), "compare bundles", f"{before} and {after}") as details:
        details["job"] = enqueue_flips(before, after, _admin().email).id
    return redirect(url_for("admin.flips", before=before, after=after), 303)


def _admin() -> User:
    return signed_in_user() or abort(401)


def _found(bundle_id: str) -> Candidate:
    try:
        return find_bundle(current_settings(), bundle_id)
    except UnknownBundleError:
        abort(404)


def _chosen(candidates: list[Candidate], asked: list[str], on_duty: str) -> list[Candidate]:
    """Those asked for, else the newest; the one on duty stands first."""
    on_duty_first = sorted(candidates, key=lambda one: one.card.id != on_duty)
    return [one for one in on_duty_first if one.card.id in asked] or on_duty_first[:COMPARED]
