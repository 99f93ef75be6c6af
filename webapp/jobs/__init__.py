"""Long work that goes on while pages are served: a queue of lanes, a worker, a schedule, and how far each job is.

A subject brings its kinds of work along: `current_jobs().add_kind("scrape", work)` when it is registered. This package
knows only one, "clean_up", whose chores the subjects bring along too.
"""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.jobs import chores, cli, views
    from webapp.jobs.lanes import QUICK
    from webapp.jobs.queue import JobQueue

    app.extensions["jobs"] = jobs = JobQueue(app)
    jobs.add_kind(chores.KIND, chores.clean_up, QUICK)
    jobs.add_chore("old job logs", chores.drop_old_logs)
    jobs.add_timetable(chores.daily)
    app.register_blueprint(views.blueprint)
    app.context_processor(lambda: {"current_job": views.current_job})
    cli.register(app)
