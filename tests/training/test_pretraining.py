"""Pretraining learns, goes on exactly where it was stopped, and leaves a plain trunk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from ml.datasets.snapshot import Snapshot
from ml.training import course
from ml.training.pretraining import PretrainSettings, pretrain
from ml.training.run_folder import RunError

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]
SETTINGS = PretrainSettings(sizes=(32,), epochs=(2,), batch_size=16, optimizer="sgd", rate=0.001)


def weights_of(file: Path) -> list[np.ndarray]:
    from ml.networks.vgg16 import build_vgg16

    weights: list[np.ndarray] = build_vgg16(32, file).get_weights()
    return weights


def stopping_after(saves: int) -> Callable[..., None]:
    """Save checkpoints as ever, and be stopped behind one of them."""
    real, count = course.save_checkpoint, [0]

    def save(*arguments: Any) -> None:
        real(*arguments)
        count[0] += 1
        if count[0] == saves:
            raise KeyboardInterrupt

    return save


@pytest.mark.timeout(900)
def test_a_stopped_run_ends_in_the_same_weights(
    shapes: Snapshot, cache: Path, tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pretrain(shapes, tmp_path / "whole.weights.h5", cache, SETTINGS, console)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(course, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
        patched.setattr(course, "save_checkpoint", stopping_after(4))  # behind the first batch of the second epoch
        pretrain(shapes, tmp_path / "stopped.weights.h5", cache, SETTINGS, console)
    assert not (tmp_path / "stopped.weights.h5").exists()
    stopped = pretrain(shapes, tmp_path / "stopped.weights.h5", cache, SETTINGS, console)
    for ours, theirs in zip(weights_of(whole), weights_of(stopped), strict=True):
        assert ours == pytest.approx(theirs, abs=2e-3)
    curves = [(tmp_path / f"{name}.run" / "curves.jsonl").read_text().splitlines() for name in ("whole", "stopped")]
    assert len(curves[0]) == len(curves[1]) == 2
    assert "goes on at epoch 2, batch 1" in console.file.getvalue()  # type: ignore[attr-defined]


def test_the_clock_can_end_a_course(shapes: Snapshot, cache: Path, tmp_path: Path, console: Console) -> None:
    settings = PretrainSettings(sizes=(32,), epochs=(1000,), minutes=0.001, batch_size=8, optimizer="sgd")
    assert pretrain(shapes, tmp_path / "trunk.weights.h5", cache, settings, console).is_file()
    assert (tmp_path / "trunk.run" / "metrics.json").is_file()


def test_the_output_needs_the_name_of_a_weight_file(
    shapes: Snapshot, cache: Path, tmp_path: Path, console: Console
) -> None:
    with pytest.raises(RunError, match=r"must end in \.weights\.h5"):
        pretrain(shapes, tmp_path / "trunk.bin", cache, SETTINGS, console)
    assert list(tmp_path.iterdir()) == []
