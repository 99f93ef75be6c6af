"""Pretraining leaves a plain trunk, also when it was killed on the way; the probes lie in the run's folder."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console

from ml.datasets.importers import ImportOptions
from ml.datasets.snapshot import Snapshot
from ml.networks.weights import WeightsError
from ml.training.pretraining.pretraining import pretrain
from ml.training.pretraining.probe_log import read_probes
from ml.training.pretraining.settings import PretrainSettings, Sources
from ml.training.pretraining.sources import open_sources
from ml.training.run_folder import RunError, RunFolder
from tests.training.small_trunk import shrink, write_teachers

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]
SETTINGS = PretrainSettings(sizes=(32,), epochs=(2,), batch_size=16, optimizer="sgd", rate=0.001, probe_epochs=1)
TAUGHT = replace(SETTINGS, teachers=("squeezenet", "mobilenetv2"), label_weight=0.3, head_epochs=1)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    shrink(monkeypatch)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_teachers(tmp_path_factory.mktemp("teachers"))


def opened(
    shapes: Snapshot, cache: Path, console: Console, settings: PretrainSettings, weights: Path | None = None
) -> tuple[Sources, PretrainSettings]:
    return open_sources([shapes.folder], ImportOptions(), [], None, weights, cache, settings, console)


KILLED = """
import os, signal, sys
from pathlib import Path
import pytest
from rich.console import Console
from ml.datasets.importers import ImportOptions
from ml.datasets.snapshot import read_snapshot
from ml.training import course
from ml.training.machine import prepare_tensorflow
from tests.training.small_trunk import shrink
from tests.training.test_pretraining import TAUGHT, opened
prepare_tensorflow(bfloat16=False)
from ml.training.pretraining.pretraining import pretrain
shrink(pytest.MonkeyPatch())
real, saves = course.save_checkpoint, []
def save(*arguments):
    real(*arguments)
    saves.append(arguments)
    if len(saves) == 2:  # behind the heads' epoch and the first of the trunk's
        os.kill(os.getpid(), signal.SIGKILL)
course.save_checkpoint = save
shapes, cache, weights, out = map(Path, sys.argv[1:])
sources, settings = opened(read_snapshot(shapes), cache, Console(), TAUGHT, weights)
pretrain(sources, out, settings, Console())
"""


def test_a_killed_run_goes_on_and_ends_in_a_plain_trunk(
    shapes: Snapshot, cache: Path, weights: Path, tmp_path: Path, console: Console
) -> None:
    from ml.networks.vgg16 import build_vgg16

    out = tmp_path / "trunk.weights.h5"
    places = [str(place) for place in (shapes.folder, cache, weights, out)]
    killed = subprocess.run([sys.executable, "-c", KILLED, *places], capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr.decode()[-2000:]
    assert not out.exists()
    sources, settings = opened(shapes, cache, console, TAUGHT, weights)
    assert pretrain(sources, out, settings, console) == out
    assert "goes on at epoch 2" in console.file.getvalue()  # type: ignore[attr-defined]
    run = RunFolder(tmp_path / "trunk.run")
    assert [line["step"] for line in run.curves()] == ["heads", "pretrain", "pretrain"]
    assert ["validation_accuracy" in line for line in run.curves()] == [False, True, True]
    assert all(layer.get_weights()[0].any() for layer in build_vgg16(32, out).layers if layer.weights)
    probes = read_probes(run)
    assert [line["epoch"] for line in probes] == [1, 2]
    assert 0 <= probes[-1]["sets"]["shapes"]["test"]["top1"] <= 1
    assert ElementTree.parse(run.path / "probes.svg").getroot().tag.endswith("svg")
    with pytest.raises(RunError, match=r"other settings \(rate\)"):
        pretrain(sources, out, replace(settings, rate=0.5), console)


def test_teachers_can_speak_once_about_the_clean_picture(
    shapes: Snapshot, cache: Path, weights: Path, tmp_path: Path, console: Console
) -> None:
    asked = replace(TAUGHT, teaching="cached", epochs=(1,), head_epochs=0)
    sources, settings = opened(shapes, cache, console, asked, weights)
    assert sources.teachings is not None
    assert sources.teachings.shape == (len(sources.material.owners), 20)
    again, _ = opened(shapes, cache, console, asked, weights)
    assert again.teachings == pytest.approx(sources.teachings)
    pretrain(sources, tmp_path / "trunk.weights.h5", settings, console)
    assert (tmp_path / "trunk.weights.h5").is_file()


def test_a_trunk_can_begin_where_another_ended(shapes: Snapshot, cache: Path, tmp_path: Path, console: Console) -> None:
    from ml.networks.vgg16 import build_vgg16
    from ml.networks.weights import save_weights

    earlier, later = tmp_path / "earlier.weights.h5", tmp_path / "later.weights.h5"
    save_weights(build_vgg16(None), earlier)
    sources, settings = opened(shapes, cache, console, replace(SETTINGS, seed_from=str(earlier), rate=1e-9))
    pretrain(sources, later, settings, console)
    trunks = [build_vgg16(32, file) for file in (earlier, later)]
    pictures = np.random.default_rng(0).normal(0, 50, (2, 32, 32, 3)).astype(np.float32)
    first, second = (np.asarray(trunk(pictures)) for trunk in trunks)
    # The statistics have followed the batches, but nothing was learned to speak of.
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.9


def test_what_cannot_be_is_said(shapes: Snapshot, cache: Path, tmp_path: Path, console: Console) -> None:
    sources, settings = opened(shapes, cache, console, SETTINGS)
    with pytest.raises(RunError, match=r"must end in \.weights\.h5"):
        pretrain(sources, tmp_path / "trunk.bin", settings, console)
    with pytest.raises(RunError, match="--probe names no, but the sets are shapes"):
        pretrain(sources, tmp_path / "trunk.weights.h5", replace(settings, probes=("no",)), console)
    with pytest.raises(RunError, match="--teacher-weights names the folder"):
        opened(shapes, cache, console, TAUGHT)
    with pytest.raises(WeightsError, match="is missing"):
        opened(shapes, cache, console, TAUGHT, tmp_path)
    with pytest.raises(WeightsError, match="a teacher is one of squeezenet, mobilenetv2, not 'oracle'"):
        opened(shapes, cache, console, replace(SETTINGS, teachers=("oracle",)), tmp_path)
    with pytest.raises(RunError, match="32 pixels and more"):
        opened(shapes, cache, console, replace(SETTINGS, sizes=(16,)))
    with pytest.raises(RunError, match="--teaching is one of"):
        opened(shapes, cache, console, replace(SETTINGS, teaching="never"))
    assert list(tmp_path.iterdir()) == []
