"""Exact search: what numpy's full sort says, one hit for each product."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.serving.alternates import EmbeddingIndex


def unit(rows: int, dimensions: int = 16, seed: int = 0) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).normal(size=(rows, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("pictures", "products", "k"), [(1, 1, 5), (50, 50, 8), (500, 20, 8), (500, 20, 30), (900, 2, 8)]
)
def test_the_answer_is_that_of_a_full_sort(pictures: int, products: int, k: int) -> None:
    embeddings, query = unit(pictures), unit(1, seed=9)[0]
    product_ids = np.random.default_rng(1).integers(0, products, pictures)
    similarities = embeddings @ query
    best = {product: similarities[product_ids == product].max() for product in set(product_ids.tolist())}
    expected = sorted(best, key=lambda product: -best[product])[:k]
    found = EmbeddingIndex(embeddings, product_ids).nearest(query, k)
    assert [alternate.product_id for alternate in found] == expected
    assert [alternate.similarity for alternate in found] == pytest.approx([best[product] for product in expected])


def test_excluded_products_give_way_to_the_next() -> None:
    index = EmbeddingIndex(unit(60), np.repeat(np.arange(20), 3))
    query = unit(1, seed=4)[0]
    everything = [alternate.product_id for alternate in index.nearest(query, 20)]
    some = [alternate.product_id for alternate in index.nearest(query, 5, exclude=set(everything[:3]))]
    assert some == everything[3:8]


def test_one_product_with_very_many_pictures_does_not_hide_the_others() -> None:
    query = unit(1)[0]
    crowd = np.tile(query, (3000, 1))
    index = EmbeddingIndex(np.vstack([crowd, unit(5, seed=2)]), np.array([7] * 3000 + [1, 2, 3, 4, 5]))
    assert {alternate.product_id for alternate in index.nearest(query, 6)} == {7, 1, 2, 3, 4, 5}


def test_an_empty_index_has_no_alternates() -> None:
    assert EmbeddingIndex(np.empty((0, 16), np.float32), np.empty(0, np.int64)).nearest(unit(1)[0], 8) == []
    assert EmbeddingIndex(unit(4), np.arange(4)).nearest(unit(1)[0], 0) == []


def test_arrays_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(ValueError, match="do not go with"):
        EmbeddingIndex(unit(4), np.arange(5))
