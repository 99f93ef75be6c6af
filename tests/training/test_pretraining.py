"""Pretraining leaves a plain trunk, also when it was stopped on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from ml.datasets.snapshot import Snapshot
from ml.training import course
from ml.training.pretraining import PretrainSettings, pretrain
from ml.training.run_folder import RunError
from tests.training.test_course import stopping_after

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]
SETTINGS = PretrainSettings(sizes=(32,), epochs=(2,), batch_size=16, optimizer="sgd", rate=0.001)


@pytest.mark.timeout(900)
def test_a_stopped_run_goes_on_and_ends_in_a_plain_trunk(
    shapes: Snapshot, cache: Path, tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ml.networks.vgg16 import build_vgg16

    out = tmp_path / "trunk.weights.h5"
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(course, "save_checkpoint", stopping_after(1))
        pretrain(shapes, out, cache, SETTINGS, console)
    assert not out.exists()
    assert pretrain(shapes, out, cache, SETTINGS, console) == out
    assert "goes on at epoch 2" in console.file.getvalue()  # type: ignore[attr-defined]
    assert len((tmp_path / "trunk.run" / "curves.jsonl").read_text().splitlines()) == 2
    assert "validation_accuracy" in (tmp_path / "trunk.run" / "metrics.json").read_text()
    assert all(layer.get_weights()[0].any() for layer in build_vgg16(32, out).layers if layer.weights)


def test_the_output_needs_the_name_of_a_weight_file(
    shapes: Snapshot, cache: Path, tmp_path: Path, console: Console
) -> None:
    with pytest.raises(RunError, match=r"must end in \.weights\.h5"):
        pretrain(shapes, tmp_path / "trunk.bin", cache, SETTINGS, console)
    assert list(tmp_path.iterdir()) == []
