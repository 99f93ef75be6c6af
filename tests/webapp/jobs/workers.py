"""Real workers in processes of their own, with kinds of work that only tests need.

"steps" goes on until the file `may_end` is there: a test that wants to see it at work is never too late.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager

from webapp.database import db
from webapp.jobs.models import Job
from webapp.settings import ROOT, Settings

_WORKER = """
import sys, time
from pathlib import Path
from webapp import Settings, create_app
from webapp.jobs.apart import run_apart
from webapp.jobs.lanes import HEAVY, LIGHT, QUICK
app = create_app(Settings(instance=Path(sys.argv[1]), secret_key="x", queue_url=sys.argv[2]))
jobs = app.extensions["jobs"]
jobs.timetables.clear()
jobs.watches.clear()

def steps(progress):
    step = 0
    while step < 3 or not Path(progress.options["may_end"]).exists():
        progress.log(f"step {step}")
        progress.report(step, 0, f"Step {step}", at_once=True)
        time.sleep(0.05)
        step += 1
    return {}

def apart(progress):
    log_file = Path(sys.argv[1]) / "jobs" / f"{progress.job_id}.log"
    command = [sys.executable, "-c", progress.options["program"]]
    return {"status": run_apart(command, progress, log_file, lambda: progress.report(0, 0, "Apart"))}

jobs.add_kind("steps", steps, LIGHT)
jobs.add_kind("apart", apart, HEAVY)
jobs.add_kind("quick", lambda progress: {"said": "hello"}, QUICK)
"""
_RUN = 'app.test_cli_runner().invoke(args=["worker"], catch_exceptions=False)'
KINDS = {"steps": "light", "apart": "heavy", "quick": "quick"}


@contextmanager
def worker(settings: Settings, more: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A worker of this site, killed at the end; `more` is code that is run before it starts."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    script = "\n".join((_WORKER, textwrap.dedent(more), _RUN))
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(settings.instance), settings.queue_url], cwd=ROOT, env=environment
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def job_of(job_id: int) -> Job:
    """The job as it is now."""
    db.session.rollback()
    return db.session.get_one(Job, job_id)


def wait_for(state: str, job_id: int, seconds: float = 60) -> Job:
    """The job, once it is in this state."""
    deadline = time.monotonic() + seconds
    while (job := job_of(job_id)).state != state:
        assert time.monotonic() < deadline, f"job {job_id} is {job.state}, not {state}: {job.message}"
        time.sleep(0.05)
    return job


def wait_until_said(words: str, job_id: int, seconds: float = 60) -> str:
    """The job's log, once these words stand in it."""
    deadline = time.monotonic() + seconds
    while words not in (log := job_of(job_id).log):
        assert time.monotonic() < deadline, f"job {job_id} never said {words!r}: {log}"
        time.sleep(0.05)
    return log


def is_alive(process_id: int) -> bool:
    """Whether a process runs; one that has ended and was not yet noticed does not."""
    try:
        with open(f"/proc/{process_id}/stat", encoding="utf-8") as stat:  # noqa: PTH123
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
