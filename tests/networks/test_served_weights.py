"""A VGG16 that serves gives its weights back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.random import default_rng
from onnx.utils import Extractor

from ml.networks.served_weights import load_served_weights, read_convolutions
from ml.networks.vgg16 import LAYERS, build_vgg16, load_vgg16, preprocess
from ml.networks.weights import WeightsError
from ml.serving.bundle import MODEL_FILE
from tests.tiny_bundle import write_tiny_bundle

STARTER = Path(__file__).resolve().parents[2] / "bundles" / "starter" / MODEL_FILE
SIZE = 112


def served_features(pictures: np.ndarray) -> np.ndarray:
    """What the starter's graph has behind its last convolution: (N, 512, size/16, size/16)."""
    graph = onnx.load(STARTER)
    last = next(node for node in graph.graph.node if "block5_conv3" in node.name and node.op_type == "Conv")
    cut = Extractor(graph).extract_model([graph.graph.input[0].name], [last.output[0]])
    session = onnxruntime.InferenceSession(cut.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.maximum(session.run(None, {session.get_inputs()[0].name: pictures})[0], 0)


def test_a_trunk_from_the_starter_sees_what_the_starter_sees() -> None:
    from keras import Model

    trunk = build_vgg16(SIZE)
    load_vgg16(trunk, STARTER)
    assert len(read_convolutions(STARTER)) == 13
    pictures = default_rng(0).uniform(0, 255, (2, 4, 4, 3)).repeat(28, 1).repeat(28, 2).astype(np.float32)
    behind = Model(trunk.input, trunk.get_layer("block5_conv3").output)
    ours = np.asarray(behind(preprocess(pictures))).transpose(0, 3, 1, 2)
    assert np.corrcoef(ours.ravel(), served_features(pictures).ravel())[0, 1] > 0.98  # activations are int8 there


def test_graphs_of_other_networks_are_refused_with_a_sentence(tmp_path: Path) -> None:
    trunk = build_vgg16(32)
    assert len(trunk.layers) == LAYERS
    with pytest.raises(WeightsError, match="does not exist"):
        load_served_weights(trunk, tmp_path / "missing.onnx")
    (tmp_path / "noise.onnx").write_bytes(b"noise")
    with pytest.raises(WeightsError, match="cannot be read as a network"):
        load_served_weights(trunk, tmp_path / "noise.onnx")
    with pytest.raises(WeightsError, match="block1_conv1 is missing or another"):
        load_served_weights(trunk, write_tiny_bundle(tmp_path / "tiny").model_file)
