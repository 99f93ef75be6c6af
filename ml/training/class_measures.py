"""What accuracy hides: which labels are found, which are taken for which, and from which side.

Pure functions of answers, in the standard words: precision, recall, F1, support, confusion matrix, Wilson interval,
Tukey's box plot.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
WHISKER = 1.5
"""Tukey: a whisker reaches the last value within so many interquartile ranges of the box; the rest are outliers."""


@dataclass(frozen=True)
class LabelScore:
    """One label among the answers; `label` is its position. A share of nothing is 0, as in scikit-learn."""

    label: int
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class ConfusedPair:
    """`pictures` pictures of `label` were answered with `answered`; `share` is their share of the label's pictures."""

    label: int
    answered: int
    pictures: int
    share: float


@dataclass(frozen=True)
class AngleScore:
    """Accuracy on the pictures of one viewing angle."""

    angle_deg: int
    pictures: int
    accuracy: float


@dataclass(frozen=True)
class Box:
    """The numbers of a box plot: quartiles, whiskers after Tukey, and what lies beyond them."""

    count: int
    lowest: float
    low_whisker: float
    first_quartile: float
    median: float
    third_quartile: float
    high_whisker: float
    highest: float
    outliers: tuple[float, ...]


def confusion_matrix(targets: Counts, answered: Counts, labels: int) -> Counts:
    """(labels, labels): at row t and column a how many pictures of label t were answered with a."""
    cells = np.bincount(targets * labels + answered, minlength=labels * labels)
    return cells.reshape(labels, labels).astype(np.int64)


def label_scores(confusion: Counts) -> tuple[LabelScore, ...]:
    """Precision, recall, F1 and support of every label, in the order of the labels."""
    right, support, given = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    return tuple(
        LabelScore(
            label,
            precision=_share(right[label], given[label]),
            recall=_share(right[label], support[label]),
            f1=_share(2 * right[label], given[label] + support[label]),
            support=int(support[label]),
        )
        for label in range(len(confusion))
    )


def macro_f1(confusion: Counts) -> float:
    """The mean F1 of the labels that occur, as right label or as answer: each counts alike, however rare it is."""
    occurs = (confusion.sum(axis=0) + confusion.sum(axis=1)) > 0
    scores = [score.f1 for score in label_scores(confusion) if occurs[score.label]]
    return float(np.mean(scores)) if scores else 0.0


def confused_pairs(confusion: Counts, most: int) -> tuple[ConfusedPair, ...]:
    """The `most` pairs of right label and wrong answer with the most pictures; of equals the larger share first."""
    support = confusion.sum(axis=1)
    pairs = [
        ConfusedPair(int(label), int(answered), int(confusion[label, answered]), _share(confusion[label, answered], n))
        for label, answered in np.argwhere(confusion > 0)
        if label != answered and (n := support[label])
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.pictures, -pair.share, pair.label, pair.answered))[:most])


def accuracy_by_angle(angles_deg: Counts, right: NDArray[np.bool_]) -> tuple[AngleScore, ...]:
    """Accuracy at each viewing angle, rising; pictures with a negative angle have none and are left out."""
    return tuple(
        AngleScore(int(angle), int((angles_deg == angle).sum()), float(right[angles_deg == angle].mean()))
        for angle in np.unique(angles_deg[angles_deg >= 0])
    )


def accuracy_interval(accuracy: float, pictures: int, z: float = 1.96) -> tuple[float, float]:
    """Where the true accuracy lies with 95 % confidence, by Wilson, "Probable Inference", JASA 22 (1927)."""
    if not pictures:
        return 0.0, 1.0
    middle = (accuracy + z * z / (2 * pictures)) / (1 + z * z / pictures)
    spread = z / (1 + z * z / pictures)
    half = spread * math.sqrt(accuracy * (1 - accuracy) / pictures + z * z / (4 * pictures * pictures))
    return max(0.0, middle - half), min(1.0, middle + half)


def box_of(values: Sequence[float]) -> Box:
    """The box plot of one or more values; quartiles by linear interpolation. Raises ValueError where there are none."""
    if not len(values):
        raise ValueError("there is no box plot of nothing")
    ordered = np.sort(np.asarray(values, np.float64))
    first, middle, third = (float(quartile) for quartile in np.quantile(ordered, (0.25, 0.5, 0.75)))
    reach = WHISKER * (third - first)
    inside = ordered[(ordered >= first - reach) & (ordered <= third + reach)]
    outside = ordered[(ordered < first - reach) | (ordered > third + reach)]
    return Box(
        count=len(ordered),
        lowest=float(ordered[0]),
        low_whisker=float(inside[0]),
        first_quartile=first,
        median=middle,
        third_quartile=third,
        high_whisker=float(inside[-1]),
        highest=float(ordered[-1]),
        outliers=tuple(float(value) for value in outside),
    )


def _share(part: np.int64, whole: np.int64) -> float:
    return float(part) / float(whole) if whole else 0.0
