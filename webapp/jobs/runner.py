"""Run one job: claim it, do its work while its heart beats, write down how it ended."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy import select, update

from webapp.database import db, now, write_transaction
from webapp.jobs.models import HEARTBEAT_S, Job
from webapp.jobs.progress import JobCancelled, Progress

if TYPE_CHECKING:
    from webapp.jobs.queue import JobQueue

log = logging.getLogger(__name__)

INTERRUPTED = "The worker was stopped. Start it again to go on."


class JobFailed(Exception):  # noqa: N818 - a state of a job, with the sentence that people read
    """Work that could not be done. The message is a sentence for people; anything else raised is a fault of ours."""


def run_job(app: Flask, job_id: int) -> None:
    """Do a waiting job; nothing where it does not wait (any more). Never raises for what the work does."""
    with app.app_context():
        queue: JobQueue = app.extensions["jobs"]
        claimed = _claim(job_id)
        if claimed is None:
            return
        kind, progress = claimed
        with _heartbeat(app, progress):
            try:
                counts = dict(queue.work_of(kind)(progress))
                _end(progress, "succeeded", counts=counts)
            except JobCancelled:
                _end(progress, "cancelled", message="Stopped, because somebody asked for it.")
            except JobFailed as failed:
                _end(progress, "failed", message=str(failed))
            except Exception as error:
                log.exception("job %s (%s) broke", job_id, kind, extra={"job_id": job_id})
                progress.log(f"{type(error).__name__}: {error}")
                _end(progress, "failed", message=f"It broke off: {error}")
            except BaseException:
                _end(progress, "interrupted", message=INTERRUPTED)
                raise


def mark_interrupted() -> int:
    """Say of every running job that it was interrupted; how many. Only for the one worker, before it starts work."""
    ended = {"state": "interrupted", "finished_at": now(), "message": INTERRUPTED}
    with write_transaction() as session:
        ids = session.scalars(select(Job.id).where(Job.state == "running")).all()
        session.execute(update(Job).where(Job.id.in_(ids)).values(**ended))
    return len(ids)


def waiting_jobs() -> list[tuple[int, str]]:
    """Number and kind of the jobs that wait, in their order."""
    rows = db.session.execute(select(Job.id, Job.kind).where(Job.state == "queued").order_by(Job.id)).all()
    db.session.rollback()  # a reading transaction left open would keep the write-ahead log from being cut
    return [(job_id, kind) for job_id, kind in rows]


def fail_waiting(job_id: int, sentence: str) -> None:
    """Say of a job that still waits that it cannot be done: it would wait, and be shown as waiting, for ever."""
    ended = {"state": "failed", "finished_at": now(), "message": sentence[:500]}
    with write_transaction() as session:
        session.execute(update(Job).where(Job.id == job_id, Job.state == "queued").values(**ended))


def _claim(job_id: int) -> tuple[str, Progress] | None:
    """Make a waiting job a running one; its kind and how it speaks, or None where it does not wait."""
    with write_transaction() as session:
        job = session.get(Job, job_id)
        if job is None or job.state != "queued":
            return None
        job.state, job.started_at, job.heartbeat_at = "running", now(), now()
        job.attempts += 1
        return job.kind, Progress(job_id, dict(job.options), job.attempts, job.log)


def _end(progress: Progress, state: str, **values: Any) -> None:
    message = values.pop("message", None)
    ended = values | {"state": state, "finished_at": now(), "log": progress.lines}
    if message is not None:
        ended["message"] = message[:500]
    progress.write(**ended)


@contextmanager
def _heartbeat(app: Flask, progress: Progress) -> Iterator[None]:
    """Write down every few seconds that the process is alive, however long one step of the work takes."""
    stopped = threading.Event()

    def beat() -> None:
        while not stopped.wait(HEARTBEAT_S):
            try:
                with app.app_context():
                    progress.write(heartbeat_at=now())
            except Exception:  # a full disk, a database that restarts: the next beat may come through
                log.exception("a heartbeat of job %s was not written", progress.job_id)

    heart = threading.Thread(target=beat, name=f"heartbeat of job {progress.job_id}", daemon=True)
    heart.start()
    try:
        yield
    finally:
        stopped.set()
        heart.join()
