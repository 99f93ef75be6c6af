"""Trainings asked for from the desk: models are trained, tuned and measured by `python -m ml`, apart from the site.

`orders.py` says what may be asked, `asking.py` puts it into the queue, `work.py` does it in the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from webapp.jobs.progress import Progress


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.jobs.lanes import HEAVY, QUICK
    from webapp.picture_sweep import add_copies
    from webapp.training import cli
    from webapp.training.snapshots import drop_copies, drop_old_snapshots

    jobs = app.extensions["jobs"]
    for kind in ("train", "tune", "evaluate"):
        jobs.add_kind(kind, _work(kind), HEAVY)
    jobs.add_kind("publish", _work("publish"), QUICK)
    jobs.add_chore("old snapshots", drop_old_snapshots)
    add_copies(app, drop_copies)
    cli.register(app)


def _work(name: str) -> Callable[[Progress], Mapping[str, Any]]:
    """A job's work, loaded by the worker only."""

    def work(progress: Progress) -> Mapping[str, Any]:
        counts: Mapping[str, Any] = getattr(import_module("webapp.training.work"), name)(progress)
        return counts

    return work
