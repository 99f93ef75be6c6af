"""The exported graph gives what the network gives, in float32 and nearly so in int8."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.random import default_rng

from ml.training.calibration import softmax
from ml.training.export import add_temperature, export_float32, quantise
from ml.training.graphs import open_graph

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]
PICTURES = default_rng(0).integers(0, 256, (12, 32, 32, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def network() -> Any:
    from ml.networks.build import build_head, build_trunk, whole
    from ml.networks.table import network_named

    network = network_named("vgg16")
    trunk = build_trunk(network, 32)
    return whole(network, trunk, build_head(network, trunk, 5), 32)


@pytest.fixture(scope="module")
def graph(network: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("graphs") / "float32.onnx"
    export_float32(network, file)
    return file


def test_float32_agrees_with_keras(network: Any, graph: Path) -> None:
    expected = [np.asarray(output) for output in network(PICTURES.astype(np.float32), training=False)]
    embeddings, logits = open_graph(graph)(PICTURES)
    assert embeddings == pytest.approx(expected[0], abs=1e-5)
    assert logits == pytest.approx(expected[1], abs=1e-4)


def test_int8_is_a_quarter_as_large_and_points_the_same_way(graph: Path, tmp_path: Path) -> None:
    quantise(graph, tmp_path / "int8.onnx", PICTURES)
    embeddings, small = open_graph(graph)(PICTURES)[0], open_graph(tmp_path / "int8.onnx")(PICTURES)[0]
    assert (embeddings * small).sum(axis=1).min() > 0.98
    assert (tmp_path / "int8.onnx").stat().st_size < min(16_000_000, graph.stat().st_size / 3.5)
    assert [path.name for path in tmp_path.iterdir()] == ["int8.onnx"]


@pytest.mark.parametrize(("name", "likeness"), [("fashion-cnn", 0.99), ("mobilenetv2", 0.95)])
def test_other_networks_agree_too(name: str, likeness: float, tmp_path: Path) -> None:
    from ml.networks.build import build_head, build_trunk, whole
    from ml.networks.table import network_named

    row = network_named(name)
    trunk = build_trunk(row, 32)
    own = whole(row, trunk, build_head(row, trunk, 5), 32)
    export_float32(own, tmp_path / "float32.onnx")
    expected = [np.asarray(output) for output in own(PICTURES.astype(np.float32), training=False)]
    embeddings, logits = open_graph(tmp_path / "float32.onnx")(PICTURES)
    assert embeddings == pytest.approx(expected[0], abs=1e-4)
    assert logits == pytest.approx(expected[1], abs=1e-3)
    quantise(tmp_path / "float32.onnx", tmp_path / "int8.onnx", PICTURES)
    assert (open_graph(tmp_path / "int8.onnx")(PICTURES)[0] * embeddings).sum(axis=1).min() > likeness


def test_temperature_and_softmax_are_added_at_the_end(graph: Path, tmp_path: Path) -> None:
    add_temperature(graph, tmp_path / "model.onnx", 0.5)
    logits, probabilities = open_graph(graph)(PICTURES)[1], open_graph(tmp_path / "model.onnx")(PICTURES)[1]
    assert probabilities == pytest.approx(softmax(logits / 0.5), abs=1e-5)
