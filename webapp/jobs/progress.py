"""What a job's work says about itself while it goes on, and how it learns that it should stop."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import select, update

from webapp.database import now, write_transaction
from webapp.jobs.models import Job

_REPORT_EVERY_S = 0.5
_LOG_LINES = 200


class JobCancelled(Exception):  # noqa: N818 - not an error: somebody asked for it
    """Somebody asked the job to stop."""


class Progress:
    """One running job, as its work sees it. `options` is what it was asked to do; `attempt` the number of this one."""

    def __init__(self, job_id: int, options: dict[str, Any], attempt: int | None = None, log: str = "") -> None:
        self.job_id = job_id
        self.options = options
        self.attempt = attempt
        self._lines = log.splitlines()
        self._told_at = 0.0

    def report(self, done: int, total: int, message: str, *, at_once: bool = False) -> None:
        """Say how far it is: `done` of `total` (0: unknown) units, and a sentence. Cheap to call often.

        Raises JobCancelled where the job should stop: somebody asked for it, or it was begun anew elsewhere.
        """
        if not at_once and time.monotonic() - self._told_at < _REPORT_EVERY_S:
            return
        self._told_at = time.monotonic()
        told = {"done": done, "total": total, "message": message[:500], "log": self.lines, "heartbeat_at": now()}
        if not self.write(**told):
            raise JobCancelled

    def write(self, **values: Any) -> bool:
        """Write down values of the job's row; whether it should go on. What an attempt before the last one says is
        dropped."""
        with write_transaction() as session:
            row = session.execute(select(Job.attempts, Job.cancel_requested).where(Job.id == self.job_id)).first()
            if row is None or (self.attempt is not None and row.attempts != self.attempt):
                return row is None
            session.execute(update(Job).where(Job.id == self.job_id).values(**values))
            return not row.cancel_requested

    def log(self, line: str) -> None:
        """Keep a line; the last ones are shown to admins with the next report."""
        self._lines = [*self._lines, f"{now():%H:%M:%S} {line}"][-_LOG_LINES:]

    @property
    def lines(self) -> str:
        """What was logged, one line each."""
        return "\n".join(self._lines)
