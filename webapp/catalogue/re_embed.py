"""The job "embed": when another bundle comes on duty, the catalogue's pictures are embedded by it.

Embeddings of different bundles cannot be compared: until this is done, what a bundle has not embedded is no alternate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app
from sqlalchemy import exists, select

from ml.serving.bundle import Card
from webapp.catalogue.embed import embed_missing
from webapp.catalogue.models import Embedding, Product, ProductImage
from webapp.catalogue.on_duty import once_per_bundle
from webapp.database import db
from webapp.image_store import current_images
from webapp.jobs.progress import Progress
from webapp.jobs.queue import current_jobs

KIND = "embed"


def embed_catalogue(progress: Progress) -> dict[str, Any]:
    """Embed what the bundle on duty has not embedded yet; how many pictures that were."""
    recognition = current_app.extensions["recognition"]
    recognition.refresh()

    def tell(done: int, total: int) -> None:
        progress.report(done, total, f"Embedding the catalogue for the new model: {done:,} of {total:,} products")

    embedded = embed_missing(recognition, current_images(), progress=tell)
    progress.report(1, 1, f"The catalogue is embedded: {embedded:,} pictures.", at_once=True)
    return {"embedded": embedded}


def watch_bundle() -> Callable[[], None]:
    """A watch for the worker: enqueues the job when a bundle comes on duty that some product is not embedded by."""
    return once_per_bundle(_enqueue_where_missing)


def embed_soon() -> None:
    """Have the worker embed what the bundle on duty has not embedded yet, if there is anything."""
    recognition = current_app.extensions["recognition"]
    recognition.refresh()
    if recognition.bundle is not None:
        _enqueue_where_missing(recognition.bundle.card)


def _enqueue_where_missing(card: Card) -> None:
    if _is_missing(card.id):
        current_jobs().enqueue(KIND, {"bundle": card.id}, "Waiting to embed the catalogue.")


def _is_missing(bundle_id: str) -> bool:
    """Whether a product with pictures has none that this bundle embedded."""
    pictures = exists().where(ProductImage.product_id == Product.id)
    embedded = exists().where(
        ProductImage.product_id == Product.id,
        Embedding.image_id == ProductImage.id,
        Embedding.bundle_id == bundle_id,
    )
    found = db.session.scalar(select(Product.id).where(pictures, ~embedded).limit(1))
    db.session.rollback()  # a reading transaction left open would keep the write-ahead log from being cut
    return found is not None
