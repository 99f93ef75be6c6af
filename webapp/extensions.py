"""Flask's extensions, made here without an app and bound to one by `register`."""

from __future__ import annotations

from typing import Any

import click
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import database
from webapp.database import Model, db
from webapp.settings import ROOT, current_settings

__all__ = ["Model", "csrf", "db", "limiter", "login", "register"]

login = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address)


def register(app: Flask) -> None:
    """Bind every extension to `app`."""
    db.init_app(app)
    app.cli.add_command(_Migrations(app))
    login.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    with app.app_context():
        database.prepare(db.engine)
        trusted = current_settings().proxies
    if trusted:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)  # type: ignore[method-assign]


class _Migrations(click.Command):
    """`flask db ...`: stands for Flask-Migrate's commands until one is called. Alembic would delay the first page."""

    def __init__(self, app: Flask) -> None:
        super().__init__("db", help="Make the database and bring it up to date.")
        self._app = app

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        from flask_migrate import Migrate

        Migrate().init_app(self._app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
        return self._app.cli.commands["db"].make_context(*arguments, **options)
