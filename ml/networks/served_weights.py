"""The weights of a VGG16 that serves: its convolutions read back out of a bundle's model.onnx, int8 or float32.

So a training can begin where the bundle in service stands, though nobody kept the file that it was trained in.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ml.networks.weights import WeightsError

if TYPE_CHECKING:
    import keras

SUFFIX = ".onnx"
_LAYER = re.compile(r"/(block\d_conv\d)(?:_\d+)?/")
_FROM_ONNX = (2, 3, 1, 0)
"""Filters, channels, height, width -> height, width, channels, filters."""


def load_served_weights(trunk: keras.Model, file: Path) -> None:
    """Fill a plain VGG16 `trunk` from a served graph; int8 weights lose half a step of their scale, as served.

    Raises WeightsError where the file is missing, damaged, or serves another network.
    """
    found = read_convolutions(file)
    for layer in trunk.layers:
        if not layer.weights:
            continue
        shapes = [values.shape for values in layer.get_weights()]
        weights = found.get(layer.name, ())
        if [values.shape for values in weights] != shapes:
            raise WeightsError(f"{file} does not hold the weights of {trunk.name}: {layer.name} is missing or another")
        layer.set_weights(weights)


def read_convolutions(file: Path) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Kernel (H, W, channels, filters) and bias (filters,) of each convolution, by its name in VGG16."""
    import onnx

    if not file.is_file():
        raise WeightsError(f"{file} does not exist: give the path of a weight file, or --weights none")
    try:
        graph = onnx.load(file).graph
    except Exception as error:  # whatever protobuf says about a file that is none
        raise WeightsError(f"{file} cannot be read as a network: {str(error)[:200] or type(error).__name__}") from error
    constants = _constants(graph)
    found = {}
    for node in graph.node:
        layer = _LAYER.search(f"/{node.name}")
        if node.op_type == "Conv" and layer and len(node.input) == 3 and constants.keys() >= set(node.input[1:]):
            kernel, bias = (constants[name].astype(np.float32) for name in node.input[1:])
            found[layer[1]] = (np.ascontiguousarray(kernel.transpose(_FROM_ONNX)), bias)
    return found


def _constants(graph: Any) -> dict[str, NDArray[Any]]:
    """Every constant by the name under which nodes ask for it, those kept in int8 multiplied out."""
    from onnx.numpy_helper import to_array

    constants = {kept.name: to_array(kept) for kept in graph.initializer}
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in constants:
            kept, scale, zero = (constants[name].astype(np.float32) for name in node.input)
            each = (-1, *[1] * (kept.ndim - 1)) if scale.size > 1 else ()
            constants[node.output[0]] = (kept - zero.reshape(each)) * scale.reshape(each)
    return constants
