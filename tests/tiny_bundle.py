"""A real bundle in a few kilobytes: an ONNX graph that knows no shoes but keeps every promise of the graph contract.

Its embedding is the picture on a coarse grid (colours by place, centred), so that like pictures lie near each other and
the same picture gives the same numbers everywhere. Its probabilities come from the cosine to one prototype per label:
the embedding of a picture of that label where one is given, else a fixed random direction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ml.imaging.fit import fit_square
from ml.serving.bundle import MODEL_FILE, PROTOTYPES_FILE, Bundle, Card, Threshold, write_card

SIZE = 32
GRID = 4
DIMENSIONS = GRID * GRID * 3
SHARPNESS = 12.0
"""Logits are SHARPNESS * cosine: the temperature of the card is its inverse."""


def write_tiny_bundle(
    folder: Path,
    labels: Sequence[str] = ("vello_dart_low", "vello_dart_high", "kumo_drift"),
    *,
    pictures: Mapping[str, NDArray[np.uint8]] | None = None,
    bundle_id: str | None = None,
    seed: int = 7,
    listed: Collection[str] = (),
    augments: tuple[str, ...] = (),
) -> Bundle:
    """Write a bundle that knows `labels` into `folder` (made where missing) and read it back.

    `pictures` maps labels to an RGB picture that is to be recognised as that label; the card wants `listed` to be
    shown without pictures. Of `augments` it says what random directions make of its embedding: like pictures, like
    augments.
    """
    folder.mkdir(parents=True, exist_ok=True)
    prototypes = _prototypes(labels, pictures or {}, seed)
    onnx.save(_graph(prototypes, len(augments)), folder / MODEL_FILE)
    np.save(folder / PROTOTYPES_FILE, prototypes)
    return write_card(folder, _card(bundle_id or folder.name, tuple(labels), listed, augments))


def tiny_embedding(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the graph gives for a picture, in numpy: (DIMENSIONS,) float32 of length 1."""
    square = fit_square(image, SIZE).astype(np.float32) / 255
    cells = square.reshape(GRID, SIZE // GRID, GRID, SIZE // GRID, 3).mean(axis=(1, 3))
    centred = cells.transpose(2, 0, 1).reshape(-1) - 0.5
    return np.asarray(centred / max(float(np.linalg.norm(centred)), 1e-6), np.float32)


def _prototypes(labels: Sequence[str], pictures: Mapping[str, NDArray[np.uint8]], seed: int) -> NDArray[np.float32]:
    random = np.random.default_rng(seed).normal(size=(len(labels), DIMENSIONS))
    directions = random / np.linalg.norm(random, axis=1, keepdims=True)
    for row, label in enumerate(labels):
        if label in pictures:
            directions[row] = tiny_embedding(pictures[label])
    return directions.astype(np.float32)


def _graph(prototypes: NDArray[np.float32], augments: int) -> onnx.ModelProto:
    """pictures (N, S, S, 3) 0..255 -> average pool -> centre -> unit length -> cosine to prototypes -> softmax."""
    labels, dimensions = prototypes.shape
    cell = SIZE // GRID
    constants = {
        "full_scale": np.array(255, np.float32),
        "middle": np.array(0.5, np.float32),
        "sharpness": np.array(SHARPNESS, np.float32),
        "smallest": np.array(1e-6, np.float32),
        "flat": np.array([0, dimensions], np.int64),
        "directions": np.ascontiguousarray(prototypes.T),
    }
    steps = [
        helper.make_node("Transpose", ["pictures"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("AveragePool", ["planes"], ["cells"], kernel_shape=[cell, cell], strides=[cell, cell]),
        helper.make_node("Reshape", ["cells", "flat"], ["flat_cells"]),
        helper.make_node("Div", ["flat_cells", "full_scale"], ["scaled"]),
        helper.make_node("Sub", ["scaled", "middle"], ["centred"]),
        helper.make_node("ReduceL2", ["centred"], ["length"], axes=[1], keepdims=1),
        helper.make_node("Max", ["length", "smallest"], ["safe_length"]),
        helper.make_node("Div", ["centred", "safe_length"], ["embedding"]),
        helper.make_node("MatMul", ["embedding", "directions"], ["cosines"]),
        helper.make_node("Mul", ["cosines", "sharpness"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    widths = {"embedding": dimensions, "probabilities": labels}
    if augments:
        widths["augments"] = augments
        constants["hunches"] = np.random.default_rng(1).normal(size=(dimensions, augments)).astype(np.float32)
        steps += [
            helper.make_node("MatMul", ["embedding", "hunches"], ["augment_logits"]),
            helper.make_node("Softmax", ["augment_logits"], ["augments"], axis=1),
        ]
    graph = helper.make_graph(
        steps,
        "tiny",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["N", SIZE, SIZE, 3])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", width]) for name, width in widths.items()],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def _card(bundle_id: str, labels: tuple[str, ...], listed: Collection[str], augments: tuple[str, ...]) -> Card:
    return Card(
        id=bundle_id,
        network="tiny colour grid",
        labels=labels,
        input_size=SIZE,
        preprocessing="inside the graph",
        embedding_dimensions=DIMENSIONS,
        temperature=1 / SHARPNESS,
        threshold=Threshold(
            probability_weight=0.0, similarity_weight=10.0, intercept=-6.0, fitted_on="chosen by hand for tests"
        ),
        answer_set_quantile=0.9,
        answer_set_coverage=0.9,
        provenance="made by the tests: it knows no shoes",
        created_at="2026-01-01T00:00:00Z",
        weights="none",
        snapshot_digest="",
        augments=augments,
        label_names={
            label: _names(label) | ({"listed": "without pictures"} if label in listed else {}) for label in labels
        },
    )


def _names(label: str) -> dict[str, str]:
    return {"brand": label.split("_", maxsplit=1)[0].title(), "name": label.replace("_", " ").title()}
