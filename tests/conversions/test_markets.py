"""Worlds: campaigns of one market share its effects, and what is measured is measured in a market of its own."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import conversions
from benchmarks.drawn_pictures import drawn_pictures
from ml.conversions.rows import Pictures
from ml.conversions.simulators import simulate_funnel


def test_another_world_is_another_market_for_the_same_sends(pictures: Pictures) -> None:
    here, again, elsewhere = (simulate_funnel(pictures, 400, seed=1, world=world) for world in (0, 0, 1))
    assert (here.rows.picture == elsewhere.rows.picture).all()
    assert (here.truth["click_to_open"] == again.truth["click_to_open"]).all()
    assert np.corrcoef(here.truth["click_to_open"], elsewhere.truth["click_to_open"])[0, 1] < 0.5


def test_augments_move_embeddings_alike_in_one_world_and_otherwise_in_another() -> None:
    def brightened(seed: int, world: int) -> np.ndarray:
        drawn = drawn_pictures(300, seed=seed, world=world)
        original, brighter = (
            drawn.embeddings[drawn.augments == name].mean(axis=0) for name in ("original", "brighter")
        )
        return np.asarray((brighter - original) / np.linalg.norm(brighter - original))

    assert brightened(1, 0) @ brightened(2, 0) > 0.9
    assert abs(brightened(1, 0) @ brightened(1, 7)) < 0.7


def test_the_benchmark_measures_where_no_choice_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Products, market and campaigns are of the benchmark's own seed: none of them is of market 0."""
    seen: list[Pictures] = []
    for name in ("_published", "_funnel", "_shuffled", "_small", "_training_time"):
        monkeypatch.setattr(conversions, name, lambda pictures, _: seen.append(pictures) or iter(()))
    monkeypatch.setattr(conversions, "PRODUCTS", 20)
    assert not list(conversions.measure())
    theirs = drawn_pictures(20, dimensions=conversions.DIMENSIONS)
    assert len(seen) == 5 and not set(seen[0].groups) & set(theirs.groups)
    ours = conversions.simulate_market(seen[0], 200, seed=1)
    assert (ours.truth["open"] != simulate_funnel(seen[0], 200, seed=1).truth["open"]).any()
