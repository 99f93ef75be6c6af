"""Embed the catalogue's pictures with the bundle on duty: what alternates are found by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select, update

from ml.imaging.decode import DecodeError, Limits, decode
from ml.serving.bundle import Bundle
from webapp.catalogue.models import CatalogueState, Embedding, Product, ProductImage
from webapp.database import db, write_transaction
from webapp.image_store import ImageStore, PictureMissingError

PICTURES_OF_A_PRODUCT = 12
_BATCH = 16
_PRODUCTS_AT_A_TIME = 200
_LONG_SIDE = 512


class Embedder(Protocol):
    """What turns pictures into embeddings: webapp.recognition's Recognition."""

    @property
    def bundle(self) -> Bundle | None: ...

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]: ...


class NothingToEmbedWithError(RuntimeError):
    """No bundle is on duty."""


def embed_missing(
    embedder: Embedder,
    store: ImageStore,
    product_ids: Iterable[int] | None = None,
    *,
    of_each: int = PICTURES_OF_A_PRODUCT,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Embed the pictures that the bundle on duty has not embedded yet; how many.

    Of each product (all of them, if `product_ids` is not given) at most `of_each` pictures, evenly spread over its
    turn. `progress` is told after each batch how many of how many products are done. Each batch is written at once,
    so that a run that is broken off goes on where it was. Raises NothingToEmbedWithError without a bundle.
    """
    ids = list(product_ids) if product_ids is not None else list(db.session.scalars(select(Product.id)))
    embedded = 0
    for start in range(0, len(ids), _PRODUCTS_AT_A_TIME):
        some = ids[start : start + _PRODUCTS_AT_A_TIME]
        missing = _missing(some, _bundle_id(embedder), of_each)
        for number, batch in enumerate(_batches(missing), start=1):
            embedded += _embed(embedder, store, batch)
            if progress is not None:
                done = start + min(len(some), number * _BATCH * len(some) // max(1, len(missing)))
                progress(done, len(ids))
    return embedded


def _bundle_id(embedder: Embedder) -> str:
    if embedder.bundle is None:
        raise NothingToEmbedWithError("No bundle is published, so there is nothing to embed pictures with.")
    return embedder.bundle.card.id


def _missing(product_ids: Sequence[int], bundle_id: str, of_each: int) -> list[tuple[int, str]]:
    """(image id, SHA-256) of the pictures to embed, the first of every product before the second of any."""
    rows = db.session.execute(
        select(ProductImage.id, ProductImage.product_id, ProductImage.sha256, Embedding.image_id)
        .outerjoin(Embedding, (Embedding.image_id == ProductImage.id) & (Embedding.bundle_id == bundle_id))
        .where(ProductImage.product_id.in_(product_ids))
        .order_by(ProductImage.product_id, ProductImage.position)
    ).all()
    db.session.rollback()  # what follows takes long: nobody should wait for the end of a reading transaction
    pictures: dict[int, list[tuple[int, str, bool]]] = {}
    for image_id, product_id, sha256, has in rows:
        pictures.setdefault(product_id, []).append((image_id, sha256, has is not None))
    chosen = [
        (place, image_id, sha256)
        for images in pictures.values()
        for place, (image_id, sha256, has) in enumerate(evenly(images, of_each))
        if not has
    ]
    return [(image_id, sha256) for _, image_id, sha256 in sorted(chosen)]


def evenly(whole: Sequence[tuple[int, str, bool]], most: int) -> list[tuple[int, str, bool]]:
    """At most `most` of a sequence, evenly spread from its first."""
    count = min(most, len(whole))
    return [whole[place * len(whole) // count] for place in range(count)]


def _batches(missing: Sequence[tuple[int, str]]) -> Iterator[Sequence[tuple[int, str]]]:
    for start in range(0, len(missing), _BATCH):
        yield missing[start : start + _BATCH]


def _embed(embedder: Embedder, store: ImageStore, batch: Sequence[tuple[int, str]]) -> int:
    """Embed one batch and write it; pictures that cannot be read any more are left out."""
    readable = [(image_id, pixels) for image_id, sha256 in batch if (pixels := _pixels(store, sha256)) is not None]
    if not readable:
        return 0
    while True:
        bundle_id = _bundle_id(embedder)
        vectors = embedder.embed([pixels for _, pixels in readable])
        if _bundle_id(embedder) == bundle_id:  # else another bundle came on duty meanwhile: whose vectors are these?
            break
    rows = [
        {"image_id": image_id, "bundle_id": bundle_id, "vector": np.asarray(vector, "<f4").tobytes()}
        for (image_id, _), vector in zip(readable, vectors, strict=True)
    ]
    return _write(rows, bundle_id)


def _write(rows: list[dict[str, object]], bundle_id: str) -> int:
    """Write embeddings of pictures that are still there and have none yet; how many."""
    ids = [row["image_id"] for row in rows]
    with write_transaction() as session:
        there = set(session.scalars(select(ProductImage.id).where(ProductImage.id.in_(ids))))
        there -= set(
            session.scalars(
                select(Embedding.image_id).where(Embedding.image_id.in_(ids), Embedding.bundle_id == bundle_id)
            )
        )
        fresh = [row for row in rows if row["image_id"] in there]
        if fresh:
            session.execute(insert(Embedding), fresh)
            session.execute(update(CatalogueState).values(embeddings=CatalogueState.embeddings + 1))
    return len(fresh)


def _pixels(store: ImageStore, sha256: str) -> NDArray[np.uint8] | None:
    try:
        return decode(store.path(sha256).read_bytes(), Limits(max_side=_LONG_SIDE))
    except (PictureMissingError, DecodeError):
        return None
