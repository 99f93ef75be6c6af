"""Long work that goes on while pages are served: a queue, a worker, and how far each job is.

A subject brings its kinds of work along: `current_jobs().add_kind("scrape", work)` when it is registered. This package
knows none of them.
"""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.jobs import cli, views
    from webapp.jobs.queue import JobQueue

    app.extensions["jobs"] = JobQueue(app)
    app.register_blueprint(views.blueprint)
    app.context_processor(lambda: {"current_job": views.current_job})
    cli.register(app)
