"""The catalogue's pictures as a bundle sees them, variants and all: what campaign rows are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sqlalchemy import func, select

from ml.conversions.contexts import sneaker_type_of
from ml.conversions.rows import Pictures
from webapp.catalogue.models import Embedding, Product, ProductImage
from webapp.database import db
from webapp.studio.augment_probabilities import made
from webapp.studio.models import VariantEmbedding


@dataclass(frozen=True)
class EmbeddedPictures:
    """Pictures, and the place there of each (image id, augment). `variants` tells whether augments are among them,
    `sneaker_types` what the catalogue says of each group's product."""

    pictures: Pictures
    places: Mapping[tuple[int, str], int]
    variants: bool
    sneaker_types: Mapping[str, str]

    def place_of(self, image_id: int | None, augment: str) -> int | None:
        """Where a picture stands; None where the bundle has not seen it."""
        return self.places.get((image_id, augment)) if image_id is not None else None


class _Row(NamedTuple):
    """What a bundle has seen once: a unit vector and the probabilities of augments, float32, little-endian."""

    image_id: int
    augment: str
    sha256: str
    product_id: int
    vector: bytes
    augments: bytes


def embedded_pictures(bundle_id: str) -> EmbeddedPictures | None:
    """All that a bundle has seen; None where that is nothing.

    A variant is seen as it is delivered, the original too; where that was not made ahead, the catalogue's own embedding
    of the picture stands for the original. Ids are the SHA-256 of the pictures' files, groups are `product-<id>`.
    """
    seen: dict[tuple[int, str], _Row] = {}
    for row in (*_variants(bundle_id), *_originals(bundle_id)):
        seen.setdefault((row.image_id, row.augment), row)
    categories = db.session.execute(select(Product.id, Product.category)).all()
    types = {f"product-{row.id}": sneaker_type_of(row.category) for row in categories}
    db.session.rollback()  # a reading transaction left open would keep the write-ahead log from being cut
    if not seen:
        return None
    pictures = Pictures(
        ids=np.array([row.sha256 for row in seen.values()]),
        groups=np.array([f"product-{row.product_id}" for row in seen.values()]),
        augments=np.array([augment for _, augment in seen]),
        embeddings=np.stack([np.frombuffer(row.vector, "<f4") for row in seen.values()]).astype(np.float32),
        augment_probabilities=np.stack([np.frombuffer(row.augments, "<f4") for row in seen.values()]),
    )
    return EmbeddedPictures(
        pictures,
        {key: place for place, key in enumerate(seen)},
        any(augment != "original" for _, augment in seen),
        types,
    )


def products_varied(bundle_id: str) -> int:
    """How many products' variants a bundle has seen."""
    question = (
        select(func.count(ProductImage.product_id.distinct()))
        .join(VariantEmbedding, VariantEmbedding.image_id == ProductImage.id)
        .where(VariantEmbedding.bundle_id == bundle_id)
    )
    return db.session.scalar(question) or 0


def _variants(bundle_id: str) -> Iterator[_Row]:
    kept = VariantEmbedding
    question = (
        select(
            kept.image_id, kept.augment, kept.sha256, ProductImage.product_id, kept.vector, kept.augment_probabilities
        )
        .join(ProductImage, ProductImage.id == kept.image_id)
        .where(kept.bundle_id == bundle_id)
        .order_by(kept.image_id, kept.augment)
    )
    yield from (_Row(*row) for row in db.session.execute(question))


def _originals(bundle_id: str) -> Iterator[_Row]:
    question = (
        select(ProductImage.id, ProductImage.sha256, ProductImage.product_id, Embedding.vector)
        .join(Embedding, Embedding.image_id == ProductImage.id)
        .where(Embedding.bundle_id == bundle_id)
        .order_by(ProductImage.id)
    )
    untouched = made("original").astype("<f4").tobytes()
    for image_id, sha256, product_id, vector in db.session.execute(question):
        yield _Row(image_id, "original", sha256, product_id, vector, untouched)
