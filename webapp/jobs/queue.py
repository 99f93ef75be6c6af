"""The queue: jobs go in here, and the worker takes them out, each lane in its order.

The table of jobs is the truth; the lanes only say to the worker that there is something to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Flask, current_app
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.database import db, now, when_written, write_transaction
from webapp.jobs.lanes import LANES, LIGHT, Lane
from webapp.jobs.models import Job
from webapp.jobs.progress import Progress
from webapp.jobs.runner import fail_waiting, waiting_jobs
from webapp.jobs.schedule import Timetable

Work = Callable[[Progress], Mapping[str, Any]]
"""What a job does; what it returns is kept as the job's counts. It may be broken off and started anew at any point."""

Watch = Callable[[], None]

Chore = Callable[[Progress], int]
"""A part of the job "clean_up"; returns how many things it removed."""


class UnknownKindError(LookupError):
    """A kind of job that nobody has brought along."""


class NotResumableError(ValueError):
    """A job that cannot go on. The message says why."""


class JobQueue:
    """The jobs of one app, and what each kind of them does."""

    def __init__(self, app: Flask) -> None:
        self.lanes = {name: Lane(app, name) for name in LANES}
        self._kinds: dict[str, tuple[Work, Lane]] = {}
        self.watches: list[Watch] = []
        self.timetables: list[Timetable] = []
        self.chores: dict[str, Chore] = {}

    def add_kind(self, kind: str, work: Work, lane: str = LIGHT) -> None:
        """Say what jobs of this kind do, and in which lane they wait."""
        self._kinds[kind] = work, self.lanes[lane]

    def add_watch(self, watch: Watch) -> None:
        """Have the worker call this every few seconds, beside the jobs: it may find that there is something to do."""
        self.watches.append(watch)

    def add_timetable(self, timetable: Timetable) -> None:
        """Have the worker ask this every half minute for what comes again and again, and begin what is due."""
        self.timetables.append(timetable)

    def add_chore(self, name: str, chore: Chore, *, first: bool = False) -> None:
        """Have the job "clean_up" do this too, or do it `first`, where it leaves something to the others; `name` says
        what is removed: "expired uploads"."""
        self.chores = {name: chore, **self.chores} if first else {**self.chores, name: chore}

    @property
    def kinds(self) -> dict[str, str]:
        """The lane of each kind."""
        return {kind: lane.name for kind, (_, lane) in self._kinds.items()}

    def work_of(self, kind: str) -> Work:
        """What jobs of this kind do; raises UnknownKindError."""
        return self._kind(kind)[0]

    def lane_of(self, kind: str) -> Lane:
        """Where jobs of this kind wait; raises UnknownKindError."""
        return self._kind(kind)[1]

    def enqueue(self, kind: str, options: Mapping[str, Any], message: str, owner: str | None = None) -> Job:
        """Put a job into the queue; one that waits or runs with the same options is returned instead."""
        lane = self.lane_of(kind)
        with write_transaction() as session:
            if (waiting := _the_same(session, kind, options)) is not None:
                return waiting
            session.add(job := Job(kind=kind, options=dict(options), message=message, owner=owner))
            session.flush()
            when_written(partial(lane.announce, job.id))
        return job

    def announce_waiting(self, *, only_where_empty: bool = False) -> None:
        """Tell the lanes of the jobs that wait; with `only_where_empty` those lanes that know of none. Jobs of a kind
        that is gone fail when all are told, as a worker starts."""
        lanes = [lane for lane in self.lanes.values() if not (only_where_empty and not lane.is_empty)]
        for job_id, kind in waiting_jobs():
            work_and_lane = self._kinds.get(kind)
            if work_and_lane is not None and work_and_lane[1] in lanes:
                work_and_lane[1].announce(job_id)
            elif work_and_lane is None and not only_where_empty:
                fail_waiting(job_id, f"There is no work of the kind {kind} any more.")

    def cancel(self, job: Job) -> None:
        """Ask a job to stop: a waiting one never starts, a running one ends within seconds."""
        with write_transaction():
            job.cancel_requested = True
            if job.state == "queued":
                job.state, job.message, job.finished_at = "cancelled", "Cancelled before it started.", now()

    def resume(self, job: Job) -> Job:
        """Have a job that ended before its time go on, with all that it has done; raises NotResumableError."""
        lane = self.lane_of(job.kind)
        with write_transaction() as session:
            if not job.is_resumable:
                raise NotResumableError(f"Job {job.id} has {job.state}, so that there is nothing to go on with.")
            if (other := _the_same(session, job.kind, job.options)) is not None:
                raise NotResumableError(f"Job {other.id} does the same at the moment.")
            job.state, job.cancel_requested, job.finished_at = "queued", False, None
            job.message = "Waiting to go on."
            when_written(partial(lane.announce, job.id))
        return job

    def _kind(self, kind: str) -> tuple[Work, Lane]:
        if kind not in self._kinds:
            raise UnknownKindError(f"there is no job {kind!r}, only {', '.join(sorted(self._kinds))}")
        return self._kinds[kind]


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


def _the_same(session: Session, kind: str, options: Mapping[str, Any]) -> Job | None:
    """A job that waits or runs and was asked to do the very same."""
    waiting = session.scalars(select(Job).where(Job.kind == kind, Job.state.in_(("queued", "running"))))
    return next((job for job in waiting if job.options == dict(options) and job.is_active), None)
