"""What campaigns bring along: pages, the jobs "import" and "conversions", and a watch for a missing model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from webapp.jobs.progress import Progress


def register(app: Flask) -> None:
    """Add campaigns and conversion models to `app`."""
    from webapp.studio import campaign_models, campaign_pages, model_pages, model_watch

    assert campaign_models
    jobs = app.extensions["jobs"]
    jobs.add_kind("import", _import_results)
    jobs.add_kind(model_watch.KIND, _train_conversions)
    jobs.add_watch(model_watch.watch_model)
    app.register_blueprint(campaign_pages.blueprint)
    app.register_blueprint(model_pages.blueprint)


def _import_results(progress: Progress) -> Mapping[str, Any]:
    """The job "import", loaded by the worker only."""
    from webapp.studio.import_job import import_results

    return import_results(progress)


def _train_conversions(progress: Progress) -> Mapping[str, Any]:
    """The job "conversions", loaded by the worker only."""
    from webapp.studio.train_job import train_conversions

    return train_conversions(progress)
