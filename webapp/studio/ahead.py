"""The job "variants": the augments of the catalogue's pictures are made and embedded before anyone asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from ml.imaging.augments.table import AUGMENTS
from ml.imaging.decode import DecodeError
from webapp.catalogue.models import CatalogueState, ProductImage
from webapp.database import db
from webapp.image_store import PictureMissingError, current_images
from webapp.jobs.models import Job
from webapp.jobs.progress import Progress
from webapp.jobs.queue import current_jobs
from webapp.jobs.runner import JobFailed
from webapp.recognition import Recognition
from webapp.studio.models import VariantEmbedding
from webapp.studio.variants import variants_of_image

KIND = "variants"
PICTURES_A_JOB = 500
"""Then the next job has its turn: a scrape or a training should not wait for a large catalogue."""


def make_ahead(progress: Progress) -> dict[str, Any]:
    """Make and embed the variants that the bundle on duty lacks, a picture at a time: a run that is broken off goes on
    where it was. Returns how many pictures were done, could not be used, and are left for the next job."""
    recognition: Recognition = current_app.extensions["recognition"]
    recognition.refresh()
    if recognition.bundle is None:
        raise JobFailed("No model is on duty, so that there is nothing to look at the variants with.")
    missing = images_lacking(recognition.bundle.card.id)
    chosen, made, unusable = missing[:PICTURES_A_JOB], 0, 0
    for done, image_id in enumerate(chosen):
        progress.report(done, len(chosen), f"Making the studio's variants: {done:,} of {len(missing):,} pictures")
        image = db.session.get(ProductImage, image_id)
        if image is None:
            continue
        try:
            variants_of_image(image, recognition, current_images())
            made += 1
        except (DecodeError, PictureMissingError) as error:
            unusable += 1
            progress.log(f"picture {image_id} is left out: {error}")
    left = len(missing) - len(chosen)
    progress.report(1, 1, f"The studio's variants of {made:,} pictures are ready.", at_once=True)
    return {"made": made, "unusable": unusable, "left": left}


def images_lacking(bundle_id: str, most: int | None = None) -> list[int]:
    """The first pictures of products whose variants a bundle has not all embedded, the newest products first."""
    embedded = (
        select(VariantEmbedding.image_id, func.count().label("number"))
        .where(VariantEmbedding.bundle_id == bundle_id, VariantEmbedding.augment.in_(tuple(AUGMENTS)))
        .group_by(VariantEmbedding.image_id)
        .subquery()
    )
    question = (
        select(ProductImage.id)
        .outerjoin(embedded, embedded.c.image_id == ProductImage.id)
        .where(ProductImage.position == 0, func.coalesce(embedded.c.number, 0) < len(AUGMENTS))
        .order_by(ProductImage.product_id.desc())
        .limit(most)
    )
    found = list(db.session.scalars(question))
    db.session.rollback()  # a reading transaction left open would keep the write-ahead log from being cut
    return found


def watch_catalogue() -> Callable[[], None]:
    """A watch for the worker: enqueues the job when a bundle comes on duty, when the catalogue has changed, and when
    the last job left something over."""
    seen: tuple[str, int] | None = None

    def look() -> None:
        nonlocal seen
        recognition: Recognition = current_app.extensions["recognition"]
        recognition.refresh()
        if recognition.bundle is None:
            return
        bundle_id = recognition.bundle.card.id
        state = (bundle_id, db.session.scalar(select(CatalogueState.products)) or 0)
        last = db.session.scalars(select(Job).where(Job.kind == KIND).order_by(Job.id.desc()).limit(1)).first()
        if last is not None and last.is_active:
            return  # what arrived after it began is looked for when it has ended
        goes_on = last is not None and last.state == "succeeded" and bool(last.counts.get("left"))
        db.session.rollback()
        if (state != seen or goes_on) and images_lacking(bundle_id, most=1):
            current_jobs().enqueue(KIND, {"bundle": bundle_id}, "Waiting to make the studio's variants.")
        seen = state

    return look
