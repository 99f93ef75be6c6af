"""The queue: jobs go in here, and the worker takes them out in their order.

The table of jobs is the truth; huey's own queue, a second SQLite file, only says to the worker that there is something
to do. A job that is named twice there is done once, and one that huey has lost is named again when the worker starts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any

from flask import Flask, current_app
from huey import SqliteHuey
from huey.api import TaskWrapper
from sqlalchemy import or_, select

from webapp.database import db, when_written, write_transaction
from webapp.jobs.models import Job
from webapp.jobs.progress import Progress
from webapp.jobs.runner import run_job
from webapp.settings import Settings

Work = Callable[[Progress], Mapping[str, Any]]
"""What a job does; what it returns is kept as the job's counts. It may be broken off and started anew at any point."""

Watch = Callable[[], None]


class UnknownKindError(LookupError):
    """A kind of job that nobody has brought along."""


class JobQueue:
    """The jobs of one app, and what each kind of them does."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._kinds: dict[str, Work] = {}
        self.watches: list[Watch] = []

    def add_kind(self, kind: str, work: Work) -> None:
        """Say what jobs of this kind do."""
        self._kinds[kind] = work

    def add_watch(self, watch: Watch) -> None:
        """Have the worker call this every few seconds, beside the jobs: it may find that there is something to do."""
        self.watches.append(watch)

    def work_of(self, kind: str) -> Work:
        """What jobs of this kind do; raises UnknownKindError."""
        if kind not in self._kinds:
            raise UnknownKindError(f"there is no job {kind!r}, only {', '.join(sorted(self._kinds))}")
        return self._kinds[kind]

    def enqueue(self, kind: str, options: Mapping[str, Any], message: str) -> Job:
        """Put a job into the queue; one that waits or runs with the same options is returned instead."""
        self.work_of(kind)
        with write_transaction() as session:
            waiting = session.scalars(select(Job).where(Job.kind == kind, Job.state.in_(("queued", "running"))))
            for job in waiting:
                if job.options == dict(options) and job.is_active:
                    return job
            session.add(job := Job(kind=kind, options=dict(options), message=message))
            session.flush()
            when_written(partial(self.announce, job.id))
        return job

    def announce(self, job_id: int) -> None:
        """Tell the worker that this job waits."""
        self._named(job_id)

    def cancel(self, job: Job) -> None:
        """Ask a job to stop: a waiting one never starts, a running one ends within seconds."""
        with write_transaction():
            job.cancel_requested = True
            if job.state == "queued":
                job.state, job.message = "cancelled", "Cancelled before it started."

    def consumer(self) -> Any:
        """What takes jobs out, one at a time: huey's consumer with one thread."""
        return self._named.huey.create_consumer(workers=1, worker_type="thread", periodic=False, max_delay=1.0)

    @cached_property
    def _named(self) -> TaskWrapper:
        """huey's queue with its one task, "run the job of this number". Its file is made on first use."""
        settings: Settings = self._app.extensions["settings"]
        huey = SqliteHuey("solescope", filename=str(settings.instance / "queue.sqlite"), results=False)
        return huey.task(name="run_job")(partial(run_job, self._app))


def current_jobs() -> JobQueue:
    """The queue of the app at work."""
    queue: JobQueue = current_app.extensions["jobs"]
    return queue


def last_job(kind: str, **options: Any) -> Job | None:
    """The newest job of this kind whose options have these values."""
    jobs = db.session.scalars(select(Job).where(Job.kind == kind).order_by(Job.id.desc()).limit(200))
    return next((job for job in jobs if all(job.options.get(name) == value for name, value in options.items())), None)


def job_to_show() -> Job | None:
    """The job that runs, else the next that waits, else the newest."""
    active = db.session.scalars(
        select(Job).where(or_(Job.state == "running", Job.state == "queued")).order_by(Job.state.desc(), Job.id)
    )
    running = next((job for job in active if job.is_active), None)
    return running or db.session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).first()
