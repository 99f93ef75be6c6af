"""From the trained network to the graph that serves: ONNX, its convolutions in int8 where that costs no accuracy.

network (pictures -> embedding, logits) -> ONNX float32 -> int8 (static QDQ, per channel, calibrated on pictures)
-> temperature and softmax at the end -> model.onnx (pictures -> embedding, probabilities)
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ml.serving.engine import load_engine
from ml.training.graphs import EMBEDDING, LOGITS, PICTURES, PROBABILITIES

if TYPE_CHECKING:
    import keras
    import onnx

CALIBRATION_PICTURES = 200
CALIBRATION_BATCH = 8
INT8_NODES = ("Conv", "MaxPool")
"""What becomes int8: nearly all of the time and the bytes. The head stays float32: it is small, and it decides."""

ACTIVATIONS = ("Relu", "Clip")
"""Quantised with the convolution before them: its 256 steps are spent on what they let pass. Clip is ReLU6, without
which MobileNetV2 loses its way in int8."""


def export_float32(network: keras.Model, file: Path) -> None:
    """Write the network as ONNX with the contract's names, before temperature: pictures -> embedding, logits."""
    import tensorflow as tf
    import tf2onnx

    signature = [tf.TensorSpec((None, *network.input_shape[1:]), tf.float32, name=PICTURES)]

    def served(pictures: Any) -> dict[str, Any]:
        embedding, logits = network(pictures, training=False)
        return {EMBEDDING: embedding, LOGITS: logits}

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    graph = tf.function(served, input_signature=signature)
    tf2onnx.convert.from_function(graph, input_signature=signature, opset=17, output_path=str(file))


def quantise(float32_file: Path, int8_file: Path, pictures: NDArray[np.uint8]) -> None:
    """Write the graph with its convolutions in int8, their ranges measured on `pictures` (N, S, S, 3)."""
    load_engine()
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quant_pre_process, quantize_static

    prepared = int8_file.with_suffix(".prepared.onnx")
    logging.getLogger().setLevel(logging.ERROR)
    try:
        quant_pre_process(str(float32_file), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(int8_file),
            _CalibrationPictures(pictures),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            weight_type=QuantType.QInt8,
            activation_type=QuantType.QUInt8,
            op_types_to_quantize=[*INT8_NODES, *ACTIVATIONS],
            nodes_to_quantize=_nodes_for_int8(prepared),
            calibrate_method=CalibrationMethod.MinMax,
        )
    finally:
        prepared.unlink(missing_ok=True)


def _nodes_for_int8(graph_file: Path) -> list[str]:
    """The names of the nodes that become int8: activations only right behind a convolution."""
    import onnx

    nodes = onnx.load(graph_file).graph.node
    convolved = {name for node in nodes if node.op_type == "Conv" for name in node.output}
    return [
        node.name
        for node in nodes
        if node.op_type in INT8_NODES or (node.op_type in ACTIVATIONS and node.input[0] in convolved)
    ]


def add_temperature(graph_file: Path, out: Path, temperature: float) -> None:
    """Write the graph with probabilities = softmax(logits / temperature) in the place of logits."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(graph_file)
    graph = model.graph
    logits = next(output for output in graph.output if output.name == LOGITS)
    probabilities = onnx.helper.make_tensor_value_info(
        PROBABILITIES, onnx.TensorProto.FLOAT, [_dimension(axis) for axis in logits.type.tensor_type.shape.dim]
    )
    graph.initializer.append(numpy_helper.from_array(np.array(temperature, np.float32), "temperature"))
    graph.node.append(onnx.helper.make_node("Div", [LOGITS, "temperature"], ["calibrated_logits"]))
    graph.node.append(onnx.helper.make_node("Softmax", ["calibrated_logits"], [PROBABILITIES], axis=1))
    graph.output.remove(logits)
    graph.output.append(probabilities)
    onnx.checker.check_model(model)
    onnx.save(model, out)


class _CalibrationPictures:
    """Pictures in small batches, as ONNX Runtime's quantiser asks for them."""

    def __init__(self, pictures: NDArray[np.uint8]) -> None:
        self._batches: Iterator[NDArray[np.uint8]] = iter(
            [pictures[start : start + CALIBRATION_BATCH] for start in range(0, len(pictures), CALIBRATION_BATCH)]
        )

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        batch = next(self._batches, None)
        return None if batch is None else {PICTURES: batch.astype(np.float32)}

    def set_range(self, start_index: int, end_index: int) -> None:
        """Part of the quantiser's interface; all pictures are used."""


def _dimension(axis: onnx.TensorShapeProto.Dimension) -> int | str | None:
    return axis.dim_value if axis.HasField("dim_value") else axis.dim_param or None
