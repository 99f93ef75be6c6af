"""The search space as a cube: every choice a number between 0 and 1, for a model that knows nothing but numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from ml.training.tuning.search_space import Conditions, Distributions

Floats = NDArray[np.float64]
MIDDLE = 0.5
ONE_HOT = math.sqrt(0.5)
"""Two different choices of a category are as far apart as the ends of a range."""


class UnitCube:
    """Points of the cube have one number for each name: logarithms where the range asks for it, the place of a choice.

    Features are what a model compares points by: whole numbers are rounded and choices are told apart before it sees
    them, and what means nothing in a point lies in the middle: points that train alike are alike.
    """

    def __init__(self, distributions: Distributions, conditions: Conditions) -> None:
        self.distributions = dict(distributions)
        self._names = list(distributions)
        self._conditions = conditions

    @property
    def dimensions(self) -> int:
        return len(self._names)

    def place(self, params: Mapping[str, Any]) -> Floats:
        """The point (names,) of some choices; what was not chosen lies in the middle."""
        return np.array([self._place(name, params[name]) if name in params else MIDDLE for name in self._names])

    def params(self, point: Floats) -> dict[str, Any]:
        """The choices at a point, those that mean nothing there included."""
        return {name: self._value(name, float(place)) for name, place in zip(self._names, point, strict=True)}

    def features(self, points: Floats) -> Floats:
        """(N, names) points -> (N, features)."""
        columns = []
        for number, name in enumerate(self._names):
            places, distribution = points[:, number], self.distributions[name]
            if isinstance(distribution, CategoricalDistribution):
                chosen = np.minimum((places * len(distribution.choices)).astype(int), len(distribution.choices) - 1)
                columns += list(ONE_HOT * np.eye(len(distribution.choices))[chosen].T)
            else:
                columns.append(np.where(self._means_something(name, points), self._snapped(name, places), MIDDLE))
        return np.stack(columns, axis=1)

    def _means_something(self, name: str, points: Floats) -> NDArray[np.bool_]:
        if name not in self._conditions:
            return np.ones(len(points), bool)
        parent, allowed = self._conditions[name]
        places = points[:, self._names.index(parent)]
        return np.array([self._value(parent, float(place)) in allowed for place in places])

    def _snapped(self, name: str, places: Floats) -> Floats:
        """Where whole numbers truly lie."""
        distribution = self.distributions[name]
        if not isinstance(distribution, IntDistribution):
            return places
        low, high, is_log = self._ends(name)
        numbers = low + places * (high - low)
        whole = np.clip(np.round(np.exp(numbers) if is_log else numbers), distribution.low, distribution.high)
        return np.asarray(((np.log(whole) if is_log else whole) - low) / (high - low))

    def _place(self, name: str, value: Any) -> float:
        distribution = self.distributions[name]
        if isinstance(distribution, CategoricalDistribution):
            return (distribution.choices.index(value) + MIDDLE) / len(distribution.choices)
        low, high, is_log = self._ends(name)
        number = math.log(value) if is_log else float(value)
        return min(1.0, max(0.0, (number - low) / (high - low)))

    def _value(self, name: str, place: float) -> Any:
        distribution = self.distributions[name]
        if isinstance(distribution, CategoricalDistribution):
            count = len(distribution.choices)
            return distribution.choices[min(int(place * count), count - 1)]
        low, high, is_log = self._ends(name)
        number = low + place * (high - low)
        number = math.exp(number) if is_log else number
        assert isinstance(distribution, IntDistribution | FloatDistribution)
        if isinstance(distribution, IntDistribution):
            number = round(number)
        return min(max(number, distribution.low), distribution.high)

    def _ends(self, name: str) -> tuple[float, float, bool]:
        """The range of a number, half a step wider for whole ones so that their ends are as likely as the others."""
        distribution = self.distributions[name]
        assert isinstance(distribution, IntDistribution | FloatDistribution)
        margin = 0.5 if isinstance(distribution, IntDistribution) else 0.0
        low, high = distribution.low - margin, distribution.high + margin
        return (math.log(low), math.log(high), True) if distribution.log else (low, high, False)
