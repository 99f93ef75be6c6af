"""After training: honest probabilities, prototypes, when to say "not in our catalogue", how many answers are enough.

All of it is fitted on pictures that the network did not learn from, in numbers that the served graph gives.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.serving.bundle import Threshold

Floats = NDArray[np.float32]
SMALLEST_PROBABILITY = 1e-6
KEPT_WITHOUT_NEGATIVES = 0.95
LOG_TEMPERATURE_SPREAD = 0.5
"""Standard deviation of the prior of log(temperature): 95 % of it lies between 0.37 and 2.7."""
BINS = 15
"""Of the calibration curve, as in the literature."""


def softmax(logits: Floats) -> Floats:
    """(N, labels) logits -> probabilities."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def log_loss(probabilities: Floats, targets: NDArray[np.int64]) -> float:
    """The mean negative log-probability of the right label."""
    right = probabilities[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(right, 1e-12)).mean())


def fit_temperature(logits: Floats, targets: NDArray[np.int64]) -> float:
    """The divisor of the logits that held-out pictures make likeliest; 1 where there are none.

    Its logarithm has a normal prior around 0: a handful of pictures moves it little, hundreds go where the log-loss is
    smallest.
    """
    from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]

    if not len(targets):
        return 1.0

    def unlikelihood(exponent: float) -> float:
        told = len(targets) * log_loss(softmax(logits / math.exp(exponent)), targets)
        return told + (exponent / LOG_TEMPERATURE_SPREAD) ** 2 / 2

    return float(math.exp(minimize_scalar(unlikelihood, bounds=(-3, 3), method="bounded").x))


@dataclass(frozen=True)
class CalibrationBin:
    """The pictures whose highest probability lies between `low` and `high`: how sure, and how often right."""

    low: float
    high: float
    pictures: int
    confidence: float
    accuracy: float


def calibration_bins(probabilities: Floats, targets: NDArray[np.int64], bins: int = BINS) -> tuple[CalibrationBin, ...]:
    """The calibration curve: bins of equal width in confidence, those without a picture left out.

    Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", 2017.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    return tuple(
        CalibrationBin(
            place / bins,
            (place + 1) / bins,
            int((places == place).sum()),
            float(confidence[places == place].mean()),
            float(right[places == place].mean()),
        )
        for place in range(bins)
        if (places == place).any()
    )


def expected_calibration_error(probabilities: Floats, targets: NDArray[np.int64], bins: int = BINS) -> float:
    """The mean distance between confidence and accuracy, over bins of confidence weighted by their pictures."""
    curve = calibration_bins(probabilities, targets, bins)
    return sum(place.pictures * abs(place.accuracy - place.confidence) for place in curve) / max(1, len(targets))


def calibration_error_by_chance(probabilities: Floats, bins: int = BINS, draws: int = 200) -> float:
    """The calibration error that honest probabilities would show on so few pictures: the mean over simulated outcomes.

    Each picture is right as often as its highest probability says, so that what is left is the luck of the draw.
    """
    if not len(probabilities):
        return 0.0
    confidence = probabilities.max(axis=1)
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    right = np.random.default_rng(0).random((draws, len(confidence))) < confidence
    gaps = [np.abs((right[:, places == place] - confidence[places == place]).sum(axis=1)) for place in range(bins)]
    return float(np.sum(gaps, axis=0).mean() / len(confidence))


def label_prototypes(embeddings: Floats, targets: NDArray[np.int64], labels: int) -> Floats:
    """(labels, D): the mean embedding of each label's pictures, made a unit vector; zeros where a label has none."""
    prototypes = np.zeros((labels, embeddings.shape[1]), np.float64)
    np.add.at(prototypes, targets, embeddings)
    lengths = np.linalg.norm(prototypes, axis=1, keepdims=True)
    return np.asarray(prototypes / np.maximum(lengths, 1e-12), np.float32)


def catalogue_evidence(embeddings: Floats, probabilities: Floats, prototypes: Floats) -> Floats:
    """(N, 2): the log-odds of the likeliest label, and the highest cosine similarity to a prototype."""
    highest = np.clip(probabilities.max(axis=1), SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    return np.stack([np.log(highest / (1 - highest)), (embeddings @ prototypes.T).max(axis=1)], axis=1)


def catalogue_score(threshold: Threshold, evidence: Floats) -> Floats:
    """(N,): at least 0 where a picture counts as a shoe of the catalogue."""
    weights = np.array([threshold.probability_weight, threshold.similarity_weight], np.float32)
    return np.asarray(evidence @ weights + threshold.intercept, np.float32)


def fit_threshold(shoes: Floats, negatives: Floats, split: str) -> Threshold:
    """When a picture counts as a shoe of the catalogue, from the evidence of held-out shoes and non-shoes.

    Logistic regression in which both kinds weigh the same, however many there are of each. Without non-shoes the
    threshold keeps 95 % of the shoes, and `fitted_on` says so.
    """
    if not len(negatives) or not len(shoes):
        return _keep_most(shoes, split)
    from sklearn.linear_model import LogisticRegression

    evidence = np.concatenate([shoes, negatives])
    is_shoe = np.repeat([1, 0], [len(shoes), len(negatives)])
    spread = evidence.std(axis=0) + 1e-6
    model = LogisticRegression(class_weight="balanced").fit(evidence / spread, is_shoe)
    weights = model.coef_[0] / spread
    threshold = Threshold(float(weights[0]), float(weights[1]), float(model.intercept_[0]), "")
    kept = float((catalogue_score(threshold, shoes) >= 0).mean())
    refused = float((catalogue_score(threshold, negatives) < 0).mean())
    fitted_on = (
        f"{len(shoes)} shoes and {len(negatives)} non-shoes of the {split} split: "
        f"{kept:.1%} of the former kept, {refused:.1%} of the latter refused"
    )
    return Threshold(threshold.probability_weight, threshold.similarity_weight, threshold.intercept, fitted_on)


def fit_answer_set(probabilities: Floats, targets: NDArray[np.int64], coverage: float) -> float:
    """The quantile: the likeliest labels that sum to it hold the right one in at least `coverage` of all cases.

    Adaptive prediction sets, as `ml.serving.pipeline.answer_set` makes them: the score of a picture is the sum of the
    probabilities of what seems likelier than its right label. Never below `coverage`: where the held-out pictures were
    easy, one answer would always be enough for them, and a doubtful photo still gets as many as its own probabilities
    ask for. 1 (all labels) where there are too few pictures.
    """
    place = math.ceil((len(targets) + 1) * coverage)
    if place > len(targets):
        return 1.0
    right = probabilities[np.arange(len(targets)), targets]
    likelier = np.where(probabilities > right[:, None], probabilities, 0).sum(axis=1)
    # The sum before the right label has to stay below the quantile for the right label to be in the set.
    return min(1.0, max(coverage, float(np.nextafter(np.sort(likelier)[place - 1], np.inf))))


def _keep_most(shoes: Floats, split: str) -> Threshold:
    if not len(shoes):
        return Threshold(1.0, 0.0, 0.0, "nothing: there were neither held-out shoes nor non-shoes")
    lowest = float(np.quantile(shoes[:, 0], 1 - KEPT_WITHOUT_NEGATIVES))
    return Threshold(
        1.0, 0.0, -lowest, f"{len(shoes)} shoes of the {split} split and no non-shoes: it keeps 95 % of the shoes"
    )
