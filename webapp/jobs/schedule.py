"""The schedule: work that comes again and again, begun by the worker when it is due.

A subject says what is to come in a timetable of its own, `current_jobs().add_timetable(...)`; it may read it from the
database, so that a change on a page holds from the next look on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from webapp.database import db, now
from webapp.jobs.models import Job

if TYPE_CHECKING:
    from webapp.jobs.queue import JobQueue

log = logging.getLogger(__name__)

DAILY, WEEKLY = timedelta(days=1), timedelta(weeks=1)
LOOK_EVERY = timedelta(seconds=30)


@dataclass(frozen=True)
class Appointment:
    """Work that is due when the newest job of `kind` whose options have the values of `about` is `every` old.

    `begin` puts it into the queue. What was missed while no worker was there is done once, however often it was missed.
    """

    kind: str
    every: timedelta
    begin: Callable[[], object]
    about: Mapping[str, Any] = field(default_factory=dict)

    def due_at(self) -> datetime | None:
        """When it is due; None where it never was done, and so is due now."""
        question = select(Job.created_at, Job.options).where(Job.kind == self.kind).order_by(Job.id.desc())
        jobs = db.session.execute(question.execution_options(yield_per=50))
        about = self.about.items()
        last = next((at for at, options in jobs if all(options.get(name) == value for name, value in about)), None)
        jobs.close()
        return last and last + self.every


Timetable = Callable[[], Iterable[Appointment]]


def watch_schedule(queue: JobQueue) -> Callable[[], None]:
    """A watch for the worker: begins what is due. One that cannot be begun does not hold up the others."""
    looked_at: datetime | None = None

    def look() -> None:
        nonlocal looked_at
        if looked_at is not None and now() - looked_at < LOOK_EVERY:
            return
        looked_at = now()
        for timetable in queue.timetables:
            for appointment in list(timetable()):
                _begin_if_due(appointment)

    return look


def _begin_if_due(appointment: Appointment) -> None:
    due_at = appointment.due_at()
    db.session.rollback()  # a reading transaction left open would keep the write-ahead log from being cut
    if due_at is not None and due_at > now():
        return
    try:
        appointment.begin()
    except Exception:
        log.exception("the %s that is due (%s) was not begun", appointment.kind, dict(appointment.about))
