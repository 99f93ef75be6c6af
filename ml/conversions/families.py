"""How a target's margin (what the trees add up) becomes a mean, and what a wrong mean costs.

Shares have the logistic link and the log-loss; amounts the logarithmic link and the deviance of a Poisson quasi-
likelihood, which is right about the mean whatever the spread (McCullagh and Nelder, 1989, chapter 9).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
SMALLEST = 1e-7


@dataclass(frozen=True)
class Family:
    """Shares or amounts; `objective` is XGBoost's name for it."""

    kind: Literal["share", "amount"]
    objective: str

    def mean(self, margin: ArrayLike) -> Floats:
        """The mean that a margin stands for."""
        bounded = np.clip(np.asarray(margin, np.float64), -30, 30)
        return np.asarray(1 / (1 + np.exp(-bounded)) if self.kind == "share" else np.exp(bounded), np.float64)

    def margin(self, mean: ArrayLike) -> Floats:
        """The margin of a mean; means that cannot be are moved to the nearest that can."""
        if self.kind == "share":
            share = np.clip(np.asarray(mean, np.float64), SMALLEST, 1 - SMALLEST)
            return np.asarray(np.log(share / (1 - share)), np.float64)
        return np.asarray(np.log(np.maximum(np.asarray(mean, np.float64), SMALLEST)), np.float64)

    def losses(self, means: ArrayLike, rates: Floats) -> Floats:
        """(N,): what each mean costs where `rates` came of it, for each e-mail."""
        if self.kind == "share":
            share = np.clip(np.asarray(means, np.float64), SMALLEST, 1 - SMALLEST)
            return np.asarray(-(rates * np.log(share) + (1 - rates) * np.log(1 - share)), np.float64)
        amount = np.maximum(np.asarray(means, np.float64), SMALLEST)
        return np.asarray(amount - rates * np.log(amount), np.float64)

    def slope(self, mean: float) -> float:
        """How fast the mean grows with the margin."""
        return mean * (1 - mean) if self.kind == "share" else mean


SHARE = Family("share", "binary:logistic")
AMOUNT = Family("amount", "count:poisson")
