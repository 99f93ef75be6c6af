"""From a model's margins to probabilities that keep their word, and never worse than quoting the base rate.

Everything here is fitted on margins that come from models which have not seen the row's group.

1. Platt's sigmoid, or isotonic regression where there are at least ISOTONIC_ROWS rows and it does better on groups that
   it was not fitted on. (Platt, 1999; Zadrozny and Elkan, 2002; isotonic overfits small tables.)
2. A weight between 0 and 1 by which the probabilities are drawn towards the base rate, fitted on such groups too.
3. The weight is 0, so that the base rate alone is quoted, unless the gain over it is at least NEEDED_GAIN standard
   errors, as the groups scatter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ml.conversions.families import Family
from ml.conversions.grouping import folds_of, sums_by_group

Floats = NDArray[np.float64]
ISOTONIC_ROWS = 1000
FOLDS = 5
NEEDED_GAIN = 3.0
SMOOTHING = 1.0
"""A step of the isotonic curve holds so many e-mails of the base rate besides its own: never exactly 0 or 1."""
LEAST_STEP, LEAST_SHARE = 100, 0.02
"""E-mails in a step of the isotonic curve, and their share of all: the ends would else be single pictures' luck."""


@dataclass(frozen=True)
class Observed:
    """What came of the rows that a target is fitted on: rates (N,), e-mails (N,) and groups (N,)."""

    rates: Floats
    emails: Floats
    groups: NDArray[np.int64]

    @property
    def base_rate(self) -> float:
        """The rate over all e-mails."""
        return float(np.average(self.rates, weights=self.emails))

    def part(self, which: NDArray[np.bool_]) -> Observed:
        """The rows that a mask chooses."""
        return Observed(self.rates[which], self.emails[which], self.groups[which])


@dataclass(frozen=True)
class Calibrator:
    """A rising curve from margin to mean: `mean(slope * margin + intercept)`, or through the points (xs, ys)."""

    kind: str
    slope: float = 1.0
    intercept: float = 0.0
    xs: tuple[float, ...] = ()
    ys: tuple[float, ...] = ()

    def means(self, margins: Floats, family: Family) -> Floats:
        """The calibrated means of margins, of any shape."""
        if self.kind == "isotonic":
            return np.asarray(np.interp(margins, self.xs, self.ys), np.float64)
        return family.mean(self.slope * margins + self.intercept)


@dataclass(frozen=True)
class Calibration:
    """The curve, the weight of the model against the base rate, and `tested` (N,): means from unseen groups."""

    calibrator: Calibrator
    weight: float
    tested: Floats


def fit_sigmoid(margins: Floats, observed: Observed, family: Family) -> Calibrator:
    """The slope (never falling) and intercept that make what was observed likeliest."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    total = observed.emails.sum()

    def cost(places: Floats) -> tuple[float, Floats]:
        means = family.mean(places[0] * margins + places[1])
        excess = observed.emails * (means - observed.rates) / total
        loss = float(observed.emails @ family.losses(means, observed.rates) / total)
        return loss, np.array([excess @ margins, excess.sum()])

    start = np.array([0.0, float(family.margin(observed.base_rate))])
    found = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=[(0.0, 10.0), (-40.0, 40.0)]).x
    return Calibrator("sigmoid", float(found[0]), float(found[1]))


def fit_isotonic(margins: Floats, observed: Observed) -> Calibrator:
    """The rising steps nearest to what was observed, joined by straight lines between the middles of the steps."""
    from scipy.optimize import isotonic_regression

    order = np.argsort(margins, kind="stable")
    ordered, emails = margins[order], observed.emails[order]
    starts = _wide_enough(isotonic_regression(observed.rates[order], weights=emails).blocks[:-1], emails)
    held = np.add.reduceat(emails, starts)
    middles = np.add.reduceat(emails * ordered, starts) / held
    happened = np.add.reduceat(emails * observed.rates[order], starts)
    heights = np.maximum.accumulate((happened + SMOOTHING * observed.base_rate) / (held + SMOOTHING))
    return Calibrator("isotonic", xs=tuple(middles.tolist()), ys=tuple(heights.tolist()))


def _wide_enough(starts: NDArray[np.int64], emails: Floats) -> NDArray[np.int64]:
    """The starts of steps, those that hold too few e-mails joined to the next one, the last to the one before it."""
    least = max(LEAST_STEP, LEAST_SHARE * float(emails.sum()))
    kept, held = [0], 0.0
    for start, step in zip(starts, np.add.reduceat(emails, starts), strict=True):
        if held >= least:
            kept.append(int(start))
            held = 0.0
        held += float(step)
    return np.array(kept[:-1] if held < least and len(kept) > 1 else kept)


def calibrate(margins: Floats, observed: Observed, family: Family, *, rows: int, seed: int = 0) -> Calibration:
    """Choose and fit the curve and the weight; `rows` is how many rows there were before like ones were merged."""
    fits: dict[str, Callable[[Floats, Observed], Calibrator]] = {"sigmoid": partial(fit_sigmoid, family=family)}
    if rows >= ISOTONIC_ROWS:
        fits["isotonic"] = fit_isotonic
    fold = folds_of(observed.groups, FOLDS, seed)
    tested = {kind: np.empty(len(margins)) for kind in fits}
    bases = np.empty(len(margins))
    for place in np.unique(fold):
        out = fold == place
        seen = observed.part(~out)
        bases[out] = seen.base_rate
        for kind, fit in fits.items():
            tested[kind][out] = fit(margins[~out], seen).means(margins[out], family)
    kind = min(fits, key=lambda name: float(observed.emails @ family.losses(tested[name], observed.rates)))
    weight = _weight(tested[kind], bases, observed, family)
    return Calibration(fits[kind](margins, observed), weight, bases + weight * (tested[kind] - bases))


def _weight(means: Floats, bases: Floats, observed: Observed, family: Family) -> float:
    """How much the model counts against the base rate, 0 where its gain could be luck."""
    from scipy.optimize import minimize_scalar

    def loss(weight: float) -> float:
        return float(observed.emails @ family.losses(bases + weight * (means - bases), observed.rates))

    weight = float(minimize_scalar(loss, bounds=(0, 1), method="bounded").x)
    gains = family.losses(bases, observed.rates) - family.losses(bases + weight * (means - bases), observed.rates)
    by_group = sums_by_group(observed.emails * gains, observed.groups)
    error = float(by_group.std(ddof=1)) * np.sqrt(len(by_group)) if len(by_group) > 1 else np.inf
    return weight if by_group.sum() > NEEDED_GAIN * error and weight > 0.01 else 0.0
