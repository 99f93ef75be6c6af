"""Alternates: the products that look most like a picture, by exact cosine similarity of embeddings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PICTURES_LOOKED_AT_PER_PRODUCT = 8


@dataclass(frozen=True)
class Alternate:
    """A product and the cosine similarity, -1 to 1, of its most similar picture."""

    product_id: int
    similarity: float


class EmbeddingIndex:
    """Unit embeddings (M, D) float32 of pictures, and the product (M,) that each shows.

    The search is exact: one product of matrix and vector over all rows. 100,000 x 512 takes about 200 MB and less time
    than a network's pass.
    """

    def __init__(self, embeddings: NDArray[np.float32], product_ids: NDArray[np.int64]) -> None:
        if embeddings.ndim != 2 or product_ids.shape != (len(embeddings),):
            raise ValueError(f"{embeddings.shape} embeddings do not go with {product_ids.shape} product ids")
        self._embeddings = np.ascontiguousarray(embeddings, np.float32)
        self._product_ids = np.asarray(product_ids, np.int64)

    def __len__(self) -> int:
        return len(self._embeddings)

    def nearest(self, query: NDArray[np.float32], k: int, exclude: Collection[int] = ()) -> list[Alternate]:
        """The k products most similar to a unit embedding (D,), most similar first, each by its best picture."""
        if not len(self) or k <= 0:
            return []
        similarities = self._embeddings @ np.asarray(query, np.float32)
        looked_at = (k + len(exclude)) * PICTURES_LOOKED_AT_PER_PRODUCT
        while True:
            found = self._collapse(similarities, _largest(similarities, looked_at), exclude)
            if len(found) >= k or looked_at >= len(self):
                return found[:k]
            looked_at *= 4

    def _collapse(
        self, similarities: NDArray[np.float32], rows: NDArray[np.intp], exclude: Collection[int]
    ) -> list[Alternate]:
        """One hit for each product, in the order of the rows."""
        best: dict[int, float] = {}
        for product_id, similarity in zip(self._product_ids[rows].tolist(), similarities[rows].tolist(), strict=True):
            if product_id not in exclude:
                best.setdefault(product_id, similarity)
        return [Alternate(product_id, similarity) for product_id, similarity in best.items()]


def _largest(values: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """The positions of the `count` largest values, largest first."""
    if count >= len(values):
        return np.argsort(-values, kind="stable")
    rows = np.argpartition(values, len(values) - count)[-count:]
    return rows[np.argsort(-values[rows], kind="stable")]
