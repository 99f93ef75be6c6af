"""Lanes: the worker takes jobs out of each lane one at a time, so that a long job holds up only those of its own lane.

A lane is a queue of huey's. It only says to the worker that there is something to do: the table of jobs is the truth. A
job that is named twice there is done once, and one that the queue has lost is found again by the worker.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from flask import Flask
from huey import RedisHuey, SqliteHuey
from huey.api import Huey

from webapp.jobs.runner import run_job
from webapp.settings import Settings

log = logging.getLogger(__name__)

HEAVY = "heavy"
"""Trainings and what else keeps the cores busy for hours: one at a time, in a process of its own."""
LIGHT = "light"
"""What reads shops and looks at pictures: minutes, mostly spent waiting."""
QUICK = "quick"
"""Seconds: what a person waits for."""
LANES = (HEAVY, LIGHT, QUICK)
STOPPED_WITHIN_S = 3.0


class Lane:
    """One lane of an app's jobs. Nothing is opened before it is used."""

    def __init__(self, app: Flask, name: str) -> None:
        self.name = name
        self._app = app
        self._opened: tuple[Huey, Any] | None = None

    def announce(self, job_id: int) -> None:
        """Tell the worker that this job waits. Never fails: what cannot be told is found by the worker itself."""
        try:
            self._queue[1](job_id)
        except Exception:
            log.exception("job %s could not be announced; the worker finds it within a minute", job_id)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is announced that was not taken yet."""
        return bool(self._queue[0].pending_count() == 0)

    def consumer(self) -> Any:
        """What takes jobs out: huey's consumer with one thread."""
        return self._queue[0].create_consumer(workers=1, worker_type="thread", periodic=False, max_delay=1.0)

    @property
    def _queue(self) -> tuple[Huey, Any]:
        """huey's queue with its one task, "run the job of this number"."""
        if self._opened is None:
            huey = _open(self._app.extensions["settings"], f"solescope-{self.name}")
            self._opened = huey, huey.task(name="run_job")(partial(run_job, self._app))
        return self._opened


def run_consumers(lanes: list[Lane]) -> None:
    """Take jobs out of all lanes until the process is told to stop. Only for the main thread: it gets the signals."""
    *others, last = [lane.consumer() for lane in lanes]
    for consumer in others:
        consumer.start()
    try:
        last.run()  # its handlers of signals are the ones that stay
    finally:
        for consumer in others:
            consumer.stop()
        for consumer in (*others, last):
            for _, thread in consumer.worker_threads:
                thread.join(STOPPED_WITHIN_S / len(lanes))


def _open(settings: Settings, name: str) -> Huey:
    """Redis where an address of one is set, else a file of SQLite in the instance folder."""
    if settings.queue_url:
        return RedisHuey(name, url=settings.queue_url, results=False)
    return SqliteHuey(name, filename=str(settings.instance / "queue.sqlite"), results=False)
