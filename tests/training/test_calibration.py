"""Temperature, thresholds and answer sets keep their promises on pictures that they were not fitted on."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng

from ml.serving.pipeline import answer_set, ranked
from ml.training.calibration import (
    calibration_error_by_chance,
    catalogue_evidence,
    catalogue_score,
    expected_calibration_error,
    fit_answer_set,
    fit_temperature,
    fit_threshold,
    label_prototypes,
    log_loss,
    softmax,
)


def overconfident(pictures: int = 4000, labels: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits three times as large as they should be, and labels drawn from the honest probabilities."""
    random = default_rng(seed)
    honest = random.normal(0, 1.5, (pictures, labels)).astype(np.float32)
    targets = np.array([random.choice(labels, p=row / row.sum()) for row in softmax(honest).astype(float)])
    return honest * 3, targets


def test_temperature_finds_the_excess_and_makes_probabilities_honest() -> None:
    logits, targets = overconfident()
    temperature = fit_temperature(logits, targets)
    assert temperature == pytest.approx(3, rel=0.1)
    calibrated = softmax(logits / temperature)
    assert log_loss(calibrated, targets) < log_loss(softmax(logits), targets)
    assert expected_calibration_error(calibrated, targets) < 0.03 < expected_calibration_error(softmax(logits), targets)


def test_honest_probabilities_show_the_error_of_chance() -> None:
    random = np.random.default_rng(3)
    sure = random.uniform(0.5, 1, 400).astype(np.float32)
    probabilities = np.stack([sure, 1 - sure], axis=1)
    by_chance = calibration_error_by_chance(probabilities)
    shown = [expected_calibration_error(probabilities, (random.random(400) >= sure).astype(int)) for _ in range(200)]
    assert by_chance == pytest.approx(np.mean(shown), rel=0.05)
    assert calibration_error_by_chance(np.tile(probabilities, (100, 1))) < by_chance / 5


def test_a_handful_of_pictures_moves_the_temperature_little() -> None:
    logits = np.float32([[8, 0, 0], [0, 8, 0], [0, 0, 8], [0, 8, 0]])
    mistaken = np.array([0, 1, 2, 0])
    few, many = fit_temperature(logits, mistaken), fit_temperature(np.tile(logits, (100, 1)), np.tile(mistaken, 100))
    assert 1 < few < 2.5
    assert many > 4


def test_nothing_held_out_leaves_the_temperature_alone() -> None:
    assert fit_temperature(np.zeros((0, 3), np.float32), np.zeros(0, np.int64)) == 1


def test_answer_sets_cover_what_they_promise() -> None:
    logits, targets = overconfident()
    probabilities = softmax(logits / 3)
    quantile = fit_answer_set(probabilities[:2000], targets[:2000], 0.9)
    names = [str(label) for label in range(6)]
    sets = [answer_set(ranked(names, row), quantile) for row in probabilities[2000:]]
    covered = np.mean([str(target) in chosen for target, chosen in zip(targets[2000:], sets, strict=True)])
    assert 0.885 <= covered < 0.96
    assert 1 < np.mean([len(chosen) for chosen in sets]) < 6


def test_easy_pictures_leave_a_doubtful_photo_its_doubt() -> None:
    easy = np.tile(np.array([0.97, 0.02, 0.01], np.float32), (100, 1))
    quantile = fit_answer_set(easy, np.zeros(100, np.int64), 0.9)
    names = ["a", "b", "c"]
    assert answer_set(ranked(names, easy[0]), quantile) == ("a",)
    assert answer_set(ranked(names, np.float32([0.5, 0.42, 0.08])), quantile) == ("a", "b")


def test_too_few_pictures_give_the_set_of_all_labels() -> None:
    assert fit_answer_set(np.array([[0.9, 0.1]], np.float32), np.array([0]), 0.9) == 1


def test_threshold_separates_shoes_from_non_shoes_however_many_there_are() -> None:
    random = default_rng(1)
    shoes = random.normal([3, 0.8], [1, 0.08], (1000, 2)).astype(np.float32)
    negatives = random.normal([-1, 0.4], [1, 0.08], (60, 2)).astype(np.float32)
    threshold = fit_threshold(shoes[:500], negatives[:30], "validation")
    assert (catalogue_score(threshold, shoes[500:]) >= 0).mean() > 0.97
    assert (catalogue_score(threshold, negatives[30:]) < 0).mean() > 0.97
    assert "500 shoes and 30 non-shoes of the validation split" in threshold.fitted_on


def test_without_non_shoes_the_threshold_keeps_95_percent_and_says_so() -> None:
    shoes = default_rng(2).normal([3, 0.8], [1, 0.1], (1000, 2)).astype(np.float32)
    threshold = fit_threshold(shoes, np.zeros((0, 2), np.float32), "validation")
    assert (catalogue_score(threshold, shoes) >= 0).mean() == pytest.approx(0.95, abs=0.002)
    assert "no non-shoes" in threshold.fitted_on


def test_prototypes_are_unit_means_and_evidence_looks_at_the_nearest() -> None:
    embeddings = np.array([[1, 0], [0.6, 0.8], [0, 1]], np.float32)
    prototypes = label_prototypes(embeddings, np.array([0, 0, 1]), 3)
    assert np.linalg.norm(prototypes, axis=1) == pytest.approx([1, 1, 0])
    evidence = catalogue_evidence(embeddings, np.array([[0.5, 0.5, 0]] * 3, np.float32), prototypes)
    assert evidence[:, 0] == pytest.approx([0, 0, 0])
    assert evidence[2, 1] == pytest.approx(1)
