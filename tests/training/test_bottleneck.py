"""Bottleneck features: once computed, then read; killed half way, then gone on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.random import default_rng
from rich.console import Console

from ml.datasets.pictures import load_pictures
from ml.datasets.snapshot import Snapshot
from ml.training import bottleneck
from ml.training.bottleneck import cached_features, plan_visits, seconds_spent, visited_pictures
from ml.training.fine_tuning import Photographs

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]


@pytest.fixture(scope="module")
def part() -> Any:
    from ml.networks.freezing import cut
    from ml.networks.vgg16 import build_vgg16

    return cut(build_vgg16(32), 7)[0]


def test_only_pictures_to_learn_from_have_variants(shapes: Snapshot, cache: Path) -> None:
    pictures = load_pictures(shapes, 32, cache)
    visits = plan_visits(pictures, 4, seed=1)
    training = pictures.rows("train")
    assert visits.counts[training].tolist() == [4] * len(training)
    assert visits.counts[pictures.rows("test")].tolist() == [1] * len(pictures.rows("test"))
    seen = visited_pictures(pictures, visits)(slice(0, 8))
    assert (seen[0] == pictures.pixels[0]).all()
    assert (seen[1] == pictures.pixels[0][:, ::-1]).all()
    assert (seen[2] != pictures.pixels[0]).any()
    chosen = visits.chosen(training, default_rng(0))
    assert (visits.rows[chosen] == training).all()
    assert len(set(visits.variants[chosen])) == 4
    assert (visits.variants[visits.originals(training)] == 0).all()


def test_the_email_pipeline_varies_training_pictures_alone_and_has_features_of_its_own(
    shapes: Snapshot, cache: Path
) -> None:
    pictures = load_pictures(shapes, 32, cache)
    ours, theirs = (plan_visits(pictures, 4, seed=1, email_pipeline=chosen) for chosen in (False, True))
    assert ours.digest() != theirs.digest() and (ours.rows == theirs.rows).all()
    everything = slice(0, len(ours.rows))
    seen, disturbed, again = (visited_pictures(pictures, visits)(everything) for visits in (ours, theirs, theirs))
    differs = (seen != disturbed).any(axis=(1, 2, 3))
    assert (disturbed == again).all() and disturbed.shape == seen.shape
    assert not differs[theirs.variants < 2].any(), "the picture itself and its mirror image"
    assert differs[theirs.variants >= 2].mean() > 0.9
    assert {pictures.images[row].split for row in theirs.rows[differs]} == {"train"}
    pixels = Photographs(pictures, pictures.pixels[:0], True, True).variants(pictures.rows("train"), default_rng(2))
    assert (pixels != pictures.pixels[pictures.rows("train")]).any(axis=(1, 2, 3)).mean() > 0.7


def test_features_are_computed_once(part: Any, tmp_path: Path, console: Console) -> None:
    pictures, asked = default_rng(0).normal(0, 50, (40, 32, 32, 3)), []

    def inputs(where: slice) -> np.ndarray:
        asked.append(where)
        return pictures[where]

    first = cached_features(part, inputs, 40, "key", tmp_path, console)
    assert first.dtype == np.float16
    assert np.asarray(part(pictures.astype(np.float32))) == pytest.approx(
        np.asarray(first, np.float32), abs=0.1, rel=2e-3
    )
    calls = len(asked)
    assert (cached_features(part, inputs, 40, "key", tmp_path, console) == first).all()
    assert len(asked) == calls
    cached_features(part, inputs, 40, "another key", tmp_path, console)
    assert len(asked) == 2 * calls


def test_a_killed_computation_goes_on(
    part: Any, tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bottleneck, "BATCH", 4)
    monkeypatch.setattr(bottleneck, "BATCHES_BETWEEN_FLUSHES", 2)
    pictures, asked, broken = default_rng(0).normal(0, 50, (40, 32, 32, 3)), [], [True]

    def inputs(where: slice) -> np.ndarray:
        if broken[0] and where.start >= 20:
            raise KeyboardInterrupt
        asked.append(where.start)
        return pictures[where]

    with pytest.raises(KeyboardInterrupt):
        cached_features(part, inputs, 40, "key", tmp_path, console)
    broken[0] = False
    features = cached_features(part, inputs, 40, "key", tmp_path, console)
    assert asked == [0, 4, 8, 12, 16, 16, 20, 24, 28, 32, 36]
    assert np.asarray(part(pictures.astype(np.float32))) == pytest.approx(
        np.asarray(features, np.float32), abs=0.1, rel=2e-3
    )
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".npy"]
    assert seconds_spent(features) > 0
