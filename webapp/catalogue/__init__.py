"""The sneakers that we know: listings come in, people browse, a snapshot goes out to training."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.catalogue import models, views

    assert models
    app.register_blueprint(views.blueprint)
