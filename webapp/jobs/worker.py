"""The worker: one process that does the jobs, one after another."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from webapp.image_store import current_images
from webapp.jobs.queue import current_jobs
from webapp.jobs.runner import mark_interrupted, waiting_ids
from webapp.settings import current_settings


class SecondWorkerError(RuntimeError):
    """Another worker is at work on the same instance folder."""


def work(app: Flask) -> None:
    """Do jobs until the process is told to stop; raises SecondWorkerError where another worker does already.

    There is one worker only, so a job that still "runs" when it starts belongs to one that died.
    """
    with app.app_context(), _only_worker(current_settings().instance / "worker.lock"):
        mark_interrupted()
        current_images().sweep()
        queue = current_jobs()
        for job_id in waiting_ids():
            queue.announce(job_id)
        try:
            queue.consumer().run()
        finally:
            mark_interrupted()


@contextmanager
def _only_worker(file: Path) -> Iterator[None]:
    """Hold a lock that the system gives back when this process dies, however it dies."""
    with file.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SecondWorkerError(f"A worker is at work on {file.parent} already; one is enough.") from error
        yield
