"""Lanes: a job holds up only its own lane, nothing is lost, and an interrupted job goes on where it was."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.webapp.jobs.workers import KINDS, is_alive, job_of, wait_for, wait_until_said, worker
from webapp.database import db, write_transaction
from webapp.jobs.models import Job
from webapp.jobs.progress import JobCancelled, Progress
from webapp.jobs.queue import JobQueue, NotResumableError
from webapp.jobs.runner import run_job
from webapp.jobs.worker import watch_lost_jobs
from webapp.settings import Settings

SLEEPS = "import os, time; print('process', os.getpid(), flush=True); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); " + SLEEPS
WITHIN_S = 8.0


@pytest.fixture
def queue(app: Flask, app_context: Flask) -> JobQueue:
    """The site's queue, which knows the kinds of the tests' workers."""
    queue: JobQueue = app.extensions["jobs"]
    for kind, lane in KINDS.items():
        queue.add_kind(kind, lambda progress: {}, lane)
    return queue


def process_of(job_id: int) -> int:
    """The process that a job's program says that it is."""
    return int(wait_until_said("process", job_id).split("process ")[1].split()[0])


def test_one_training_at_a_time_while_other_jobs_go_on(settings: Settings, queue: JobQueue, tmp_path: Path) -> None:
    may_end = tmp_path / "may-end"
    first = queue.enqueue("apart", {"program": SLEEPS}, "Waiting.").id
    second = queue.enqueue("apart", {"program": SLEEPS + " "}, "Waiting.").id
    with worker(settings):
        process_of(first)
        light = queue.enqueue("steps", {"may_end": str(may_end)}, "Waiting.").id
        quick = queue.enqueue("quick", {}, "Waiting.").id
        wait_for("running", light)
        wait_for("succeeded", quick)
        assert job_of(light).state == "running"
        may_end.touch()
        wait_for("succeeded", light)
        assert (job_of(first).state, job_of(second).state) == ("running", "queued")


@pytest.mark.parametrize("program", [SLEEPS, DEAF], ids=["stops when asked", "has to be killed"])
def test_cancelling_ends_a_program_within_seconds(settings: Settings, queue: JobQueue, program: str) -> None:
    job_id = queue.enqueue("apart", {"program": program}, "Waiting.").id
    with worker(settings):
        process = process_of(job_id)
        started = time.monotonic()
        queue.cancel(job_of(job_id))
        wait_for("cancelled", job_id)
        assert time.monotonic() - started < WITHIN_S
        assert not is_alive(process)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_program_does_not_outlive_its_worker(settings: Settings, queue: JobQueue, number: signal.Signals) -> None:
    job_id = queue.enqueue("apart", {"program": SLEEPS}, "Waiting.").id
    with worker(settings) as process:
        program = process_of(job_id)
        process.send_signal(number)
        process.wait(20)
        deadline = time.monotonic() + WITHIN_S
        while is_alive(program) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not is_alive(program)


def test_a_program_takes_only_what_nobody_else_wants(settings: Settings, queue: JobQueue) -> None:
    program = "import os; print('priority', os.nice(0), os.sched_getscheduler(0) == os.SCHED_IDLE, flush=True)"
    secrets = "; print('told', [name for name in os.environ if 'SOLESCOPE' in name], flush=True)"
    job_id = queue.enqueue("apart", {"program": program + secrets}, "Waiting.").id
    with worker(settings):
        job = wait_for("succeeded", job_id)
    assert "priority 19 True" in job.log
    assert "told []" in job.log
    assert job.counts == {"status": 0}


def test_an_interrupted_job_goes_on_and_keeps_its_log(settings: Settings, queue: JobQueue, tmp_path: Path) -> None:
    may_end = tmp_path / "may-end"
    job_id = queue.enqueue("steps", {"may_end": str(may_end)}, "Waiting.", owner="admin@example.com").id
    with worker(settings) as process:
        wait_until_said("step 3", job_id)
        process.kill()
        process.wait()
        may_end.touch()
        with worker(settings):
            wait_for("interrupted", job_id)
            queue.resume(job_of(job_id))
            with pytest.raises(NotResumableError, match="nothing to go on with"):
                queue.resume(job_of(job_id))
            job = wait_for("succeeded", job_id)
    assert (job.attempts, job.owner) == (2, "admin@example.com")
    assert job.log.count("step 1\n") == 2


def test_two_jobs_never_do_the_same_at_once(queue: JobQueue) -> None:
    first = queue.enqueue("quick", {}, "Waiting.")
    queue.cancel(first)
    second = queue.enqueue("quick", {}, "Waiting.")
    with pytest.raises(NotResumableError, match=f"Job {second.id} does the same"):
        queue.resume(first)


def test_what_a_superseded_attempt_says_is_dropped(app: Flask, queue: JobQueue) -> None:
    job = queue.enqueue("quick", {}, "Waiting.")
    late = Progress(job.id, {}, attempt=1)
    with write_transaction():
        job.attempts, job.state = 2, "running"
    with pytest.raises(JobCancelled):
        late.report(1, 2, "I am still here", at_once=True)
    assert (job_of(job.id).message, job_of(job.id).state) == ("Waiting.", "running")


def test_a_job_whose_announcement_was_lost_is_found(app: Flask, queue: JobQueue) -> None:
    with write_transaction() as session:  # whoever put it in was killed before it could say so
        session.add(lost := Job(kind="quick", options={}, message="Waiting."))
    lane = queue.lane_of("quick")
    assert lane.is_empty
    watch_lost_jobs(queue, every_s=0)()
    watch_lost_jobs(queue, every_s=0)()
    assert not lane.is_empty
    run_job(app, lost.id)
    assert job_of(lost.id).state == "succeeded"


def test_a_job_of_a_kind_that_is_gone_does_not_wait_for_ever(app: Flask, queue: JobQueue) -> None:
    with write_transaction() as session:  # an older release put it in
        session.add(left := Job(kind="bake", options={}, message="Waiting."))
    queue.announce_waiting(only_where_empty=True)
    assert job_of(left.id).state == "queued"  # a newer site may have put it in; its worker comes
    queue.announce_waiting()
    assert (job_of(left.id).state, job_of(left.id).message) == ("failed", "There is no work of the kind bake any more.")


@pytest.mark.parametrize("options", [{}, {"site": 7}, {"pictures": "..", "network": []}, {"folder": None}, {"x": [1]}])
@pytest.mark.parametrize("kind", ["scrape", "embed", "train", "tune", "evaluate", "publish", "import", "variants"])
def test_nonsense_fails_with_a_word_and_nothing_else(
    app: Flask, queue: JobQueue, kind: str, options: dict[str, object]
) -> None:
    with write_transaction() as session:
        session.add(job := Job(kind=kind, options=options, message="Waiting."))
    run_job(app, job.id)
    assert job_of(job.id).state in ("failed", "succeeded")
    assert job_of(job.id).message not in ("", "Waiting.")


def test_a_queue_that_is_not_there_loses_no_job(settings: Settings, app: Flask, queue: JobQueue) -> None:
    lane = queue.lane_of("quick")
    shutil.rmtree(settings.instance / "queue.sqlite", ignore_errors=True)
    (settings.instance / "queue.sqlite").mkdir()  # cannot be opened as a database
    job = queue.enqueue("quick", {}, "Waiting.")
    assert (job_of(job.id).state, lane.name) == ("queued", "quick")


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """The address of a real Redis; skips where there is none."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("needs redis-server")
    socket = tmp_path / "redis.sock"
    server = subprocess.Popen([program, "--port", "0", "--unixsocket", str(socket), "--save", ""], cwd=tmp_path)
    try:
        while not socket.exists():
            time.sleep(0.02)
        yield f"unix://{socket}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def settings_with_redis(settings: Settings, redis: str) -> Settings:
    return replace(settings, queue_url=redis)


def test_jobs_go_through_redis_where_one_is_set(settings_with_redis: Settings) -> None:
    from webapp import create_app

    app = create_app(settings_with_redis)
    with app.app_context():
        queue: JobQueue = app.extensions["jobs"]
        for kind, lane in KINDS.items():
            queue.add_kind(kind, lambda progress: {}, lane)
        with worker(settings_with_redis):
            job = queue.enqueue("quick", {}, "Waiting.")
            assert wait_for("succeeded", job.id).counts == {"said": "hello"}
        assert not (settings_with_redis.instance / "queue.sqlite").exists()
        db.engine.dispose()
