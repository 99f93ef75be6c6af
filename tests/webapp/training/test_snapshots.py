"""Snapshots of trainings keep nothing that a person has deleted, or that came from a removed shop."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.webapp.conftest import PASSWORD
from tests.webapp.shoes import listing
from webapp.accounts.people import create_user
from webapp.catalogue.intake import take_in
from webapp.catalogue.models import ProductImage
from webapp.catalogue.removal import remove_shop
from webapp.catalogue.run_models import Shop
from webapp.database import db, write_transaction
from webapp.image_store import current_images
from webapp.jobs.models import Job
from webapp.jobs.progress import JobCancelled, Progress
from webapp.jobs.queue import current_jobs
from webapp.picture_sweep import sweep_pictures
from webapp.settings import Settings
from webapp.training.asking import ask_training
from webapp.training.snapshots import pictures_of

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def snapshot(app: Flask, app_context: Flask, tmp_path: Path) -> tuple[Job, Path]:
    """A training that waits, and its snapshot of the pictures of two shops."""
    shops = [listing(tmp_path, number, site=site) for number, site in enumerate(("one", "two"))]
    take_in(shops, tmp_path, current_images())
    with write_transaction() as session:
        session.add(Shop(site="one", reader="generic"))
    job = ask_training({})
    return job, pictures_of(Progress(job.id, dict(job.options)))


@pytest.mark.parametrize("ended", [True, False])
def test_what_a_removed_shop_showed_is_in_no_snapshot_that_nobody_uses(snapshot: tuple[Job, Path], ended: bool) -> None:
    job, folder = snapshot
    theirs = db.session.scalars(select(ProductImage.sha256).order_by(ProductImage.id)).first()
    assert list(folder.rglob(f"{theirs}.*"))
    if ended:
        current_jobs().cancel(job)
    remove_shop("one", create_user("ada@example.com", "admin", PASSWORD))
    assert folder.exists() is not ended  # one that is learned from stays whole until that has ended


def test_pictures_that_only_went_out_of_use_stay_for_a_training_that_goes_on(snapshot: tuple[Job, Path]) -> None:
    job, folder = snapshot
    current_jobs().cancel(job)
    with write_transaction() as session:
        for image in session.scalars(select(ProductImage)):
            session.delete(image)
    assert sweep_pictures(current_images(), young_for_s=-1) == 2
    assert len(list(folder.glob("images/*/*"))) == 2


def test_a_training_is_stopped_while_its_snapshot_is_written(
    snapshot: tuple[Job, Path], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.jobs.progress._REPORT_EVERY_S", 0)
    job = ask_training({"seed": 1})
    with write_transaction():
        job.state, job.cancel_requested = "running", True
    with pytest.raises(JobCancelled):
        pictures_of(Progress(job.id, dict(job.options)))
    assert [folder.name for folder in settings.snapshots_folder.iterdir()] == [snapshot[1].name]
