"""The verdict: what is kept never validates worse than the untuned model, however a search was misled."""

from __future__ import annotations

from dataclasses import replace

import optuna
import pytest
from optuna.storages import InMemoryStorage

from ml.serving.bundle import Bundle
from ml.training.settings import TrainSettings
from ml.training.tuning.objective import TrialObjective
from ml.training.tuning.rehearsal import Marks, Told
from ml.training.tuning.search_plan import plan_search
from ml.training.tuning.strategies import build_sampler
from ml.training.tuning.study import open_study, run_trials
from ml.training.tuning.verdict import Verdict, is_better, judge

SPACE = plan_search(("vgg16",), ())


class RiggedBench:
    """Praises every settings but the untuned ones."""

    def __init__(self, untuned: Marks, others: Marks) -> None:
        self.untuned, self.others = untuned, others

    def try_out(self, settings: TrainSettings, told: Told) -> Marks:
        return self.untuned if settings == SPACE.untuned else self.others


def verdict_of(bench: RiggedBench, tiny_bundle: Bundle, tuned: tuple[float, float]) -> tuple[Verdict, list[str]]:
    """What is decided where the untuned settings truly reach 0.8 and 0.5, and all others `tuned`."""
    study = open_study(InMemoryStorage(), "rigged", {}, SPACE.place_of_untuned())
    study.sampler = build_sampler("random", SPACE, 0)
    run_trials(study, TrialObjective(SPACE, bench), 4, lambda _: None)
    trained = []

    def train(name: str, settings: TrainSettings) -> Bundle:
        trained.append(name)
        accuracy, log_loss = (0.8, 0.5) if settings == SPACE.untuned else tuned
        numbers = {"validation": {"accuracy": accuracy, "log_loss": log_loss}, "test": {"accuracy": 1.0}}
        return Bundle(tiny_bundle.folder / name, replace(tiny_bundle.card, metrics=numbers))

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return judge(study, SPACE, train), trained


@pytest.mark.parametrize(
    ("tuned", "kept"),
    [((0.9, 0.3), "trial-001"), ((0.786, 0.4), "untuned"), ((0.9, 0.6), "untuned"), ((0.8, 0.5), "untuned")],
)
def test_a_rigged_search_never_makes_the_model_worse(
    tiny_bundle: Bundle, tuned: tuple[float, float], kept: str
) -> None:
    verdict, trained = verdict_of(RiggedBench(Marks(0.1, 9.0), Marks(0.99, 0.01)), tiny_bundle, tuned)
    assert trained == ["untuned", "trial-001"]
    assert verdict.kept.folder.name == kept
    assert verdict.kept.card.metrics["validation"]["accuracy"] >= 0.8
    assert verdict.kept.card.metrics["validation"]["log_loss"] <= 0.5
    assert ("did not help" in verdict.sentence) == (kept == "untuned")


@pytest.mark.parametrize("others", [Marks(0.9, 0.9), Marks(0.4, 0.2)])
def test_what_lost_as_a_trial_is_not_even_trained(tiny_bundle: Bundle, others: Marks) -> None:
    """Worse in what is searched by, or in accuracy."""
    verdict, trained = verdict_of(RiggedBench(Marks(0.5, 0.6), others), tiny_bundle, (1.0, 0.0))
    assert trained == ["untuned"]
    assert verdict.sentence.startswith("no trial beat the untuned settings")


def test_better_means_worse_in_nothing() -> None:
    before = {"accuracy": 0.8, "log_loss": 0.5}
    assert is_better({"accuracy": 0.8, "log_loss": 0.4}, before)
    assert is_better({"accuracy": 0.81, "log_loss": 0.5}, before)
    assert not is_better({"accuracy": 0.79, "log_loss": 0.1}, before)
    assert not is_better(before, before)
