"""The studio: which picture should an e-mail carry? Campaign results come in, models of conversions go out."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.studio import ahead, campaigns, models, views

    assert models
    jobs = app.extensions["jobs"]
    jobs.add_kind(ahead.KIND, ahead.make_ahead)
    jobs.add_watch(ahead.watch_catalogue())
    app.register_blueprint(views.blueprint)
    campaigns.register(app)
