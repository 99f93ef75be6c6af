"""The verdict: untuned and tuned settings trained by the ordinary recipe with the same seed, and the better one kept.

What won a search was chosen because it scored best, so a part of its lead is luck. The tuned model is therefore kept
only where it is worse in neither accuracy nor log-loss on validation pictures, as served, and better in one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from optuna.study import Study

from ml.serving.bundle import Bundle
from ml.training.settings import TrainSettings
from ml.training.tuning.search_space import SearchSpace
from ml.training.tuning.storage import UNTUNED
from ml.training.tuning.study import best_of, untuned_trial

Train = Callable[[str, TrainSettings], Bundle]
"""The ordinary recipe: a name for the run's folder and settings -> the bundle."""


@dataclass(frozen=True)
class Verdict:
    """Which model is kept, and the validation numbers of both; `tuned` is None where no trial beat the untuned one."""

    kept: Bundle
    trial: int | None
    untuned: Mapping[str, float]
    tuned: Mapping[str, float] | None

    @property
    def sentence(self) -> str:
        """What was decided, in words."""
        if self.tuned is None:
            return f"no trial beat the untuned settings, which are kept ({_said(self.untuned)})"
        both = f"tuned {_said(self.tuned)}; untuned {_said(self.untuned)}"
        if self.trial is None:
            return f"tuning did not help, the untuned settings are kept ({both})"
        return f"the settings of trial {self.trial} are kept ({both})"


def judge(study: Study, space: SearchSpace, train: Train) -> Verdict:
    """Train the untuned settings and those of the best trial; the verdict."""
    untuned = train("untuned", space.untuned)
    best = _finalist(study)
    if best is None:
        return Verdict(untuned, None, numbers_of(untuned), None)
    number, params = best
    tuned = train(f"trial-{number:03d}", space.settings(params))
    better = is_better(numbers_of(tuned), numbers_of(untuned))
    kept = tuned if better else untuned
    return Verdict(kept, number if better else None, numbers_of(untuned), numbers_of(tuned))


def is_better(tuned: Mapping[str, float], untuned: Mapping[str, float]) -> bool:
    """Whether it is worse in neither number and better in one."""
    gains = (tuned["accuracy"] - untuned["accuracy"], untuned["log_loss"] - tuned["log_loss"])
    return min(gains) >= 0 and max(gains) > 0


def numbers_of(bundle: Bundle) -> dict[str, float]:
    """What the served model reaches on the validation pictures."""
    numbers = bundle.card.metrics["validation"]
    return {name: float(numbers[name]) for name in ("accuracy", "log_loss")}


def _finalist(study: Study) -> tuple[int, dict[str, Any]] | None:
    """The best trial that is no less accurate than the untuned one; None where that is the untuned one itself."""
    untuned = untuned_trial(study)
    best = best_of(study, untuned.user_attrs["accuracy"] if untuned else 0.0)
    return (best.number, best.params) if best and not best.user_attrs.get(UNTUNED) else None


def _said(numbers: Mapping[str, float]) -> str:
    return f"accuracy {numbers['accuracy']:.3f}, log-loss {numbers['log_loss']:.3f}"
