"""A VGG16 at 224 px with random weights, exported as by `python -m ml train`: for time and memory, not for answers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ml.serving.bundle import MODEL_FILE, PROTOTYPES_FILE, Card, Threshold, write_card

SIZE, LABELS, DIMENSIONS = 224, 50, 512


@contextmanager
def large_bundle() -> Iterator[Path]:
    """The folder of such a bundle, until the block ends."""
    from ml.networks.build import build_head, build_trunk, whole
    from ml.networks.table import network_named
    from ml.training.export import add_temperature, export_float32, quantise

    rng = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "large"
        folder.mkdir()
        network = network_named("vgg16")
        trunk = build_trunk(network, SIZE)
        head = build_head(network, trunk, LABELS, dimensions=DIMENSIONS)
        float32, int8 = Path(scratch) / "float32.onnx", Path(scratch) / "int8.onnx"
        export_float32(whole(network, trunk, head, SIZE), float32)
        quantise(float32, int8, rng.integers(0, 256, (16, SIZE, SIZE, 3), np.uint8))
        add_temperature(int8, folder / MODEL_FILE, 1.0)
        prototypes = rng.standard_normal((LABELS, DIMENSIONS), dtype=np.float32)
        np.save(folder / PROTOTYPES_FILE, prototypes / np.linalg.norm(prototypes, axis=1, keepdims=True))
        write_card(folder, _card())
        yield folder


def _card() -> Card:
    return Card(
        id="large",
        network="VGG16",
        labels=tuple(f"label_{number:02d}" for number in range(LABELS)),
        input_size=SIZE,
        preprocessing="inside the graph",
        embedding_dimensions=DIMENSIONS,
        temperature=1.0,
        threshold=Threshold(1.0, 0.0, 0.0, "nothing"),
        answer_set_quantile=0.9,
        answer_set_coverage=0.9,
        provenance="random weights, for measuring time and memory",
        created_at="2026-01-01T00:00:00Z",
        weights="int8",
        snapshot_digest="",
    )
