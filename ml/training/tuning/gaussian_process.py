"""Search by a Gaussian process: a model of what settings score, and the expected improvement that says where to look.

As in Jones, Schonlau and Welch, Efficient Global Optimization of Expensive Black-Box Functions (1998), with the Matern
5/2 kernel of Snoek, Larochelle and Adams (2012), whole numbers and categories rounded before the kernel sees them
(Garrido-Merchan and Hernandez-Lobato, 2020), and length scales held back by a prior that widens with the number of
settings as in Hvarfner, Hellsten and Nardi (2024): without one a dozen of them follow the noise of twenty trials.
Optuna's own needs PyTorch; this one does not.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ml.training.tuning.study import FINISHED
from ml.training.tuning.unit_cube import Floats, UnitCube

if TYPE_CHECKING:
    from sklearn.gaussian_process import GaussianProcessRegressor

STARTUP = 8
"""Trials spread evenly over the cube before the model is asked."""

CANDIDATES, NEAR_BEST, ROUNDS = 1024, 4, 3
STEPS = (0.03, 0.1, 0.3)
SCALE, SPREAD = 0.3, 0.7
"""Length scales are expected about SCALE times the root of their number. The published prior (e^1.4 and 1.7) is so
smooth that a few dozen trials hardly bend it, and the search runs into the corners of the cube.
"""

SMALLEST_NOISE, LARGEST_NOISE = 1e-4, 0.5


class GaussianProcessSampler(BaseSampler):
    """Optuna's sampler; made anew for each trial with a seed of its own, `cube_seed` is that of the whole study."""

    def __init__(self, cube: UnitCube, cube_seed: int, seed: int) -> None:
        self._cube = cube
        self._cube_seed = cube_seed
        self._random = default_rng(seed)
        self._independent = RandomSampler(seed=seed)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return self._cube.distributions

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        points, scores = self._seen(study)
        if len(scores) < STARTUP:
            return self._cube.params(_spread_point(self._cube.dimensions, self._cube_seed, trial.number))
        return self._cube.params(propose(self._cube.features, points, scores, self._random))

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        return self._independent.sample_independent(study, trial, param_name, param_distribution)

    def _seen(self, study: Study) -> tuple[Floats, Floats]:
        """Points and scores, smaller is better. Trials under way count as middling, so that two do not try the same."""
        sign = 1 if study.direction == StudyDirection.MINIMIZE else -1
        trials = study.get_trials(deepcopy=False)
        done = [one for one in trials if one.state in FINISHED and one.value is not None]
        running = [one for one in trials if one.state == TrialState.RUNNING and one.params]
        scores = [sign * float(one.value) for one in done if one.value is not None]
        if not scores:
            return np.zeros((0, self._cube.dimensions)), np.zeros(0)
        points = np.stack([self._cube.place(one.params) for one in [*done, *running]])
        return points, np.array([*scores, *[float(np.median(scores))] * len(running)])


def propose(features: Callable[[Floats], Floats], points: Floats, scores: Floats, random: Generator) -> Floats:
    """The point (names,) of the cube with the largest expected improvement that a search finds; smaller is better."""
    with threadpool_limits(1):  # matrices this small only lose by being shared out
        return _propose(features, points, scores, random)


def _propose(features: Callable[[Floats], Floats], points: Floats, scores: Floats, random: Generator) -> Floats:
    heights = _standardised(scores)
    model, noise = _fit(features(points), heights, int(random.integers(2**31)))

    def improvement(candidates: Floats) -> Floats:
        return expected_improvement(model, features(candidates), float(heights.min()), noise)

    best = points[np.argsort(heights)[:NEAR_BEST]]
    near = [_steps_around(point, CANDIDATES // 4, random) for point in best]
    candidates = np.concatenate([random.random((CANDIDATES, points.shape[1])), *near])
    for _ in range(ROUNDS):
        chosen = candidates[int(improvement(candidates).argmax())]
        candidates = np.concatenate([chosen[None], _steps_around(chosen, CANDIDATES // 4, random)])
    return np.asarray(candidates[int(improvement(candidates).argmax())])


def expected_improvement(model: GaussianProcessRegressor, features: Floats, best: float, noise: float) -> Floats:
    """(N,): by how much each is expected to fall below `best`, above the noise of the measurement."""
    from scipy.stats import norm  # type: ignore[import-untyped]

    mean, deviation = model.predict(features, return_std=True)
    deviation = np.sqrt(np.maximum(deviation**2 - noise, 1e-12))
    gain = best - mean
    return np.asarray(gain * norm.cdf(gain / deviation) + deviation * norm.pdf(gain / deviation))


def _standardised(scores: Floats) -> Floats:
    """Mean 0, deviation 1, with the worst held back: how bad a bad one is does not help to tell good ones apart."""
    middle = float(np.median(scores))
    held_back = np.minimum(scores, middle + 2 * (middle - float(scores.min())))
    return np.asarray((held_back - held_back.mean()) / (held_back.std() or 1.0))


def _fit(features: Floats, heights: Floats, seed: int) -> tuple[GaussianProcessRegressor, float]:
    """The model, and the variance of the noise that it found."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    count = features.shape[1]
    smooth = Matern(np.full(count, 1.0), (0.05, 100.0), nu=2.5)
    kernel = ConstantKernel(1.0, (0.05, 20.0)) * smooth + WhiteKernel(0.01, (SMALLEST_NOISE, LARGEST_NOISE))
    model = GaussianProcessRegressor(kernel, optimizer=_with_prior(count), random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a length scale at its bound: a setting without effect
        model.fit(features, heights)
    return model, float(np.exp(model.kernel_.theta[-1]))


def _with_prior(count: int) -> Callable[..., tuple[NDArray[np.float64], float]]:
    """The likeliest kernel, given log-normal length scales: theta holds the logarithms of height, scales and noise."""
    centre, spread = math.log(SCALE * math.sqrt(count)), SPREAD

    def minimise(loss: Callable[..., Any], start: Floats, bounds: Floats) -> tuple[NDArray[np.float64], float]:
        from scipy.optimize import minimize  # type: ignore[import-untyped]

        def penalised(theta: Floats) -> tuple[float, Floats]:
            height, slope = loss(theta)
            away = (theta[1 : 1 + count] - centre) / spread
            slope = slope.copy()
            slope[1 : 1 + count] += away / spread
            return float(height) + float((away**2).sum()) / 2, slope

        found = minimize(penalised, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 100})
        return found.x, float(found.fun)

    return minimise


def _steps_around(point: Floats, count: int, random: Generator) -> Floats:
    """Points near another: some of its numbers moved by a little or more, here and there one drawn anew."""
    shape = (count, len(point))
    moved = point + random.normal(0, 1, shape) * random.choice(STEPS, (count, 1))
    stays = random.random(shape) > np.maximum(random.random((count, 1)), 1.5 / len(point))
    anew = random.random(shape) < 0.5 / len(point)
    return np.asarray(np.clip(np.where(anew, random.random(shape), np.where(stays, point, moved)), 0, 1))


def _spread_point(dimensions: int, seed: int, number: int) -> Floats:
    """Number `number` of a scrambled Sobol sequence: whichever process takes it, the cube is covered evenly."""
    from scipy.stats import qmc

    sequence = qmc.Sobol(dimensions, seed=seed)
    if number:
        sequence.fast_forward(number)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a single point is no power of two that balances
        return np.asarray(sequence.random(1)[0])
