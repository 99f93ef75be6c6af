"""A course goes on exactly where it was stopped, whatever network it trains; the clock can end it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.random import Generator, default_rng
from rich.console import Console

from ml.training import course
from ml.training.course import Course
from ml.training.learner import Learner, build_optimizer, score_of
from ml.training.lessons import Lessons, soft_targets
from ml.training.run_folder import RunError, open_run
from ml.training.schedule import Schedule

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]
FEATURES = default_rng(0).normal(size=(60, 8)).astype(np.float32)
TARGETS = FEATURES[:, :3].argmax(axis=1)


def noisy(rows: np.ndarray, random: Generator) -> np.ndarray:
    return FEATURES[rows] + random.normal(0, 0.1, (len(rows), 8)).astype(np.float32)


def open_course(
    folder: Path, console: Console, *, epochs: int = 3, minutes: float | None = None, dimensions: int = 16
) -> Course:
    """Three labels from eight numbers: a head with dropout and normalisation, small enough for a test."""
    import keras

    from ml.networks.heads import build_head

    keras.utils.set_random_seed(1)
    learner = Learner(build_head(8, 3, dimensions=dimensions), build_optimizer("adamw", 0.01))
    lessons = Lessons(np.arange(60), soft_targets(TARGETS, 3, 0.1), batch_size=10, seed=2)
    schedule = Schedule(lessons.batches_per_epoch, 0.01, epochs=(epochs,), minutes=minutes)
    run = open_run(folder, {"seed": 2})
    return Course(
        "lesson",
        run,
        learner,
        lessons,
        schedule,
        lambda _: noisy,
        lambda _: score_of(learner.answer([FEATURES])[1], TARGETS),
        console,
    )


def stopping_after(saves: int) -> Callable[..., None]:
    """Save checkpoints as ever, and be stopped behind one of them."""
    real, count = course.save_checkpoint, [0]

    def save(*arguments: Any) -> None:
        real(*arguments)
        count[0] += 1
        if count[0] == saves:
            raise KeyboardInterrupt

    return save


def test_a_stopped_course_ends_in_the_same_weights(
    tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = open_course(tmp_path / "whole", console)
    whole.follow()
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(course, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
        patched.setattr(course, "save_checkpoint", stopping_after(10))  # behind the third batch of the second epoch
        open_course(tmp_path / "stopped", console).follow()
    stopped = open_course(tmp_path / "stopped", console)
    stopped.follow()
    assert "goes on at epoch 2, batch 3" in console.file.getvalue()  # type: ignore[attr-defined]
    for ours, theirs in zip(whole.learner.variables, stopped.learner.variables, strict=True):
        assert np.asarray(ours) == pytest.approx(np.asarray(theirs), abs=1e-6)
    losses = [[line["loss"] for line in one.run.curves()] for one in (whole, stopped)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)
    assert losses[0][-1] < losses[0][0]


def test_the_clock_can_end_a_course(tmp_path: Path, console: Console) -> None:
    timed = open_course(tmp_path / "run", console, epochs=100_000, minutes=0.002)
    timed.follow()
    assert 1 <= len(timed.run.curves()) < 100_000


def test_another_networks_checkpoint_is_refused(tmp_path: Path, console: Console) -> None:
    open_course(tmp_path / "run", console, epochs=1).follow()
    with pytest.raises(RunError, match="another network"):
        open_course(tmp_path / "run", console, dimensions=24).follow()


def test_a_course_says_how_far_it_is_and_draws_its_curves(
    tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[int, int, float]] = []

    def listen(_: Path, step: str, epoch: int, epochs: int, share: float, seconds: float) -> None:
        assert (step, seconds >= 0) == ("lesson", True)
        said.append((epoch, epochs, round(share, 2)))

    monkeypatch.setattr(course, "SECONDS_BETWEEN_WORDS", -1)
    monkeypatch.setattr(course, "say_progress", listen)
    open_course(tmp_path / "run", console, epochs=2).follow()
    assert (said[0], said[-1]) == ((1, 2, 0.0), (2, 2, 1.0))
    assert (1, 2, 0.25) in said  # three of the six batches of the first epoch
    assert "Accuracy and loss over 2 epochs" in (tmp_path / "run" / "curves.svg").read_text()
