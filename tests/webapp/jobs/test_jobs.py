"""Jobs: queued once, run once, told of while they run, and never lost without a word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.webapp.conftest import Person, csrf_token
from webapp.database import db, now, write_transaction
from webapp.jobs.models import SILENT_AFTER_S, Job
from webapp.jobs.progress import Progress
from webapp.jobs.queue import JobQueue, UnknownKindError, current_jobs, last_job
from webapp.jobs.runner import JobFailed, mark_interrupted, run_job
from webapp.jobs.worker import SecondWorkerError, work
from webapp.settings import ROOT, Settings


@pytest.fixture
def queue(app: Flask) -> JobQueue:
    """The site's queue, with a kind of work that does what its options say."""

    def work(progress: Progress) -> dict[str, Any]:
        for step in range(progress.options.get("steps", 1)):
            progress.report(step + 1, progress.options["steps"], f"Step {step + 1}", at_once=True)
            progress.log(f"did step {step + 1}")
            time.sleep(progress.options.get("pause_s", 0))
        if "sentence" in progress.options:
            raise JobFailed(progress.options["sentence"])
        if progress.options.get("broken"):
            raise ZeroDivisionError("by zero")
        return {"steps": progress.options.get("steps", 1)}

    queue: JobQueue = app.extensions["jobs"]
    queue.add_kind("test", work)
    return queue


def enqueue(queue: JobQueue, **options: Any) -> int:
    return queue.enqueue("test", options, "Waiting.").id


def job_of(job_id: int) -> Job:
    db.session.rollback()
    return db.session.get_one(Job, job_id)


@pytest.mark.usefixtures("app_context")
class TestRun:
    def test_a_job_runs_and_says_what_came_of_it(self, app: Flask, queue: JobQueue) -> None:
        job_id = enqueue(queue, steps=3)
        assert job_of(job_id).state == "queued"
        run_job(app, job_id)
        job = job_of(job_id)
        assert (job.state, job.done, job.total, job.message) == ("succeeded", 3, 3, "Step 3")
        assert job.counts == {"steps": 3}
        assert job.log.endswith("did step 3")
        assert job.started_at is not None
        assert job.finished_at is not None

    def test_a_job_runs_once_however_often_it_is_announced(self, app: Flask, queue: JobQueue) -> None:
        job_id = enqueue(queue, steps=1)
        run_job(app, job_id)
        finished_at = job_of(job_id).finished_at
        run_job(app, job_id)
        assert job_of(job_id).finished_at == finished_at
        run_job(app, 12345)

    def test_a_failure_keeps_its_sentence(self, app: Flask, queue: JobQueue) -> None:
        job_id = enqueue(queue, steps=1, sentence="The shop is closed.")
        run_job(app, job_id)
        assert (job_of(job_id).state, job_of(job_id).message) == ("failed", "The shop is closed.")

    def test_a_fault_of_ours_is_told_and_logged(self, app: Flask, queue: JobQueue) -> None:
        job_id = enqueue(queue, steps=1, broken=True)
        run_job(app, job_id)
        assert job_of(job_id).state == "failed"
        assert "ZeroDivisionError: by zero" in job_of(job_id).log

    def test_the_same_work_waits_only_once(self, queue: JobQueue) -> None:
        first = enqueue(queue, steps=1)
        assert enqueue(queue, steps=1) == first
        assert enqueue(queue, steps=2) != first
        with pytest.raises(UnknownKindError, match="there is no job 'bake'"):
            queue.enqueue("bake", {}, "")

    def test_a_waiting_job_that_is_cancelled_never_starts(self, app: Flask, queue: JobQueue) -> None:
        job_id = enqueue(queue, steps=1)
        queue.cancel(job_of(job_id))
        run_job(app, job_id)
        assert (job_of(job_id).state, job_of(job_id).started_at) == ("cancelled", None)

    def test_a_running_job_that_is_cancelled_stops_soon(self, app: Flask, queue: JobQueue) -> None:
        job_id = enqueue(queue, steps=1_000_000, pause_s=0.01)
        running = threading.Thread(target=run_job, args=(app, job_id), daemon=True)
        running.start()
        while job_of(job_id).done < 2:
            time.sleep(0.01)
        queue.cancel(job_of(job_id))
        running.join(10)
        assert not running.is_alive()
        assert job_of(job_id).state == "cancelled"

    def test_a_job_that_fell_silent_counts_as_interrupted(self, client: FlaskClient, queue: JobQueue) -> None:
        job_id = enqueue(queue, steps=1)
        job = job_of(job_id)
        with write_transaction():
            job.state = "running"
            job.heartbeat_at = now() - timedelta(seconds=SILENT_AFTER_S + 1)
        assert client.get("/jobs/current.json").json["job"]["state"] == "interrupted"  # type: ignore[index]
        assert enqueue(queue, steps=1) != job_id
        assert mark_interrupted() == 1
        assert job_of(job_id).state == "interrupted"

    def test_the_newest_job_of_a_kind_can_be_found_by_its_options(self, queue: JobQueue) -> None:
        enqueue(queue, steps=1)
        second = enqueue(queue, steps=2)
        assert last_job("test", steps=2).id == second  # type: ignore[union-attr]
        assert last_job("test", steps=3) is None


@pytest.mark.usefixtures("app_context")
def test_what_everyone_may_see_of_a_job(client: FlaskClient, queue: JobQueue) -> None:
    assert client.get("/jobs/current.json").json == {"job": None}
    job_id = enqueue(queue, steps=1, secret="for admins")
    answer = client.get("/jobs/current.json")
    shown = {"kind": "test", "state": "queued", "active": True, "done": 0, "total": 0, "message": "Waiting."}
    assert answer.json == {"job": {"id": job_id, **shown}}
    assert "Waiting." in client.get("/products").text


def test_an_admin_stops_a_job_from_the_page(app: Flask, admin: Person, marketer: Person, queue: JobQueue) -> None:
    with app.app_context():
        job_id = enqueue(queue, steps=1)
    address = f"/admin/jobs/{job_id}/cancel"
    assert admin.client.post(address).status_code == 400
    assert (
        marketer.client.post(address, data={"csrf_token": csrf_token(marketer.client, "/products")}).status_code == 403
    )
    assert admin.client.post(address, data={"csrf_token": csrf_token(admin.client, "/admin")}).status_code == 303
    with app.app_context():
        assert job_of(job_id).state == "cancelled"


WORKER = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    from webapp import Settings, create_app
    app = create_app(Settings(instance=Path(sys.argv[1]), secret_key="x"))

    def slow(progress):
        for step in range(1_000_000):
            progress.report(step, 0, f"Step {step}", at_once=True)
            time.sleep(0.05)
        return {}

    app.extensions["jobs"].add_kind("slow", slow)
    app.extensions["jobs"].add_kind("quick", lambda progress: {"said": "hello"})
    app.test_cli_runner().invoke(args=["worker"], catch_exceptions=False)
    """
)


def start_worker(settings: Settings) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", WORKER, str(settings.instance)], cwd=ROOT, env=environment)


def wait_for(state: str, job_id: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while job_of(job_id).state != state:
        assert time.monotonic() < deadline, f"job {job_id} is {job_of(job_id).state}, not {state}"
        time.sleep(0.05)


@pytest.mark.usefixtures("app_context")
def test_a_worker_that_is_killed_leaves_an_interrupted_job_and_the_next_one_goes_on(
    app: Flask, settings: Settings
) -> None:
    queue = current_jobs()
    for kind in ("slow", "quick"):
        queue.add_kind(kind, lambda progress: {})
    slow = queue.enqueue("slow", {}, "Waiting.").id
    quick = queue.enqueue("quick", {}, "Waiting.").id
    first = start_worker(settings)
    try:
        wait_for("running", slow)
        with pytest.raises(SecondWorkerError, match="one is enough"):
            work(app)
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert job_of(slow).state == "running"
        second = start_worker(settings)
        try:
            wait_for("interrupted", slow)
            wait_for("succeeded", quick)
            assert job_of(quick).counts == {"said": "hello"}
            second.send_signal(signal.SIGTERM)
            second.wait(20)
        finally:
            second.kill()
    finally:
        first.kill()
    assert db.session.scalars(select(Job).where(Job.state == "running")).all() == []
