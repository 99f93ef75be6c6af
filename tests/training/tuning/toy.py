"""A search that costs nothing: a formula in the place of training, so that studies are tested in milliseconds.

As a program, `python toy.py DATABASE STUDY TRIALS HELD GATE`, it is one of several processes at work on a study; in the
HELD-th trial that it begins it waits until the file GATE is there.
"""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path

from optuna.storages import BaseStorage
from optuna.study import Study

from ml.training.settings import TrainSettings
from ml.training.tuning.objective import TrialObjective
from ml.training.tuning.rehearsal import Marks, Told
from ml.training.tuning.search_plan import plan_search
from ml.training.tuning.storage import open_storage
from ml.training.tuning.strategies import build_pruner, build_sampler
from ml.training.tuning.study import open_study, run_trials

EPOCHS = 9


class FormulaBench:
    """The nearer the settings are to a best point the smaller the loss, reached evenly over EPOCHS epochs."""

    def __init__(self, dies_at: int = 0, held_at: int = 0, gate: Path | None = None) -> None:
        self.tried: list[TrainSettings] = []
        self.epochs = 0
        self.dies_at, self.held_at, self.gate = dies_at, held_at, gate

    def try_out(self, settings: TrainSettings, told: Told) -> Marks:
        self.tried.append(settings)
        if len(self.tried) == self.dies_at:
            raise KeyboardInterrupt
        while self.gate and len(self.tried) == self.held_at and not self.gate.exists():
            time.sleep(0.02)
        marks, end = Marks(0.0, 3.0), loss_of(settings)
        for epoch in range(1, EPOCHS + 1):
            self.epochs += 1
            marks = Marks(1 / (1 + end), end + (3 - end) * (1 - epoch / EPOCHS))
            told("bottleneck", epoch / EPOCHS, marks)
        return marks


def loss_of(settings: TrainSettings) -> float:
    """Between 0.1 and 3; the untuned settings are far from the best."""
    far = (math.log10(settings.top_rate) + 1.7) ** 2 + 8 * (settings.dropout - 0.5) ** 2
    far += 0.5 * (settings.top_optimizer != "adam") + 0.1 * (math.log2(settings.dimensions / 128)) ** 2
    return 3 - 2.9 * math.exp(-far)


def run_toy(
    storage: BaseStorage,
    name: str,
    trials: int,
    bench: FormulaBench,
    *,
    sampler: str = "random",
    pruner: str = "none",
    seed: int = 0,
) -> Study:
    """The study of the formula in a storage, run to so many finished trials."""
    space = plan_search(("vgg16",), ())
    study = open_study(storage, name, {"about": "a formula"}, space.place_of_untuned())
    study.sampler, study.pruner = build_sampler(sampler, space, seed), build_pruner(pruner)
    run_trials(study, TrialObjective(space, bench), trials, lambda _: None)
    return study


if __name__ == "__main__":
    database, study_name, wanted, held, gate = sys.argv[1:]
    bench = FormulaBench(held_at=int(held), gate=Path(gate))
    run_toy(open_storage(f"sqlite:///{database}"), study_name, int(wanted), bench)
