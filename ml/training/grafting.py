"""Put the second head into a graph that serves: pictures -> what it gave before, and how likely each augment is."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ml.training.graphs import AUGMENTS, PICTURES

if TYPE_CHECKING:
    import keras

PREFIX = "augment_head/"
_LOGITS = "augment_logits"


def graft(graph_file: Path, head: keras.Model, temperature: float, out: Path) -> None:
    """Write the graph with `head` (pictures -> [features, logits]) beside it: AUGMENTS are softmax(logits / T)."""
    import onnx
    from onnx import numpy_helper

    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "head.onnx"
        _export(head, plain)
        branch = onnx.load(plain).graph
    model = onnx.load(graph_file)
    graph = model.graph
    for constant in branch.initializer:
        constant.name = PREFIX + constant.name
    for node in branch.node:
        node.name = PREFIX + node.name
        node.input[:] = [name if name in ("", PICTURES) else PREFIX + name for name in node.input]
        node.output[:] = [PREFIX + name for name in node.output]
    graph.initializer.extend(branch.initializer)
    graph.initializer.append(numpy_helper.from_array(np.array(temperature, np.float32), f"{PREFIX}temperature"))
    calibrated = f"{PREFIX}calibrated_logits"
    graph.node.extend(branch.node)
    graph.node.append(onnx.helper.make_node("Div", [PREFIX + _LOGITS, f"{PREFIX}temperature"], [calibrated]))
    graph.node.append(onnx.helper.make_node("Softmax", [calibrated], [AUGMENTS], axis=1))
    augments = int(head.output_shape[1][1])
    graph.output.append(onnx.helper.make_tensor_value_info(AUGMENTS, onnx.TensorProto.FLOAT, ["N", augments]))
    onnx.checker.check_model(model)
    onnx.save(model, out)


def _export(head: keras.Model, file: Path) -> None:
    import tensorflow as tf
    import tf2onnx

    signature = [tf.TensorSpec((None, *head.input_shape[1:]), tf.float32, name=PICTURES)]
    graph = tf.function(lambda pictures: {_LOGITS: head(pictures, training=False)[1]}, input_signature=signature)
    tf2onnx.convert.from_function(graph, input_signature=signature, opset=17, output_path=str(file))
