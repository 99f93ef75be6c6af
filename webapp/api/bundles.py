"""/api/v1/bundles: which there are, publish one, go back to the one before. For admins."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint

from webapp.admin.bundles import (
    Candidate,
    PublishError,
    Served,
    UnknownBundleError,
    find_bundles,
    on_duty_id,
    put_into_service,
    roll_back,
    served_since,
)
from webapp.api.callers import caller, caller_with_role, reading_pace
from webapp.api.problems import Problem
from webapp.extensions import limiter
from webapp.settings import current_settings

blueprint = Blueprint("bundles", __name__, url_prefix="/bundles")
pace = limiter.shared_limit(reading_pace, scope="reading", key_func=caller)


@blueprint.get("")
@pace
def show() -> dict[str, Any]:
    """All bundles, and what served when."""
    caller_with_role("admin")
    settings = current_settings()
    return {
        "on_duty": on_duty_id() or None,
        "bundles": [_described(one) for one in find_bundles(settings)],
        "served": [_served(one) for one in served_since(settings)],
    }


@blueprint.post("/<bundle_id>/publish")
@pace
def publish(bundle_id: str) -> dict[str, str]:
    """Put a bundle into service."""
    who = caller_with_role("admin")
    try:
        put_into_service(bundle_id, who)
    except UnknownBundleError as error:
        raise Problem(HTTPStatus.NOT_FOUND, f"{error} GET /api/v1/bundles lists them.") from error
    except PublishError as error:
        raise Problem(HTTPStatus.CONFLICT, str(error)) from error
    return {"on_duty": bundle_id}


@blueprint.post("/rollback")
@pace
def rollback() -> dict[str, str]:
    """Put the bundle that served before into service again."""
    who = caller_with_role("admin")
    try:
        return {"on_duty": roll_back(who)}
    except PublishError as error:
        raise Problem(HTTPStatus.CONFLICT, str(error)) from error


def _served(one: Served) -> dict[str, str | None]:
    return {"bundle": one.bundle, "since": one.since.isoformat(), "until": one.until.isoformat() if one.until else None}


def _described(one: Candidate) -> dict[str, Any]:
    card = one.card
    return {
        "id": card.id,
        "network": card.network,
        "labels": len(card.labels),
        "created_at": card.created_at,
        "found_in": one.found_in,
        "provenance": card.provenance,
        "metrics": card.metrics,
    }
