"""Whether the process answers, and whether it can identify: for machines that watch over it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint

from webapp.extensions import limiter
from webapp.recognition import current_recognition

blueprint = Blueprint("health", __name__, url_prefix="/health")
limiter.exempt(blueprint)


@blueprint.get("/live")
def live() -> dict[str, str]:
    """The process answers. Touches no model and no database."""
    return {"status": "live"}


@blueprint.get("/ready")
def ready() -> tuple[dict[str, Any], int]:
    """A photo would be identified now, by this bundle."""
    recognition = current_recognition()
    recognition.start()
    bundle = recognition.bundle
    if bundle is None or not recognition.ready:
        return {"status": "loading"}, HTTPStatus.SERVICE_UNAVAILABLE
    return {"status": "ready", "bundle": bundle.card.id}, HTTPStatus.OK
