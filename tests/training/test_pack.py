"""A pack holds what a pretraining needs, no picture that is held out but those of the probes, and at most 64 MiB."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from ml.datasets.importers import ImportOptions
from ml.datasets.snapshot import Snapshot
from ml.training.pretraining import pack as packs
from ml.training.pretraining.pack import read_pack
from ml.training.pretraining.pretraining import pretrain
from ml.training.pretraining.settings import PretrainSettings
from ml.training.pretraining.sources import open_sources, pack
from ml.training.run_folder import RunError
from tests.training.small_trunk import shrink, write_teachers
from tests.training.test_picture_sets import write_folders

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]
SETTINGS = PretrainSettings(
    sizes=(32,), epochs=(1,), batch_size=16, teachers=("squeezenet",), probes=("shapes",), side=40
)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    shrink(monkeypatch)


@pytest.mark.parametrize("teaching", ["crop", "cached"])
def test_training_from_a_pack(teaching: str, shapes: Snapshot, cache: Path, tmp_path: Path, console: Console) -> None:
    weights = write_teachers(tmp_path / "weights")
    write_folders(tmp_path / "other")
    settings = replace(SETTINGS, teaching=teaching)
    places = [shapes.folder, tmp_path / "other"]
    sources, settings = open_sources(places, ImportOptions(), [], None, weights, cache, settings, console)
    pack(sources, settings, tmp_path / "pack", console)
    packed = read_pack(tmp_path / "pack")
    assert (packed.teachings is not None) == (teaching == "cached")
    assert len(packed.material.rows("train")) == len(sources.material.rows("train"))
    assert len(packed.material.rows("test", "shapes")) == len(sources.material.rows("test", "shapes"))
    assert len(packed.material.rows("test", "other")) == 0
    rows, own = (one.material.rows("train", "other") for one in (packed, sources))
    apart = packed.material.pixels[rows].astype(int) - sources.material.pixels[own]
    assert np.abs(apart).mean() < 6  # through JPEG
    assert packed.scenes is not None  # the negatives

    there = open_sources([tmp_path / "pack"], ImportOptions(), [], None, None, cache, settings, console)
    pretrain(there[0], tmp_path / "trunk.weights.h5", there[1], console)
    assert (tmp_path / "trunk.weights.h5").is_file()
    with pytest.raises(RunError, match="takes 32 pixels and more, not 16"):
        asked = replace(settings, sizes=(16,))
        open_sources([tmp_path / "pack"], ImportOptions(), [], None, None, cache, asked, console)


def test_packs_that_cannot_be(
    shapes: Snapshot, cache: Path, tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = replace(SETTINGS, teachers=())
    sources, settings = open_sources([shapes.folder], ImportOptions(), [], None, None, cache, asked, console)
    with monkeypatch.context() as patched, pytest.raises(RunError, match="do not fit into a pack"):
        patched.setattr(packs, "LIMIT_BYTES", 90_000)
        pack(sources, settings, tmp_path / "pack", console)
    assert list(tmp_path.iterdir()) == []
    pack(sources, settings, tmp_path / "pack", console)
    with pytest.raises(RunError, match="is there already"):
        pack(sources, settings, tmp_path / "pack", console)

    def reopened(settings: PretrainSettings) -> None:
        open_sources([tmp_path / "pack"], ImportOptions(), [], None, None, cache, settings, console)

    with pytest.raises(RunError, match="packed for the teachers none"):
        reopened(SETTINGS)
    with pytest.raises(RunError, match="holds pictures of 40 px"):
        reopened(replace(asked, side=64))
    (tmp_path / "pack" / "pictures.bin").write_bytes(b"cut off")
    with pytest.raises(RunError, match="not a whole pack"):
        reopened(asked)
