"""Read the shelf: the catalogue's embeddings of one bundle, from the database into memory."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from flask import Flask
from sqlalchemy import select

from webapp.catalogue.labels import spelled
from webapp.catalogue.models import CatalogueState, Embedding, Product, ProductImage
from webapp.database import db
from webapp.shelf import Shelf

_ROWS_AT_A_TIME = 5_000


class CatalogueShelfReader:
    """A `ShelfReader` for the threads of `Recognition`, which have no request: each call opens a context of its own."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def version(self, bundle_id: str) -> Hashable:
        """The bundle, and how often embeddings have changed so far: whoever changes them counts it."""
        with self._app.app_context():
            return (bundle_id, db.session.scalar(select(CatalogueState.embeddings)))

    def read(self, bundle_id: str, dimensions: int) -> Shelf:
        """Every embedded picture of what is not retired, with its product and label, in the order of the ids."""
        version = self.version(bundle_id)
        question = (
            select(Embedding.vector, Product.id, Product.label)
            .join(ProductImage, ProductImage.id == Embedding.image_id)
            .join(Product, Product.id == ProductImage.product_id)
            .where(Embedding.bundle_id == bundle_id, Product.retired_at.is_(None))
            .order_by(Embedding.image_id)
            .execution_options(yield_per=_ROWS_AT_A_TIME)
        )
        blocks, product_ids, labels = [np.empty((0, dimensions), np.float32)], [], []
        with self._app.app_context():
            for rows in db.session.execute(question).partitions():
                joined = b"".join(row.vector for row in rows)
                blocks.append(np.frombuffer(joined, np.float32).reshape(len(rows), dimensions))
                product_ids += [row.id for row in rows]
                labels += [row.label for row in rows]
        return Shelf(version, np.concatenate(blocks), np.array(product_ids, np.int64), labels, spelled)
