"""The worker: one process that does the jobs, each lane one after another."""

from __future__ import annotations

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from webapp.image_store import current_images
from webapp.jobs.lanes import run_consumers
from webapp.jobs.queue import JobQueue, Watch, current_jobs
from webapp.jobs.runner import mark_interrupted
from webapp.jobs.schedule import watch_schedule
from webapp.settings import current_settings

log = logging.getLogger(__name__)

WATCH_EVERY_S = 3.0
LOST_AFTER_S = 20.0
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
        queue.announce_waiting()
        with watching(app, [*queue.watches, watch_schedule(queue), watch_lost_jobs(queue)]):
            try:
                run_consumers(list(queue.lanes.values()))
            finally:
                mark_interrupted()


def watch_lost_jobs(queue: JobQueue, every_s: float = LOST_AFTER_S) -> Callable[[], None]:
    """A watch that announces waiting jobs again where their lane's queue is empty: whoever put them in was killed
    before it could say so, or the queue was not there."""
    looked_at = time.monotonic()

    def look() -> None:
        nonlocal looked_at
        if time.monotonic() - looked_at < every_s:
            return
        looked_at = time.monotonic()
        queue.announce_waiting(only_where_empty=True)

    return look


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
