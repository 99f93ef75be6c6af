"""Numbers about labels, against worked examples and scikit-learn's own."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng

from ml.training.calibration import calibration_bins, expected_calibration_error
from ml.training.class_measures import (
    AngleScore,
    ConfusedPair,
    accuracy_by_angle,
    accuracy_interval,
    box_of,
    confused_pairs,
    confusion_matrix,
    label_scores,
    macro_f1,
)
from ml.training.evaluation import measure

# Ten pictures of three labels: of four 0s three are found, of four 1s two, of two 2s one.
TARGETS = np.array([0, 0, 0, 0, 1, 1, 1, 1, 2, 2])
ANSWERED = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 1])


def test_the_confusion_matrix_has_right_labels_in_rows() -> None:
    assert confusion_matrix(TARGETS, ANSWERED, 3).tolist() == [[3, 1, 0], [0, 2, 2], [0, 1, 1]]


def test_precision_recall_and_f1_by_hand() -> None:
    first, second, third = label_scores(confusion_matrix(TARGETS, ANSWERED, 3))
    assert (first.precision, first.recall, first.support) == (1, 0.75, 4)
    assert first.f1 == pytest.approx(6 / 7)
    assert (second.precision, second.recall, second.f1) == (0.5, 0.5, 0.5)
    assert (third.precision, third.recall) == (pytest.approx(1 / 3), 0.5)
    assert third.f1 == pytest.approx(0.4)
    assert macro_f1(confusion_matrix(TARGETS, ANSWERED, 3)) == pytest.approx((6 / 7 + 0.5 + 0.4) / 3)


def test_the_numbers_are_those_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    random = default_rng(1)
    targets, answered = random.integers(0, 7, 200), random.integers(0, 9, 200)
    targets[targets == 3] = 2  # a label that is only answered, and label 9, which never occurs
    confusion = confusion_matrix(targets, answered, 10)
    scores = label_scores(confusion)
    theirs = metrics.precision_recall_fscore_support(targets, answered, labels=range(10), zero_division=0)
    for ours, column in zip(("precision", "recall", "f1", "support"), theirs, strict=True):
        assert [getattr(score, ours) for score in scores] == pytest.approx(column.tolist())
    assert macro_f1(confusion) == pytest.approx(metrics.f1_score(targets, answered, average="macro", zero_division=0))


def test_the_pairs_most_often_confused() -> None:
    confusion = np.array([[5, 2, 0, 0], [1, 9, 0, 0], [2, 0, 1, 0], [0, 0, 0, 0]])
    assert confused_pairs(confusion, 2) == (ConfusedPair(2, 0, 2, pytest.approx(2 / 3)), ConfusedPair(0, 1, 2, 2 / 7))
    assert confused_pairs(np.diag([3, 4]), 5) == ()


def test_accuracy_by_angle_leaves_out_pictures_without_one() -> None:
    angles = np.array([90, 0, 90, -1, 0, 0])
    right = np.array([True, True, False, False, True, False])
    assert accuracy_by_angle(angles, right) == (AngleScore(0, 3, pytest.approx(2 / 3)), AngleScore(90, 2, 0.5))


def test_the_interval_of_an_accuracy() -> None:
    assert accuracy_interval(0.5, 100) == (pytest.approx(0.4038, abs=1e-4), pytest.approx(0.5962, abs=1e-4))
    assert accuracy_interval(1.0, 10) == (pytest.approx(0.7225, abs=1e-4), pytest.approx(1))
    assert accuracy_interval(0.0, 0) == (0, 1)


def test_a_box_plot_by_hand() -> None:
    box = box_of([9, 2, 3, 4, 5, 6, 40])
    assert (box.first_quartile, box.median, box.third_quartile) == (3.5, 5, 7.5)
    assert (box.low_whisker, box.high_whisker, box.outliers) == (2, 9, (40,))
    assert (box.count, box.lowest, box.highest) == (7, 2, 40)
    with pytest.raises(ValueError, match="nothing"):
        box_of([])


def test_calibration_bins_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.45, 0.55]], np.float32)
    low, high = calibration_bins(probabilities, np.array([0, 1, 1, 0]), bins=4)
    assert (low.low, low.high, low.pictures, low.accuracy) == (0.5, 0.75, 2, 0.5)
    assert low.confidence == pytest.approx(0.625)
    assert (high.pictures, high.accuracy) == (2, 0.5)
    error = expected_calibration_error(probabilities, np.array([0, 1, 1, 0]), bins=4)
    assert error == pytest.approx((0.125 + 0.35) / 2)
    assert expected_calibration_error(np.zeros((0, 2), np.float32), np.zeros(0, np.int64)) == 0


def test_measure_gives_the_macro_f1_beside_the_accuracy() -> None:
    probabilities = np.full((10, 3), 0.1, np.float32)
    probabilities[np.arange(10), ANSWERED] = 0.8
    numbers = measure(probabilities, TARGETS)
    assert (numbers["accuracy"], numbers["top5"]) == (0.6, 1)
    assert numbers["macro_f1"] == pytest.approx(0.58571, abs=1e-5)
