"""What a trial does: choose settings, give them a try, and say after every epoch how good they are."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optuna.exceptions import TrialPruned
from optuna.trial import Trial

from ml.training.recipe import BOTTLENECK
from ml.training.tuning.bench import Bench
from ml.training.tuning.rehearsal import Marks
from ml.training.tuning.search_space import SearchSpace
from ml.training.tuning.storage import UNTUNED
from ml.training.tuning.strategies import LEVELS

LOG_LOSS, ACCURACY = "log-loss", "accuracy"
GOALS = (LOG_LOSS, ACCURACY)


@dataclass(frozen=True)
class TrialObjective:
    """Called by the study with each trial; the untuned one is trained with exactly its settings and never ended early.

    Its score is a log-loss, where smaller is better, or an accuracy, where larger is, by `goal`.
    """

    space: SearchSpace
    bench: Bench
    goal: str = LOG_LOSS

    def __call__(self, trial: Trial) -> float:
        started, is_untuned = time.monotonic(), bool(trial.user_attrs.get(UNTUNED))
        chosen = self.space.suggest(trial)
        settings = self.space.untuned if is_untuned else self.space.settings(chosen)
        level = 0

        def told(step: str, share: float, marks: Marks) -> None:
            nonlocal level
            reached = int(share * LEVELS + 1e-9)
            if reached <= level or (self.space.stage == "fine" and step == BOTTLENECK):
                return
            level = reached
            trial.report(self.score(marks), level)
            if not is_untuned and level < LEVELS and trial.should_prune():
                self._note(trial, marks, started)
                raise TrialPruned

        marks = self.bench.try_out(settings, told)
        self._note(trial, marks, started)
        return self.score(marks)

    def score(self, marks: Marks) -> float:
        """The number that is searched by."""
        return marks.accuracy if self.goal == ACCURACY else marks.log_loss

    def _note(self, trial: Trial, marks: Marks, started: float) -> None:
        notes = {
            "accuracy": marks.accuracy,
            "log_loss": marks.log_loss,
            "seconds": round(time.monotonic() - started, 2),
        }
        for name, note in notes.items():
            trial.set_user_attr(name, note)


def in_words(params: Mapping[str, Any]) -> str:
    """The choices of a trial in one line."""
    return ", ".join(
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}" for name, value in params.items()
    )
