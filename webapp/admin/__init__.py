"""The admin's desk: what is there, what is going on, what has been trained and what serves."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.admin import bundle_pages, training_pages, views  # noqa: F401 - the pages join the blueprint of views

    app.register_blueprint(views.blueprint)
