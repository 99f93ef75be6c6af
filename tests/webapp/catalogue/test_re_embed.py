"""Another bundle on duty: the worker's watch sees it, and the catalogue is embedded by it once."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from ml.serving.bundle import Bundle
from tests.tiny_bundle import write_tiny_bundle
from tests.webapp.shoes import listing
from webapp import create_app
from webapp.catalogue.intake import take_in
from webapp.catalogue.models import Embedding
from webapp.catalogue.re_embed import watch_bundle
from webapp.database import db
from webapp.image_store import current_images
from webapp.jobs.models import Job
from webapp.jobs.queue import last_job
from webapp.jobs.runner import run_job
from webapp.jobs.worker import watching
from webapp.recognition import current_recognition
from webapp.settings import Settings


@pytest.fixture
def site(settings: Settings, tiny_bundle: Bundle, tmp_path: Path) -> Iterator[Flask]:
    """A site with the tiny bundle on duty and three products that nothing has embedded."""
    app = create_app(dataclasses.replace(settings, starter_bundle=tiny_bundle.folder))
    with app.app_context():
        take_in([listing(tmp_path, number, angles=2) for number in range(3)], tmp_path, current_images())
        yield app
        current_recognition().close()


def embedded_by(bundle_id: str) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Embedding.bundle_id == bundle_id)) or 0


def jobs() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Job)) or 0


def test_each_bundle_that_comes_on_duty_embeds_the_catalogue_once(
    site: Flask, settings: Settings, tiny_bundle: Bundle
) -> None:
    look = watch_bundle()
    look()
    look()
    assert jobs() == 1
    job = last_job("embed", bundle=tiny_bundle.card.id)
    assert job is not None and job.state == "queued"
    run_job(site, job.id)
    assert embedded_by(tiny_bundle.card.id) == 6
    db.session.rollback()
    assert (job.state, job.counts) == ("succeeded", {"embedded": 6})
    watch_bundle()()  # a worker that is started anew finds nothing to do
    assert jobs() == 1

    second = write_tiny_bundle(settings.bundles_folder / "second", labels=tiny_bundle.card.labels)
    (settings.bundles_folder / "current").symlink_to("second")
    look()
    again = last_job("embed", bundle=second.card.id)
    assert again is not None and jobs() == 2
    run_job(site, again.id)
    assert embedded_by(second.card.id) == 6


def test_an_empty_catalogue_asks_for_nothing(settings: Settings, tiny_bundle: Bundle) -> None:
    with create_app(dataclasses.replace(settings, starter_bundle=tiny_bundle.folder)).app_context():
        watch_bundle()()
        assert jobs() == 0
        current_recognition().close()


def test_a_watch_that_fails_is_called_again_and_stops_with_the_worker(site: Flask) -> None:
    called = threading.Semaphore(0)

    def fail() -> None:
        called.release()
        raise ZeroDivisionError("by zero")

    with watching(site, [fail], every_s=0.02):
        assert called.acquire(timeout=60) and called.acquire(timeout=60)
    while called.acquire(blocking=False):
        pass
    assert not called.acquire(timeout=0.2)
