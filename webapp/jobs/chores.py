"""The job "clean_up": every day, what is kept too long is removed. Each subject brings its own chores along."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from webapp.database import now, write_transaction
from webapp.jobs.models import Job
from webapp.jobs.progress import Progress
from webapp.jobs.queue import current_jobs
from webapp.jobs.runner import JobFailed
from webapp.jobs.schedule import DAILY, Appointment
from webapp.settings import current_settings

KIND = "clean_up"
_DAY_S = 24 * 3600


def clean_up(progress: Progress) -> dict[str, Any]:
    """Do every chore; how much each removed. One that fails does not keep the others from being done, but is told."""
    chores, removed, broken = current_jobs().chores, {}, []
    for done, (name, chore) in enumerate(chores.items()):
        progress.report(done, len(chores), f"Cleaning up: {name}", at_once=True)
        try:
            removed[name] = chore(progress)
        except (OSError, ValueError) as error:
            broken.append(name)
            progress.log(f"{name}: {error}")
    if broken:
        raise JobFailed(f"Cleaned up but for {', '.join(broken)}: the log says why.")
    progress.report(len(chores), len(chores), "Cleaned up.", at_once=True)
    return removed


def enqueue_clean_up(owner: str | None = None) -> Job:
    """Have the worker clean up."""
    return current_jobs().enqueue(KIND, {}, "Waiting to clean up.", owner)


def daily() -> Iterable[Appointment]:
    """The timetable of cleaning up."""
    return [Appointment(KIND, DAILY, enqueue_clean_up)]


def drop_old_logs(_progress: Progress) -> int:
    """Forget what jobs said that ended long ago: their log lines and log files. The rows stay: they are the history."""
    days = current_settings().keep_job_logs_days
    old = Job.finished_at < now() - timedelta(days=days), Job.log != ""
    with write_transaction() as session:
        dropped = session.scalar(select(func.count()).select_from(Job).where(*old)) or 0
        session.execute(update(Job).where(*old).values(log=""))
    for file in current_settings().job_logs_folder.glob("*.log"):
        if file.stat().st_mtime < time.time() - days * _DAY_S:
            file.unlink(missing_ok=True)
    return dropped
