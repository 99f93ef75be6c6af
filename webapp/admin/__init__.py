"""The admin's desk: what is there, what is going on."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.admin import views

    app.register_blueprint(views.blueprint)
