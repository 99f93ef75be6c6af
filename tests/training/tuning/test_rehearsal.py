"""A rehearsal learns what the recipe's step learns, and says after each epoch how good it is."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.random import default_rng
from rich.console import Console

from ml.training.bottleneck import Visits
from ml.training.fine_tuning import Exercise, Features, StepSettings, learn_step
from ml.training.lessons import soft_targets
from ml.training.run_folder import open_run
from ml.training.tuning.rehearsal import Marks, Rehearsal

if TYPE_CHECKING:
    import keras

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]
LABELS, COUNT = 4, 120
TARGETS = np.arange(COUNT) % LABELS
VISITS = Visits(*(np.arange(COUNT), np.zeros(COUNT, np.intp), np.arange(COUNT), np.ones(COUNT, np.intp)), seed=0)
BLURRED = np.eye(LABELS)[TARGETS] + default_rng(1).normal(0, 0.8, (COUNT, LABELS))
MATERIAL = Features(BLURRED.astype(np.float16), VISITS)
EXERCISE = Exercise(np.arange(80), np.arange(80, COUNT), TARGETS, soft_targets(TARGETS, LABELS, 0.05))
COSINE = StepSettings(
    epochs=6,
    rate=0.3,
    optimizer="sgd",
    weight_decay=0.0,
    momentum=0.9,
    batch_size=16,
    slows=False,
    early_stop=0,
    seed=2,
)


def network() -> keras.Model:
    import keras

    keras.utils.set_random_seed(3)
    entrance = keras.layers.Input((LABELS,))
    embedding = keras.layers.Dense(8, activation="relu")(entrance)
    return keras.Model(entrance, [embedding, keras.layers.Dense(LABELS)(embedding)])


@pytest.mark.parametrize(
    "how", [COSINE, replace(COSINE, early_stop=2, epochs=20), replace(COSINE, slows=True, epochs=12)]
)
def test_it_ends_where_the_step_ends(how: StepSettings, tmp_path: Path) -> None:
    heard: list[tuple[str, float, Marks]] = []
    rehearsal, console = Rehearsal(lambda *told: heard.append(told)), Console(file=io.StringIO())
    rehearsed, learned = network(), network()
    run = open_run(tmp_path / "run", {})
    reached = rehearsal.learn_step("top", rehearsed, MATERIAL, EXERCISE, how, run, console)
    assert list(run.path.iterdir()) == [run.path / "settings.json"]
    assert learn_step("top", learned, MATERIAL, EXERCISE, how, run, console) == reached
    for one, other in zip(rehearsed.get_weights(), learned.get_weights(), strict=True):
        assert one == pytest.approx(other, abs=1e-6)
    epochs = [line["validation_accuracy"] for line in run.curves()]
    assert [marks.accuracy for _, _, marks in heard] == pytest.approx(epochs, abs=1e-5)
    assert rehearsal.marks["top"].accuracy == pytest.approx(reached.accuracy, abs=1e-5)
    assert len(epochs) < how.epochs if how.early_stop else heard[-1][1] == 1
    assert reached.accuracy == pytest.approx(max(epochs) if how.slows or how.early_stop else epochs[-1], abs=1e-5)
