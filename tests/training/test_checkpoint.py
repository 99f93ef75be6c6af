"""Checkpoints give back what was saved, and refuse what is not theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.training.checkpoint import load_checkpoint, save_checkpoint
from ml.training.run_folder import RunError

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]


def variables(*shapes: tuple[int, ...]) -> list[Any]:
    import keras

    return [keras.Variable(np.random.default_rng(0).normal(size=shape), name="weight") for shape in shapes]


def test_values_and_place_come_back(tmp_path: Path) -> None:
    saved, fresh = variables((3, 4), (4,)), variables((3, 4), (4,))
    saved[0].assign(saved[0] * 5)
    save_checkpoint(tmp_path / "step.npz", saved, {"epoch": 3})
    assert load_checkpoint(tmp_path / "step.npz", fresh) == {"epoch": 3}
    assert all((np.asarray(a) == np.asarray(b)).all() for a, b in zip(saved, fresh, strict=True))
    assert [path.name for path in tmp_path.iterdir()] == ["step.npz"]


def test_no_checkpoint_is_a_fresh_start(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path / "step.npz", variables((2,))) is None


def test_another_networks_checkpoint_is_refused(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "step.npz", variables((3, 4)), {"epoch": 3})
    with pytest.raises(RunError, match="another network"):
        load_checkpoint(tmp_path / "step.npz", variables((3, 5)))


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "step.npz", variables((300, 4)), {"epoch": 3})
    whole = (tmp_path / "step.npz").read_bytes()
    (tmp_path / "step.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RunError, match="not a readable checkpoint"):
        load_checkpoint(tmp_path / "step.npz", variables((300, 4)))
