"""What a student learns: its sets' labels, nothing where a set is silent, and what teachers say of the same crop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.random import default_rng

from ml.training.learner import Score, build_optimizer
from ml.training.pretraining.material import NEGATIVE, NOWHERE
from ml.training.pretraining.pace import Pace
from ml.training.pretraining.settings import PretrainSettings
from ml.training.pretraining.student import Student
from ml.training.pretraining.teachers import KINDS, LAST, MIDDLE, POOLED, Faculty, fit_faculty, open_teacher
from tests.training.small_trunk import SIDE, shrink, write_teachers

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]
PICTURES = default_rng(0).integers(0, 256, (12, SIDE, SIDE, 3)).astype(np.uint8)
LESSONS = np.stack([np.arange(12) % 3, np.full(12, NOWHERE)], axis=1).astype(np.float32)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    shrink(monkeypatch)


def faculty(folder: Path) -> Faculty:
    write_teachers(folder)
    return fit_faculty([open_teacher(name, folder) for name in KINDS], [PICTURES], seed=0)


def student(taught_by: Faculty | None = None) -> Student:
    import keras

    from ml.networks.vgg16 import build_vgg16_with_normalisation

    keras.utils.set_random_seed(0)
    weighting = PretrainSettings(label_smoothing=0.0).weighting
    return Student(build_vgg16_with_normalisation(None), (3, 5), taught_by, weighting)


def label_loss(positions: list[list[float]], first: list[list[float]]) -> float:
    logits = {"labels0": np.array(first, np.float32), "labels1": np.zeros((len(first), 5), np.float32)}
    return float(student().losses(None, np.array(positions, np.float32), logits)["labels"])


def test_a_set_that_is_silent_does_not_count_and_negatives_ask_for_doubt() -> None:
    assert label_loss([[NOWHERE, NOWHERE]], [[9.0, 0.0, 0.0]]) == 0
    assert label_loss([[0, NOWHERE]], [[20.0, 0.0, 0.0]]) == pytest.approx(0, abs=1e-6)
    assert label_loss([[NEGATIVE, NOWHERE]], [[0.0, 0.0, 0.0]]) == pytest.approx(np.log(3))
    assert label_loss([[NEGATIVE, NOWHERE]], [[9.0, 0.0, 0.0]]) > 3
    assert label_loss([[0, 2]], [[20.0, 0.0, 0.0]]) == pytest.approx(np.log(5))


def test_it_learns_the_labels_and_what_the_teachers_say(tmp_path: Path) -> None:
    pace = Pace(student(faculty(tmp_path)), build_optimizer("adamw", 0.0))
    with pytest.raises(ValueError, match="turn_to"):
        pace.learn(PICTURES, LESSONS, 0.01, Score())
    pace.turn_to(SIDE)
    pace.learn(PICTURES, LESSONS, 0.01, Score())
    first, scores = pace.taken_parts(), [Score() for _ in range(60)]
    for score in scores:
        pace.learn(PICTURES, LESSONS, 0.01, score)
    last = {name: value for name, value in pace.taken_parts().items() if name in ("labels", MIDDLE, LAST, POOLED)}
    assert all(value < first[name] for name, value in last.items())
    assert scores[-1].accuracy == 1.0
    assert scores[-1].labelled == 12


def test_the_heads_can_learn_alone(tmp_path: Path) -> None:
    learner = student(faculty(tmp_path))
    pace = Pace(learner, build_optimizer("adamw", 0.1), frozen=True)
    before = learner.trunk.get_weights()
    heads_before = [np.asarray(one) for layer in learner.head_layers for one in layer.variables]
    pace.turn_to(SIDE)
    pace.learn(PICTURES, LESSONS, 0.01, Score())
    assert all(np.array_equal(*pair) for pair in zip(before, learner.trunk.get_weights(), strict=True))
    heads_after = [np.asarray(one) for layer in learner.head_layers for one in layer.variables]
    assert not all(np.array_equal(*pair) for pair in zip(heads_before, heads_after, strict=True))


def test_teachers_speak_for_any_grid(tmp_path: Path) -> None:
    from keras import ops

    taught_by = faculty(tmp_path)
    said = taught_by.say(ops.convert_to_tensor(PICTURES[:2].astype(np.float32)), 4, 2)
    assert said[MIDDLE].shape == (2, 4, 4, 12)
    assert said[LAST].shape == (2, 2, 2, 20)
    assert said[POOLED].shape == (2, 20)
