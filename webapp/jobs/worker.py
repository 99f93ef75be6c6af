"""The worker: one process that does the jobs, one after another."""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from webapp.image_store import current_images
from webapp.jobs.queue import Watch, current_jobs
from webapp.jobs.runner import mark_interrupted, waiting_ids
from webapp.settings import current_settings

log = logging.getLogger(__name__)

WATCH_EVERY_S = 3.0
PATIENCE_S = 3.0


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
        with watching(app, queue.watches):
            try:
                queue.consumer().run()
            finally:
                mark_interrupted()


@contextmanager
def watching(app: Flask, watches: Sequence[Watch], every_s: float = WATCH_EVERY_S) -> Iterator[None]:
    """Call the watches again and again, in a thread of their own."""
    stopped = threading.Event()

    def look() -> None:
        while not stopped.is_set():
            for watch in watches:
                try:
                    with app.app_context():
                        watch()
                except Exception:
                    log.exception("a watch failed; it is called again")
            stopped.wait(every_s)

    thread = threading.Thread(target=look, name="watches", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(timeout=PATIENCE_S)


@contextmanager
def _only_worker(file: Path) -> Iterator[None]:
    """Hold a lock that the system gives back when this process dies, however it dies."""
    with file.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SecondWorkerError(f"A worker is at work on {file.parent} already; one is enough.") from error
        yield
