"""A training as an admin asks for it, by the real command: trained, measured, published, stopped, and gone on with."""

from __future__ import annotations

import json
import sys
import threading
import time

import pytest
from flask import Flask

from ml.serving.publish import published
from tests.training.shapes import write_shapes
from webapp.database import db
from webapp.jobs.models import Job
from webapp.jobs.queue import current_jobs
from webapp.jobs.runner import run_job
from webapp.settings import Settings
from webapp.training.asking import ask_evaluation, ask_publishing, ask_training
from webapp.training.work import run_folder

ORDER = {"pictures": "shapes", "network": "benchmark-cnn", "weights": "none", "size": 46, "batch_size": 8}
SHORT = ORDER | {"top_epochs": 1, "fine_epochs": 1, "variants": 1}
WITHIN_S = 280
"""It gets only the time that nobody else wants: on a busy machine importing TensorFlow alone may take a minute."""
ENDLESS = ORDER | {"top_epochs": 1, "fine_epochs": 1000, "variants": 1}


def done(app: Flask, job: Job) -> Job:
    """The job, once it was run here."""
    job_id = job.id
    db.session.rollback()
    run_job(app, job_id)
    db.session.rollback()
    return db.session.get_one(Job, job_id)


@pytest.mark.training
def test_a_model_is_trained_measured_and_published(app: Flask, app_context: Flask, settings: Settings) -> None:
    write_shapes(settings.pictures_folder / "shapes")
    trained = done(app, ask_training(SHORT))
    assert trained.state == "succeeded", trained.log
    bundle = trained.counts["bundle"]
    assert trained.counts["pictures"] > 0
    assert "epoch 1" in trained.log
    measured = done(app, ask_evaluation({"bundle": bundle, "pictures": "shapes", "split": "test"}))
    assert measured.state == "succeeded", measured.log
    assert 0 <= measured.counts["accuracy"] <= 1
    folder = run_folder("train", trained.id, "benchmark-cnn") / "bundle"
    assert done(app, ask_publishing(str(folder), bundle)).state == "succeeded"
    in_service = published(settings.bundles_folder)
    assert in_service is not None
    assert in_service.card.id == bundle


@pytest.mark.training
@pytest.mark.timeout(2 * WITHIN_S + 60)
def test_a_training_that_is_stopped_goes_on_from_its_checkpoint(
    app: Flask, app_context: Flask, settings: Settings
) -> None:
    write_shapes(settings.pictures_folder / "shapes")
    job_id = ask_training(ENDLESS).id
    running = threading.Thread(target=run_job, args=(app, job_id))
    running.start()
    curves = run_folder("train", job_id, "benchmark-cnn") / "curves.jsonl"
    deadline = time.monotonic() + WITHIN_S
    while not (curves.is_file() and curves.read_text().count("from_scratch") >= 3):
        db.session.rollback()
        assert time.monotonic() < deadline, db.session.get_one(Job, job_id).log
        time.sleep(0.2)
    started = time.monotonic()
    current_jobs().cancel(db.session.get_one(Job, job_id))
    running.join(30)
    assert time.monotonic() - started < 10
    db.session.rollback()
    job = db.session.get_one(Job, job_id)
    assert job.state == "cancelled"
    epochs = [json.loads(line)["epoch"] for line in curves.read_text().splitlines() if "from_scratch" in line]
    current_jobs().resume(job)
    running = threading.Thread(target=run_job, args=(app, job_id))
    running.start()
    while len(again := [line for line in curves.read_text().splitlines() if "from_scratch" in line]) <= len(epochs):
        assert time.monotonic() < deadline + WITHIN_S
        time.sleep(0.2)
    db.session.rollback()
    current_jobs().cancel(db.session.get_one(Job, job_id))
    running.join(30)
    assert json.loads(again[-1])["epoch"] > 3, "it began anew"


@pytest.mark.training
def test_a_training_that_cannot_be_done_fails_in_the_commands_own_words(
    app: Flask, app_context: Flask, settings: Settings
) -> None:
    (settings.pictures_folder / "empty").mkdir(parents=True)
    job = done(app, ask_training({"pictures": "empty", "network": "benchmark-cnn"}))
    assert job.state == "failed"
    assert "empty" in job.message
    assert "Traceback" not in job.log


def test_the_catalogue_without_pictures_is_said(app: Flask, app_context: Flask) -> None:
    job = done(app, ask_training({}))
    assert (job.state, job.message) == (
        "failed",
        "The catalogue has no pictures, so there is nothing to write.",
    )


def test_an_unknown_bundle_is_said(app: Flask, app_context: Flask) -> None:
    assert "There is no bundle nothing" in done(app, ask_evaluation({"bundle": "nothing"})).message


def test_a_training_that_finds_the_disk_full_says_so_and_can_go_on(
    app: Flask, app_context: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file that it writes is /dev/full: the system itself says that there is no room."""
    write_shapes(settings.pictures_folder / "shapes")
    program = "print('epoch 1', flush=True); open('/dev/full', 'w', buffering=1).write('weights\\n')"
    monkeypatch.setattr("webapp.training.work.python_module", lambda *_: [sys.executable, "-c", program])
    monkeypatch.setattr("webapp.training.work._needs_tensorflow", lambda: None)
    job = done(app, ask_training(SHORT))
    assert (job.state, job.message) == ("failed", "The disk is full. Make room, and let it go on from where it was.")
    assert "epoch 1" in job.log
    assert job.is_resumable
