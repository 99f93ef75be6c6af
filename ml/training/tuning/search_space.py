"""What is searched: the settings that trials try, their ranges, and which of them only mean something with others.

The learning rate is searched as a multiple of what is usual for the optimiser: the same number then means the same for
all of them, so that what one trial learned with Adam helps another with SGD.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial

from ml.networks.table import network_named
from ml.training.contestants import Contestant
from ml.training.optimizers import OPTIMIZERS, optimizer_named
from ml.training.settings import TrainSettings, changed

NETWORK, OPTIMIZER, RATE, EPOCHS, MOMENTUM, DIMENSIONS = (
    *("network", "optimizer", "rate_times", "epochs"),
    *("momentum", "dimensions"),
)
SMALLEST_DECAY = 1e-5
Distributions = Mapping[str, BaseDistribution]
Conditions = Mapping[str, tuple[str, frozenset[str]]]
"""Name -> the name that it depends on, and with which choices of that it means something."""


@dataclass(frozen=True)
class SearchSpace:
    """Ranges around the settings of each contestant, of which the first one's are the untuned ones.

    `stage` is what learns: "top" (the top model on features) or "fine" (what follows). `fixed` are settings that a
    person chose and that are not searched. `most_epochs` None is twice the untuned number.
    """

    contestants: tuple[Contestant, ...]
    stage: str = "top"
    fixed: frozenset[str] = frozenset()
    most_epochs: int | None = None

    @property
    def untuned(self) -> TrainSettings:
        return self.contestants[0].settings

    @property
    def distributions(self) -> dict[str, BaseDistribution]:
        """The range of everything that is searched; what others depend on comes first."""
        epochs = self._epochs
        ranges: dict[str, tuple[str, BaseDistribution]] = {
            NETWORK: ("", CategoricalDistribution([contestant.name for contestant in self.contestants])),
            OPTIMIZER: (f"{self.stage}_optimizer", CategoricalDistribution([one.name for one in OPTIMIZERS])),
            RATE: (f"{self.stage}_rate", FloatDistribution(0.03, 30, log=True)),
            EPOCHS: (f"{self.stage}_epochs", IntDistribution(*epochs, log=True)),
            DIMENSIONS: (DIMENSIONS, IntDistribution(32, 1024, log=True)),
            "weight_decay": ("weight_decay", FloatDistribution(SMALLEST_DECAY, 0.5, log=True)),
            MOMENTUM: (MOMENTUM, FloatDistribution(0, 0.98)),
            "batch_size": ("batch_size", IntDistribution(16, 256, log=True)),
            "dropout": ("dropout", FloatDistribution(0, 0.7)),
            "label_smoothing": ("label_smoothing", FloatDistribution(0, 0.3)),
        }
        kept = {name: found for name, (setting, found) in ranges.items() if setting not in self.fixed}
        if len(self.contestants) == 1:
            del kept[NETWORK]
        return {name: found for name, found in kept.items() if self._can_mean_something(name)}

    @property
    def conditions(self) -> Conditions:
        """Momentum needs an optimiser that has it, a width a network that leaves it open; where both are searched."""
        needs = {
            MOMENTUM: (OPTIMIZER, frozenset(one.name for one in OPTIMIZERS if one.momentum is not None)),
            DIMENSIONS: (NETWORK, frozenset(one.name for one in self.contestants if _any_width(one))),
        }
        searched = self.distributions
        return {name: need for name, need in needs.items() if name in searched and need[0] in searched}

    def suggest(self, trial: Trial) -> dict[str, Any]:
        """The choices of a trial, asked of its sampler one after another."""
        chosen: dict[str, Any] = {}
        for name, distribution in self.distributions.items():
            if self.means_something(name, chosen):
                chosen[name] = _ask(trial, name, distribution)
        return chosen

    def means_something(self, name: str, chosen: Mapping[str, Any]) -> bool:
        """Whether a name has to be chosen, beside what was chosen before it."""
        parent, allowed = self.conditions.get(name, ("", frozenset()))
        return not parent or chosen.get(parent) in allowed

    def settings(self, chosen: Mapping[str, Any]) -> TrainSettings:
        """The settings that choices stand for. Raises ValueError where they cannot be."""
        before = self._contestant(chosen.get(NETWORK)).settings
        optimizer = chosen.get(OPTIMIZER, getattr(before, f"{self.stage}_optimizer"))
        plain = ("weight_decay", MOMENTUM, "batch_size", "dropout", "label_smoothing", DIMENSIONS)
        choices: dict[str, Any] = {name: chosen[name] for name in plain if name in chosen}
        choices[f"{self.stage}_optimizer"] = optimizer
        if optimizer_named(optimizer).momentum is None:
            choices[MOMENTUM] = None
        if EPOCHS in chosen:
            choices[f"{self.stage}_epochs"] = chosen[EPOCHS]
        if RATE in chosen:
            choices[f"{self.stage}_rate"] = float(f"{chosen[RATE] * self._usual_rate(optimizer, before):.4g}")
        return changed(before, **choices)

    def place_of_untuned(self) -> dict[str, Any]:
        """The choices that come nearest to the untuned settings: where a sampler is to see their score."""
        settings = self.untuned
        optimizer = getattr(settings, f"{self.stage}_optimizer")
        usual = optimizer_named(optimizer)
        wanted: dict[str, Any] = {
            NETWORK: self.contestants[0].name,
            OPTIMIZER: optimizer,
            RATE: getattr(settings, f"{self.stage}_rate") / self._usual_rate(optimizer, settings),
            EPOCHS: getattr(settings, f"{self.stage}_epochs"),
            DIMENSIONS: settings.dimensions,
            "weight_decay": usual.weight_decay if settings.weight_decay is None else settings.weight_decay,
            MOMENTUM: (usual.momentum if settings.momentum is None else settings.momentum) or 0.0,
            "batch_size": settings.batch_size,
            "dropout": settings.dropout,
            "label_smoothing": settings.label_smoothing,
        }
        places: dict[str, Any] = {}
        for name, distribution in self.distributions.items():
            if self.means_something(name, wanted):
                places[name] = _into_range(wanted[name], distribution)
        return places

    @property
    def _epochs(self) -> tuple[int, int]:
        usual = int(getattr(self.untuned, f"{self.stage}_epochs"))
        most = self.most_epochs or 2 * usual
        return max(1, min(usual, most) // 6), most

    def _can_mean_something(self, name: str) -> bool:
        if name == DIMENSIONS:
            return any(_any_width(contestant) for contestant in self.contestants)
        if name == MOMENTUM and f"{self.stage}_optimizer" in self.fixed:
            return optimizer_named(getattr(self.untuned, f"{self.stage}_optimizer")).momentum is not None
        return True

    def _contestant(self, name: str | None) -> Contestant:
        return next((one for one in self.contestants if one.name == name), self.contestants[0])

    def _usual_rate(self, optimizer: str, settings: TrainSettings) -> float:
        row = optimizer_named(optimizer)
        return row.rate if self.stage == "top" or settings.is_from_scratch else row.fine_tuning_rate


def _any_width(contestant: Contestant) -> bool:
    return network_named(contestant.settings.network).any_width


def _ask(trial: Trial, name: str, distribution: BaseDistribution) -> Any:
    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(name, distribution.choices)
    if isinstance(distribution, IntDistribution):
        return trial.suggest_int(name, distribution.low, distribution.high, log=distribution.log)
    assert isinstance(distribution, FloatDistribution)
    return trial.suggest_float(name, distribution.low, distribution.high, log=distribution.log)


def _into_range(value: Any, distribution: BaseDistribution) -> Any:
    if isinstance(distribution, IntDistribution | FloatDistribution):
        return min(max(value, distribution.low), distribution.high)
    return value
