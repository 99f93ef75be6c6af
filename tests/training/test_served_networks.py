"""MobileNetV2 and a ResNet go the whole way: learned, exported, in int8 or not, and served as VGG16 is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ml.__main__ import main
from ml.datasets.pictures import load_pictures
from ml.datasets.snapshot import Snapshot
from ml.serving.bundle import read_bundle
from ml.serving.runtime import Recogniser

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]
QUICK = ["--size", "32", "--batch", "16", "--epochs-fine", "1", "--epochs-top", "2", "--variants", "2"]


@pytest.mark.parametrize(
    ("network", "steps", "options"),
    [
        ("mobilenetv2", {"from_scratch"}, []),
        ("resnet18", {"bottleneck", "fine_tuned"}, ["--frozen", "64"]),
    ],
)
def test_from_pictures_to_an_answer(
    network: str, steps: set[str], options: list[str], shapes: Snapshot, cache: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    asked = ["train", str(shapes.folder), "--network", network, "--out", str(run), "--cache", str(cache)]
    assert main([*asked, *QUICK, *options]) == 0
    bundle = read_bundle(run / "bundle")
    assert bundle.card.id.startswith(network)
    assert bundle.card.weights in ("int8", "float32")
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics.keys() >= steps | {"served", "network"}
    accuracies = bundle.card.metrics["weights"]
    assert bundle.card.weights == "float32" or accuracies["int8"] >= accuracies["float32"] - 0.005
    pictures = load_pictures(shapes, 32, cache).pixels[:5]
    embeddings, probabilities = Recogniser(bundle).embed(list(pictures))
    assert embeddings.shape == (5, 256)
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx(np.ones(5), abs=1e-3)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-4)
