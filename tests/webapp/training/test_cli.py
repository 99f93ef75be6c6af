"""What the desk asks for, asked for by commands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from ml.serving.publish import published
from tests.tiny_bundle import write_tiny_bundle
from webapp import create_app
from webapp.database import db
from webapp.jobs.models import Job
from webapp.jobs.runner import run_job
from webapp.settings import Settings

pytestmark = pytest.mark.usefixtures("app_context")


def said(app: Flask, *words: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=list(words))
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("words", "kind", "options"),
    [
        (("train", "network=resnet18", "top_epochs=3"), "train", {"network": "resnet18", "top_epochs": 3}),
        (("tune", "trials=5"), "tune", {"network": "vgg16", "trials": 5}),
        (("evaluate", "some-bundle", "split=test"), "evaluate", {"bundle": "some-bundle", "split": "test"}),
    ],
)
def test_jobs_are_put_into_the_queue(app: Flask, words: tuple[str, ...], kind: str, options: dict[str, object]) -> None:
    assert said(app, *words) == (0, "Job 1 is in the queue. The worker (flask worker) does it.\n")
    job = db.session.get_one(Job, 1)
    assert (job.kind, job.options | options) == (kind, job.options)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("train", "network"), "network is no setting: write NAME=VALUE."),
        (("train", "netwerk=vgg16"), "There is no option 'netwerk'."),
        (("tune", "trials=many"), "trials must be a whole number from 1 to 1,000, not 'many'."),
        (("publish", "nothing"), "There is no bundle nothing."),
    ],
)
def test_what_cannot_be_asked_is_said(app: Flask, words: tuple[str, ...], sentence: str) -> None:
    code, output = said(app, *words)
    assert (code, sentence in output) == (1, True), output
    assert db.session.query(Job).count() == 0


def test_a_bundle_is_published(settings: Settings, tmp_path: Path) -> None:
    bundle = write_tiny_bundle(settings.runs_folder / "one" / "bundle")
    app = create_app(replace(settings, starter_bundle=tmp_path / "none"))
    with app.app_context():
        assert said(app, "publish", bundle.card.id)[0] == 0
        run_job(app, 1)
        db.session.rollback()
        assert db.session.get_one(Job, 1).state == "succeeded"
        in_service = published(settings.bundles_folder)
        assert in_service is not None
        assert in_service.card.id == bundle.card.id
        db.engine.dispose()
