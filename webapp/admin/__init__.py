"""The admin's desk: what is there, what is going on, what has been trained."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.admin import pages, views  # noqa: F401 - pages adds its own to the blueprint of views

    app.register_blueprint(views.blueprint)
