"""The JSON API under /api/v1, and /health outside of it. Its shape is a promise: see docs/api.md."""

from __future__ import annotations

from flask import Blueprint, Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.api import (
        bundles,
        callers,
        description,
        health,
        identifications,
        problems,
        products,
        recommendations,
        scrapes,
        trainings,
    )
    from webapp.extensions import csrf

    api = Blueprint("api", __name__, url_prefix="/api/v1")
    for part in (identifications, products, recommendations, scrapes, bundles, trainings, description):
        api.register_blueprint(part.blueprint)
        csrf.exempt(part.blueprint)  # callers.check_caller asks for the token where it matters
    api.before_request(callers.check_caller)
    problems.register(api)
    app.register_blueprint(api)
    app.register_blueprint(health.blueprint)
