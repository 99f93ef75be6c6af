"""How much a send weighs, and how sure a base rate is, when e-mails of one send resemble each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.conversions.calibration import Observed
from ml.conversions.families import Family
from ml.conversions.grouping import sums_by_group

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
LIKENESS_OF_AMOUNTS = 0.01
"""Aggregates do not tell how amounts scatter within a send: a send of amounts weighs like at most a hundred e-mails."""


def likeness(rates: Floats, emails: Floats, family: Family) -> float:
    """The intraclass correlation of sends, 0 to 1: how much more rates of sends scatter than those of lone e-mails.

    By moments: the variance of a rate is p(1 - p)/n * (1 + (n - 1) * likeness). It counts what the model will explain
    as likeness too, so that it is rather too high, and large sends weigh rather too little.
    """
    if family.kind == "amount":
        return LIKENESS_OF_AMOUNTS
    base = float(np.average(rates, weights=emails))
    surplus = float((emails - 1).sum())
    if surplus <= 0 or not 0 < base < 1:
        return 0.0
    scatter = float(emails @ (rates - base) ** 2) / (base * (1 - base))
    return float(np.clip((scatter - len(rates)) / surplus, 0, 1))


def weights_of(emails: Floats, alike: float) -> Floats:
    """(N,): each send's e-mails as if they were independent of each other; 0 stays 0. (Kish's design effect, 1965.)"""
    return np.asarray(emails / (1 + np.maximum(emails - 1, 0) * alike), np.float64)


def base_error(observed: Observed, family: Family) -> float:
    """The standard error of the base rate's margin, as the groups scatter; never below that of lone e-mails."""
    base, emails = observed.base_rate, float(observed.emails.sum())
    residuals = sums_by_group(observed.emails * (observed.rates - base), observed.groups)
    error = float(np.sqrt((residuals**2).sum() * len(residuals) / max(len(residuals) - 1, 1))) / emails
    if family.kind == "share":
        base = float(np.clip(base, 0.5 / (emails + 1), 1 - 0.5 / (emails + 1)))
        error = max(error, float(np.sqrt(base * (1 - base) / emails)))
    return error / max(family.slope(base), 1e-12)


@dataclass(frozen=True)
class Departure:
    """The variance, on the scale of margins, by which products, say, depart from their means, and its standard error.

    Where rows are of one recipient each and events rare, the error is far larger than what it is about.
    """

    variance: float
    error: float

    @property
    def sure(self) -> float:
        """The standard deviation that is beyond doubt, 0 where it could be luck: less one standard error."""
        return float(np.sqrt(max(self.variance - self.error, 0.0)))

    def supposed(self, assumed: float) -> float:
        """The likely variance where a deviation of about `assumed` was expected before anything was seen.

        What was seen and what was expected count by their errors; what is expected is as uncertain as it is large.
        """
        seen, expected = 1 / max(self.error, 1e-12) ** 2, 1 / assumed**4
        return max((seen * self.variance + expected * assumed**2) / (seen + expected), 0.0)


def unexplained(means: Floats, observed: Observed, places: Integers, family: Family, spread: float) -> Departure:
    """By how much products, pictures or whatever `places` (N,) names depart from their means.

    `means` come from models that have not seen the row's product. By moments, as in meta-analysis (DerSimonian and
    Laird, 1986): what scatters beyond the luck of the draw. `spread` is the standard deviation of an amount over
    e-mails.
    """
    emails = observed.emails
    slopes = emails * (means * (1 - means) if family.kind == "share" else means)
    luck = slopes if family.kind == "share" else emails * spread**2
    missed = sums_by_group(emails * (observed.rates - means), places)
    variance = np.maximum(sums_by_group(luck, places), 1e-12)
    weights = max(float((sums_by_group(slopes, places) ** 2 / variance).sum()), 1e-12)
    surpluses = missed**2 / variance - 1
    error = float(surpluses.std() * np.sqrt(len(surpluses)))
    return Departure(float(surpluses.sum()) / weights, error / weights)
