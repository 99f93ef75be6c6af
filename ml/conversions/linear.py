"""Where trees begin: a ridge regression on the scale of margins, each category with a coefficient of its own.

Most of what moves a rate adds up on that scale, and rare events suffice to see it. Trees on top say what does not add
up: their training begins at these margins (XGBoost's base margin).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.conversions.contexts import CONTEXT_FIELDS
from ml.conversions.families import Family

Floats = NDArray[np.float64]
Matrix = NDArray[np.float32]
PENALTIES = (10.0, 100.0)
"""What a coefficient's square costs, in log-loss of e-mails; which of them is chosen on groups that were kept apart."""
ROUNDS, CLOSE = 12, 1e-3


@dataclass(frozen=True)
class Line:
    """`slopes` (quantities,), and for each category in turn the margins of its values, one after the other."""

    intercept: float
    slopes: Floats
    steps: Floats

    def margins(self, matrix: Matrix) -> Floats:
        """(N,) from rows of features, quantities first."""
        quantities = len(self.slopes)
        codes = matrix[:, quantities:].astype(np.int64) + _starts()
        found = self.intercept + matrix[:, :quantities] @ self.slopes + self.steps[codes].sum(axis=1)
        return np.asarray(found, np.float64)

    def contributions(self, matrix: Matrix) -> Floats:
        """(N, columns): what each feature adds."""
        quantities = len(self.slopes)
        codes = matrix[:, quantities:].astype(np.int64) + _starts()
        return np.concatenate([matrix[:, :quantities] * self.slopes, self.steps[codes]], axis=1)

    @property
    def numbers(self) -> Floats:
        """All of it as one array: intercept, slopes, steps."""
        return np.concatenate([[self.intercept], self.slopes, self.steps])


def line_of(numbers: Floats, quantities: int) -> Line:
    """The line of an array as `Line.numbers` gives it; raises ValueError where its length is another."""
    if numbers.shape != (1 + quantities + sum(_sizes()),):
        raise ValueError(f"a line of {quantities} quantities does not have {numbers.shape} numbers")
    return Line(float(numbers[0]), numbers[1 : 1 + quantities], numbers[1 + quantities :])


class Plane:
    """A table's features, widened and scaled once for every line that is fitted on some of its rows."""

    def __init__(self, matrix: Matrix, types: Sequence[str]) -> None:
        self._quantities = list(types).count("q")
        # One scale for all quantities: what varies little is not blown up to the size of what varies much.
        spread = matrix[:, : self._quantities].std(axis=0).astype(np.float64)
        self._scale = 1 / max(float(np.sqrt(np.mean(spread**2))), 1e-6) if self._quantities else 1.0
        codes = matrix[:, self._quantities :].astype(np.int64) + _starts()
        wide = np.zeros((len(matrix), 1 + self._quantities + sum(_sizes())), np.float32)
        wide[:, 0] = 1
        wide[:, 1 : 1 + self._quantities] = matrix[:, : self._quantities] * self._scale
        for column in codes.T:
            wide[np.arange(len(matrix)), 1 + self._quantities + column] = 1
        self._wide = wide

    def fitted(self, which: NDArray[np.bool_], rates: Floats, weights: Floats, family: Family, penalty: float) -> Line:
        """The line that the chosen rows make likeliest at this penalty, by Newton's steps; the intercept is free."""
        kept = which & (weights > 0)
        wide, rates, weights = self._wide[kept], rates[kept], weights[kept]
        numbers = np.zeros(wide.shape[1])
        numbers[0] = float(family.margin(np.average(rates, weights=weights)))
        costs = np.full(len(numbers), penalty)
        costs[0] = 1e-6
        for _ in range(ROUNDS):
            means = family.mean(wide @ numbers)
            slopes = weights * (means * (1 - means) if family.kind == "share" else means)
            falling = wide.T @ (weights * (means - rates)).astype(np.float32) + costs * numbers
            bending = (wide * np.maximum(slopes, 1e-9)[:, None].astype(np.float32)).T @ wide
            step = np.linalg.solve(bending.astype(np.float64) + np.diag(costs), falling)
            numbers -= np.clip(step, -3, 3)
            if np.abs(step).max() < CLOSE:
                break
        numbers[1 : 1 + self._quantities] *= self._scale
        return line_of(numbers, self._quantities)


def _sizes() -> list[int]:
    return [len(values) for values in CONTEXT_FIELDS.values()]


def _starts() -> NDArray[np.int64]:
    """Where the steps of each category begin."""
    return np.cumsum([0, *_sizes()[:-1]]).astype(np.int64)
