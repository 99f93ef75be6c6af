"""Who chooses the next settings, and who ends a trial that leads nowhere: by the names of the command line."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.pruners import BasePruner, HyperbandPruner, NopPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from ml.training.tuning.gaussian_process import GaussianProcessSampler
from ml.training.tuning.search_space import SearchSpace
from ml.training.tuning.unit_cube import UnitCube

SAMPLERS = ("tpe", "random", "gp")
PRUNERS = ("none", "hyperband")
LEVELS = 27
"""In how many parts a trial's course is divided for Hyperband: rungs lie at 1/9 and 1/3 of it, whatever its epochs."""

FIRST_LEVEL, REDUCTION = 3, 3
TPE_STARTUP = 10


class SeededByTrial(BaseSampler):
    """A sampler that is made anew for each trial, `make(seed)`, from the study's seed and the trial's number.

    So a study that was stopped goes on as if it had not been, and two processes never draw the same.
    """

    def __init__(self, make: Callable[[int], BaseSampler], seed: int) -> None:
        self._make, self._seed = make, seed
        self._sampler = make(seed)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        self._sampler = self._make(int(np.random.SeedSequence((self._seed, trial.number)).generate_state(1)[0]))
        self._sampler.before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return self._sampler.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        return self._sampler.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        self._sampler.after_trial(study, trial, state, values)


def build_sampler(name: str, space: SearchSpace, seed: int) -> BaseSampler:
    """A sampler by its name. Raises ValueError where there is none."""
    cube = UnitCube(space.distributions, space.conditions)
    makers: dict[str, Callable[[int], BaseSampler]] = {
        "tpe": _tree_of_parzen_estimators,
        "random": RandomSampler,
        "gp": lambda own: GaussianProcessSampler(cube, seed, own),
    }
    if name not in makers:
        raise ValueError(f"there is no sampler {name!r}: choose {', '.join(SAMPLERS)}")
    return SeededByTrial(makers[name], seed)


def build_pruner(name: str) -> BasePruner:
    """A pruner by its name. Raises ValueError where there is none."""
    if name not in PRUNERS:
        raise ValueError(f"there is no pruner {name!r}: choose {', '.join(PRUNERS)}")
    return HyperbandPruner(FIRST_LEVEL, LEVELS, REDUCTION) if name == "hyperband" else NopPruner()


def _tree_of_parzen_estimators(seed: int) -> BaseSampler:
    """Bergstra and others (2011), over all settings together, trials under way counted as bad ones."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return TPESampler(n_startup_trials=TPE_STARTUP, multivariate=True, group=True, constant_liar=True, seed=seed)
