"""The shelf: the catalogue's embedded pictures in memory, made by one bundle and compared only with its photos."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ml.serving.alternates import Alternate, EmbeddingIndex

Vectors = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Shelf:
    """One row a picture: its embedding (M, D) of unit length, its product (M,) and that product's label (M).

    `spell` turns a bundle's label into the spelling of those labels.
    """

    version: Hashable
    vectors: Vectors
    product_ids: NDArray[np.int64]
    labels: Sequence[str]
    spell: Callable[[str], str] = str
    index: EmbeddingIndex = field(init=False, repr=False)
    _rows_of_label: dict[str, list[int]] = field(init=False, repr=False)
    _rows_of_product: dict[int, list[int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rows_of_label: dict[str, list[int]] = {}
        rows_of_product: dict[int, list[int]] = {}
        for row, (label, product_id) in enumerate(zip(self.labels, self.product_ids.tolist(), strict=True)):
            rows_of_label.setdefault(label, []).append(row)
            rows_of_product.setdefault(product_id, []).append(row)
        object.__setattr__(self, "index", EmbeddingIndex(self.vectors, self.product_ids))
        object.__setattr__(self, "_rows_of_label", rows_of_label)
        object.__setattr__(self, "_rows_of_product", rows_of_product)

    @classmethod
    def empty(cls, dimensions: int) -> Shelf:
        """A shelf without a picture: nothing is near anything."""
        return cls(None, np.empty((0, dimensions), np.float32), np.empty(0, np.int64), ())

    def product_of(self, label: str, embedding: Vectors) -> int | None:
        """The product of a bundle's `label` whose pictures are most like `embedding` (D,): the right colorway, not
        only the right model. None where no product of that label has an embedded picture."""
        rows = self._rows_of_label.get(self.spell(label))
        if not rows:
            return None
        nearest = int(np.argmax(self.vectors[rows] @ embedding))
        return int(self.product_ids[rows[nearest]])

    def alternates_of(self, product_id: int, count: int) -> list[Alternate]:
        """The products that look most like this one, itself left out; none where it has no embedded picture."""
        rows = self._rows_of_product.get(product_id)
        if not rows:
            return []
        middle = self.vectors[rows].mean(axis=0)
        length = float(np.linalg.norm(middle))
        if length == 0:
            return []
        return self.index.nearest(middle / length, count, exclude=(product_id,))


class ShelfReader(Protocol):
    """Whoever knows the catalogue. Both are called from a thread of their own, outside of any request."""

    def version(self, bundle_id: str) -> Hashable:
        """Cheap, and different after the bundle's embeddings have changed."""

    def read(self, bundle_id: str, dimensions: int) -> Shelf:
        """Every picture that the bundle has embedded."""
