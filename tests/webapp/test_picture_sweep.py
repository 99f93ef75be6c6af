"""What nobody speaks of goes after an hour; what somebody speaks of, or has just asked for, never does."""

from __future__ import annotations

import os
import threading
import time
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from PIL import Image

from webapp.accounts.people import create_user
from webapp.catalogue.models import Product, ProductImage
from webapp.catalogue.offer_models import Offer, StoredPicture
from webapp.catalogue.run_models import RunChange, ScrapeRun, StagedListing
from webapp.database import db, write_transaction
from webapp.image_store import ImageStore, current_images
from webapp.jobs.chores import enqueue_clean_up
from webapp.jobs.models import Job
from webapp.jobs.runner import run_job
from webapp.picture_sweep import YOUNG_FOR_S, remove_unless_spoken_of, sweep_pictures
from webapp.studio.models import Recommendation

HOUR_S = 3600


def picture(number: int) -> bytes:
    written = BytesIO()
    noise = np.random.default_rng(number).integers(0, 256, (600, 600, 3), np.uint8)
    Image.fromarray(noise).save(written, "JPEG", quality=40)
    return written.getvalue()


def age(folder: Path, hours: float) -> None:
    """Let all files have been written so long ago."""
    for file in folder.rglob("*"):
        if file.is_file():
            os.utime(file, (time.time() - hours * HOUR_S,) * 2)


@pytest.fixture
def images(app_context: Flask) -> ImageStore:
    return current_images()


def add_product(number: int, sha256: str) -> None:
    with write_transaction() as session:
        product = Product(site="demo", style_code=str(number), brand="Vello", name="Dart", label="vello", url="")
        product.images.append(ProductImage(position=0, sha256=sha256, suffix="jpg", width=600, height=600))
        session.add(product)


def test_only_old_pictures_that_nobody_speaks_of_go_and_their_thumbnails_with_them(images: ImageStore) -> None:
    spoken, mentioned, forgotten = (images.put(picture(number), "jpg") for number in range(3))
    images.thumbnail(forgotten, 96)
    add_product(1, spoken)
    user = create_user("marketer@example.com", "marketer", "correct horse battery")
    answer = {"original": {"image_url": f"/images/{mentioned}.jpg"}}
    with write_transaction() as session:
        session.add(Recommendation(user_id=user.id, source="upload", target="open", answer=answer))
    assert sweep_pictures(images) == 0
    age(images.folder, hours=2)
    fresh = images.put(picture(9), "jpg")
    assert sweep_pictures(images) == 1
    assert [images.has(name) for name in (spoken, mentioned, forgotten, fresh)] == [True, True, False, True]
    assert not list(images.folder.rglob(f"{forgotten}*"))


def test_a_picture_that_is_put_again_is_young_again(images: ImageStore) -> None:
    sha256 = images.put(picture(1), "jpg")
    age(images.folder, hours=2)
    assert images.put(picture(1), "jpg") == sha256
    assert sweep_pictures(images) == 0
    assert images.has(sha256)


def test_sweeping_while_pictures_are_put_never_takes_one_that_a_row_speaks_of(app: Flask, images: ImageStore) -> None:
    """Old pictures that nobody speaks of are put again and get a row, while sweeps go on without a pause."""
    contents = [picture(number) for number in range(40)]
    over, swept = threading.Event(), []

    def sweep() -> None:
        with app.app_context():
            while not over.is_set():
                swept.append(sweep_pictures(images))
            swept.append(sweep_pictures(images))

    for content in contents:
        images.put(content, "jpg")
    age(images.folder, hours=2)
    sweepers = [threading.Thread(target=sweep) for _ in range(2)]
    for thread in sweepers:
        thread.start()
    for number, content in enumerate(contents):
        add_product(number, images.put(content, "jpg"))
    over.set()
    for thread in sweepers:
        thread.join(60)
    db.session.rollback()
    assert all(images.has(name) for name in db.session.scalars(db.select(ProductImage.sha256)))
    assert len(swept) >= 2


def test_cleaning_up_does_every_chore_and_says_what_went(app: Flask, images: ImageStore) -> None:
    images.put(picture(1), "jpg")
    age(images.folder, hours=2 * YOUNG_FOR_S / HOUR_S)
    job_id = enqueue_clean_up("admin@example.com").id
    run_job(app, job_id)
    db.session.rollback()
    job = db.session.get_one(Job, job_id)
    assert job.state == "succeeded", job.message
    assert job.counts["unreferenced pictures"] == 1
    assert set(job.counts) >= {"old job logs", "expired uploads", "unreferenced pictures", "old snapshots"}


def test_what_is_only_remembered_goes_and_the_memory_with_it(images: ImageStore) -> None:
    """Two memories: of a picture that stands for itself, and of a copy that was never kept."""
    kept, gone = (images.put(picture(number), "jpg") for number in range(2))
    add_product(1, kept)
    with write_transaction() as session:
        for name, same_as in ((kept, kept), (gone, gone), ("c" * 64, gone)):
            session.add(StoredPicture(sha256=name, same_as=same_as, suffix="jpg", width=600, height=600))
    age(images.folder, hours=2)
    assert sweep_pictures(images) == 1
    assert [images.has(name) for name in (kept, gone)] == [True, False]
    assert list(db.session.scalars(db.select(StoredPicture.sha256))) == [kept]


def test_what_a_run_waits_to_publish_or_would_bring_back_stays(images: ImageStore) -> None:
    staged, before, neither = (images.put(picture(number), "jpg") for number in range(3))
    with write_transaction() as session:
        session.add(run := ScrapeRun(site="demo"))
        product = Product(site="demo", style_code="1", brand="Vello", name="Dart", label="vello", url="")
        product.offers.append(offer := Offer(site="demo", style_code="1", url=""))
        session.add(product)
        session.flush()
        row = {"style_code": "2", "url": "", "currency": "USD", "facts": {}, "is_whole": True, "digest": ""}
        session.add(StagedListing(run_id=run.id, pictures=[[staged, "jpg", 600, 600, None]], **row))
        state = {"pictures": [[before, "jpg", 600, 600, None]]}
        session.add(RunChange(run_id=run.id, offer_id=offer.id, kind="changed", before=state, after={}))
    age(images.folder, hours=2)
    assert remove_unless_spoken_of(images, [staged, before]) == 0
    assert remove_unless_spoken_of(images, [staged, before, *(f"{number:064x}" for number in range(20))]) == 20
    assert sweep_pictures(images) == 1
    assert [images.has(name) for name in (staged, before, neither)] == [True, True, False]


def test_a_sweep_tells_how_far_it_is_and_can_be_stopped(images: ImageStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.picture_sweep._AT_A_TIME", 2)
    names = [images.put(picture(number), "jpg") for number in range(6)]
    age(images.folder, hours=2)
    told: list[int] = []

    def tell(looked_at: int) -> None:
        told.append(looked_at)
        if looked_at == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep_pictures(images, progress=tell)
    assert told == [0, 2, 4]
    assert sum(images.has(name) for name in names) == 2
