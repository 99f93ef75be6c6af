"""/api/v1/openapi.json."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from webapp.api.callers import caller, reading_pace
from webapp.api.openapi import DOCUMENT
from webapp.extensions import limiter

blueprint = Blueprint("description", __name__)


@blueprint.get("/openapi.json")
@limiter.shared_limit(reading_pace, scope="reading", key_func=caller)
def show() -> dict[str, Any]:
    """The description of all routes and their answers."""
    return DOCUMENT
