"""People with an account: who they are, what they may do, how they sign in, their API token."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.accounts import access, cli, views

    access.register()
    app.register_blueprint(views.blueprint)
    cli.register(app)
