"""Every optimiser learns; a picture's weight counts as if it were there more often."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.random import default_rng

from ml.training.learner import Learner, Score, build_optimizer
from ml.training.optimizers import OPTIMIZERS

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]
FEATURES = default_rng(0).normal(size=(6, 8)).astype(np.float32)
TARGETS = np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2]]


def open_learner(optimizer: Any) -> Learner:
    import keras

    keras.utils.set_random_seed(4)
    entrance = keras.Input((8,))
    return Learner(keras.Model(entrance, [entrance, keras.layers.Dense(3)(entrance)]), optimizer)


@pytest.mark.parametrize("weight_decay", [None, 0.0])
@pytest.mark.parametrize("name", [optimizer.name for optimizer in OPTIMIZERS])
def test_every_optimiser_learns(name: str, weight_decay: float | None) -> None:
    learner, losses = open_learner(build_optimizer(name, weight_decay, momentum=0.5)), []
    for _ in range(20):
        score = Score()
        learner.learn(FEATURES, TARGETS, 0.05, score)
        losses.append(score.mean_loss)
    assert losses[-1] < 0.8 * losses[0]


def test_an_unknown_optimiser_is_refused() -> None:
    with pytest.raises(ValueError, match="no optimiser 'lion'"):
        build_optimizer("lion")


def test_a_weight_of_two_is_the_picture_twice() -> None:
    twice, weighted = (open_learner(build_optimizer("sgd", 0.0, 0.0)) for _ in range(2))
    twice.learn(np.concatenate([FEATURES, FEATURES[:1]]), np.concatenate([TARGETS, TARGETS[:1]]), 0.7, Score())
    weighted.learn(FEATURES, TARGETS * np.array([[2, 1, 1, 1, 1, 1]], np.float32).T, 0.6, score := Score())
    for ours, theirs in zip(twice.variables[:2], weighted.variables[:2], strict=True):
        assert np.asarray(ours) == pytest.approx(np.asarray(theirs), abs=1e-5)
    assert score.labelled == 6
