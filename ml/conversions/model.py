"""A trained model: one calibrated set of trees a target, beside the base rate that it must beat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.conversions.boosting import Member
from ml.conversions.calibration import Calibrator
from ml.conversions.families import AMOUNT, SHARE, Family
from ml.conversions.features import FeatureSpace
from ml.conversions.targets import Target

Floats = NDArray[np.float64]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class TargetFacts:
    """What is known about one target's model.

    `base_rate` is the rate over all e-mails (cents where the target is an amount), `base_error` the standard error of
    its margin. `weight` is how much the model counts against it: 0 where it found nothing beyond luck. `of_products`,
    `of_pictures` and `of_uses` (an augment in a campaign type) are the standard deviations, on the scale of margins,
    by which these depart from what is predicted for them, as far as that is beyond doubt; `departing` is what has to
    be reckoned with in all. `spread` is the standard deviation of the amount over e-mails, 0 for shares.
    `metrics` are measured on groups unseen in training.
    """

    provenance: str
    rows: int
    groups: int
    emails: int
    base_rate: float
    base_error: float
    weight: float
    calibrator: Calibrator
    members: int
    rounds: int
    likeness: float
    of_products: float = 0.0
    of_pictures: float = 0.0
    of_uses: float = 0.0
    departing: float = 0.0
    spread: float = 0.0
    importances: Mapping[str, float] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scores:
    """Predictions of N pictures: means (N,), their interval, and calibrated margins (members, N), pairs in turn."""

    means: Floats
    low: Floats
    high: Floats
    margins: Floats


@dataclass(frozen=True)
class TargetModel:
    """One target's members, and how their margins become a probability (or cents)."""

    target: Target
    facts: TargetFacts
    members: tuple[Member, ...]

    @property
    def family(self) -> Family:
        """Shares or amounts."""
        return AMOUNT if self.target.is_amount else SHARE

    def scores(self, matrix: NDArray[np.float32]) -> Scores:
        """Predict rows of features, with intervals for each picture's own mean at 95 % confidence.

        An interval covers what other products would have taught the same model, the error of the base rate, and by how
        much pictures depart from what is predicted for them. It covers neither the luck of one send nor that people
        change.
        """
        raw = self._margins(matrix)
        margins = self.calibrated(raw)
        means = self.means_of(raw.mean(axis=0))
        middle = self.family.margin(means / self.scale)
        reach = np.hypot(two_sided(len(raw) // 2) * standard_errors(margins), self._other_reach())
        low, high = (self.scale * self.family.mean(middle + side * reach) for side in (-1, 1))
        return Scores(means, low, high, margins)

    @property
    def scale(self) -> float:
        """What margins are in units of: 1 for shares, the base rate for amounts."""
        return self.facts.base_rate if self.target.is_amount and self.facts.base_rate else 1.0

    def calibrated(self, margins: Floats) -> Floats:
        """The margins of the calibrated means, of any shape."""
        return self.family.margin(self.means_of(margins) / self.scale)

    def means_of(self, margins: Floats) -> Floats:
        """Calibrated means, drawn towards the base rate by the weight."""
        base = self.facts.base_rate
        if not self.facts.weight:
            return np.full(margins.shape, base)
        told = self.scale * self.facts.calibrator.means(margins, self.family)
        return np.asarray(base + self.facts.weight * (told - base), np.float64)

    def base_interval(self) -> tuple[float, float]:
        """Where the base rate itself lies, with 95 % confidence."""
        middle = float(self.family.margin(self.facts.base_rate / self.scale))
        reach = 1.96 * self.facts.base_error
        low, high = (float(self.scale * self.family.mean(middle + side * reach)) for side in (-1, 1))
        return low, high

    def _margins(self, matrix: NDArray[np.float32]) -> Floats:
        if not self.members:
            return np.zeros((2, len(matrix)))
        return np.stack([member.margins(matrix) for member in self.members])

    def _other_reach(self) -> float:
        """How far the base rate's error and what is unexplained reach, on the scale of margins."""
        return float(1.96 * np.hypot(self.facts.base_error, self.facts.departing))


@dataclass(frozen=True)
class ConversionModel:
    """Models of all targets that rows were known for, over one space of features.

    `bundle` names the bundle whose embeddings they were trained on, `digest` the rows.
    """

    space: FeatureSpace
    targets: Mapping[str, TargetModel]
    bundle: str
    digest: str

    def of(self, target: Target) -> TargetModel:
        """The model of a target; raises ValueError where no row told of it."""
        if target.name not in self.targets:
            raise ValueError(f"no campaign rows tell of {target.title.lower()} yet: import some, or simulate them")
        return self.targets[target.name]


def standard_errors(margins: Floats) -> Floats:
    """(N,) from margins (members, N): a quarter of the mean squared difference of pairs, square-rooted."""
    differences = margins[::2] - margins[1::2]
    return np.asarray(np.sqrt((differences**2).mean(axis=0)) / 2, np.float64)


def two_sided(pairs: int, comparisons: int = 1) -> float:
    """Student's quantile for CONFIDENCE with one degree of freedom a pair, Bonferroni's for several comparisons."""
    from scipy.special import stdtrit  # type: ignore[import-untyped]

    return float(stdtrit(max(pairs, 1), 1 - (1 - CONFIDENCE) / 2 / max(comparisons, 1)))
