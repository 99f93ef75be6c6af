"""The probe learns from train pictures, chooses by validation pictures, and is scored on those of the test."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng

from ml.training.pretraining.probe import fit_and_ask
from ml.training.pretraining.probe_log import draw_probes


def features(labels: np.ndarray, noise: float) -> np.ndarray:
    directions = default_rng(0).normal(size=(10, 20))
    return (directions[labels] + default_rng(len(labels)).normal(0, noise, (len(labels), 20))).astype(np.float32)


def test_separable_features_are_told_apart_and_noise_is_not() -> None:
    targets = {"train": np.arange(200) % 10, "validation": np.arange(50) % 10, "test": np.arange(80) % 10}
    clear = fit_and_ask({split: features(own, 0.3) for split, own in targets.items()}, targets)
    assert clear["test"].top1 > 0.95
    assert clear["test"].pictures == 80
    noisy = fit_and_ask({split: features(own, 50.0) for split, own in targets.items()}, targets)
    assert noisy["test"].top1 < 0.35
    assert noisy["test"].log_loss > 2
    assert noisy["test"].top5 > noisy["test"].top1


def test_a_label_that_training_never_had_is_missed() -> None:
    targets = {"train": np.arange(60) % 3, "validation": np.arange(9) % 3, "test": np.array([0, 1, 2, 7])}
    reached = fit_and_ask({split: features(own, 0.1) for split, own in targets.items()}, targets)
    assert reached["test"].top1 == pytest.approx(0.75)


def test_the_curve_of_no_probe_is_a_picture_too() -> None:
    assert draw_probes([]).startswith("<svg")
