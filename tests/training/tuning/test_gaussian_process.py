"""The Gaussian process: it compares what is comparable, and finds a low place with few questions."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng
from numpy.typing import NDArray

from ml.training.tuning.gaussian_process import propose
from ml.training.tuning.search_plan import plan_search
from ml.training.tuning.unit_cube import UnitCube

SPACE = plan_search(("vgg16", "vgg16-dense"), ())
CUBE = UnitCube(SPACE.distributions, SPACE.conditions)


def test_places_and_choices_go_over_into_each_other() -> None:
    for point in default_rng(1).random((20, CUBE.dimensions)):
        chosen = CUBE.params(point)
        again = CUBE.params(CUBE.place(chosen))
        assert all(_alike(value, chosen[name]) for name, value in again.items())
        assert 1 <= chosen["epochs"] <= 60
        assert isinstance(chosen["batch_size"], int)


def _alike(one: object, other: object) -> bool:
    return one == pytest.approx(other) if isinstance(one, float) else one == other


def test_what_means_nothing_makes_no_difference() -> None:
    chosen = SPACE.place_of_untuned() | {"optimizer": "adam", "network": "vgg16-dense"}
    points = np.stack([CUBE.place(chosen | {"momentum": 0.1, "dimensions": 32}), CUBE.place(chosen)])
    alike, same = CUBE.features(points)
    assert alike == pytest.approx(same)
    chosen["optimizer"] = "sgd"
    points = np.stack([CUBE.place(chosen | {"momentum": momentum}) for momentum in (0.1, 0.9)])
    one, other = CUBE.features(points)
    assert one != pytest.approx(other)


def test_few_questions_find_a_low_place() -> None:
    def height(point: NDArray[np.float64]) -> float:
        return float((point - [0.2, 0.7, 0.5]) ** 2 @ [4, 2, 0.1])

    random = default_rng(3)
    points = random.random((6, 3))
    for _ in range(12):
        scores = np.array([height(point) for point in points])
        points = np.concatenate([points, propose(lambda places: places, points, scores, random)[None]])
    by_chance = [min(height(point) for point in default_rng(seed).random((18, 3))) for seed in range(20)]
    assert min(height(point) for point in points) < np.median(by_chance) / 3


def test_equal_scores_are_no_trouble() -> None:
    points = default_rng(5).random((8, 3))
    assert propose(lambda places: places, points, np.ones(8), default_rng(6)).shape == (3,)
