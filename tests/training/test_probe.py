"""The probe learns from train pictures, chooses by validation pictures, and is scored on those of the test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.random import default_rng

from ml.training.learner import Score
from ml.training.pretraining.probe import Reached, fit_and_ask
from ml.training.pretraining.probe_log import add_probe, draw_probes
from ml.training.pretraining.watch import last_score
from ml.training.run_folder import RunFolder


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


def test_between_probes_the_last_one_counts_whoever_made_it(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    assert last_score(run, ("shoes",)) == Score()
    reached = {"validation": Reached(0.5, 1.0, 2.0, 10), "test": Reached(0.1, 0.2, 3.0, 20)}
    add_probe(run, {"epoch": 3, "size": 32, "pictures": 90}, {"hats": reached, "shoes": {"test": reached["test"]}})
    assert last_score(run, ("hats", "shoes")) == Score(20.0, 5, 10, 10)
    assert last_score(run, ("shoes", "hats")) == Score()
    assert last_score(run, ()) == Score()
