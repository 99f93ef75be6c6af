"""The site: people, pages, JSON API, database.

`create_app` is its table of contents. A subject is a package with `register(app)` in its `__init__.py`, which imports
its models and adds its blueprint and commands; so are the modules that the subjects stand on.
"""

from __future__ import annotations

from flask import Flask

from webapp.settings import Settings

__all__ = ["Settings", "create_app"]


def create_app(settings: Settings | None = None) -> Flask:
    """The site, ready to serve. The database is made beforehand by `flask db upgrade`."""
    from webapp import (
        accounts,
        admin,
        api,
        backup_cli,
        catalogue,
        errors,
        extensions,
        formats,
        identify,
        image_store,
        jobs,
        logs,
        metrics,
        security,
        studio,
        training,
    )

    # Settings
    settings = settings or Settings.from_environment()
    app = Flask(__name__, instance_path=str(settings.instance))
    app.config.from_mapping(settings.flask_config())
    app.extensions["settings"] = settings

    # Extensions, and what the subjects stand on
    for foundation in (logs, extensions, security, metrics, formats, image_store, jobs):
        foundation.register(app)

    # Subjects: each may use those before it, never those behind it (identify brings the recognition along)
    for subject in (accounts, catalogue, identify, studio, training, admin, api):
        subject.register(app)

    # Errors, and commands for who runs the site
    errors.register(app)
    backup_cli.register(app)
    return app
