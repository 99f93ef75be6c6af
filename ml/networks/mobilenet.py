"""MobileNetV2 (Sandler et al., 2018) without its top, and ImageNet weights whose normalisation was folded away.

A weight file of a network for phones holds convolutions with biases only. Its biases become the shifts of the
normalisation here; `calibrate` then gives each normalisation the mean and variance of the pictures at hand and makes up
for both, so that the network says what it said and can be trained like one that never lost them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ml.networks.borrowed import with_fused_normalisation
from ml.networks.published_files import MOBILENETV2_GREY
from ml.networks.weights import WeightsError, load_weights

if TYPE_CHECKING:
    import keras

SMALLEST_INPUT = 32
EPSILON = 1e-3
"""Of its normalisation, as keras.applications has it."""


def preprocess(pictures: Any) -> Any:
    """RGB 0..255 -> -1..1, as the weight files for phones were trained; keras.applications differs by 0.4 %."""
    return (pictures - MOBILENETV2_GREY) / MOBILENETV2_GREY


def build_mobilenetv2(size: int) -> keras.Model:
    """(N, size, size, 3) preprocessed -> (N, size/32, size/32, 1280), 2,257,984 parameters, random weights."""
    import keras

    published = keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=(size, size, 3), name="mobilenetv2"
    )
    return with_fused_normalisation(published)


def load_mobilenetv2(model: keras.Model, file: Path) -> None:
    """Fill `model` from a weight file of its own or, where the name ends in .keras, from a folded network."""
    (load_folded if file.suffix == ".keras" else load_weights)(model, file)


def load_folded(model: keras.Model, file: Path) -> None:
    """Fill `model` from a .keras file whose convolutions have biases in the place of normalisation.

    Raises WeightsError where the file is none or of another network; `model` is then of no use.
    """
    kernels = _read_kernels(file)
    pairs = _convolutions(model)
    shapes = [tuple(convolution.kernel.shape) for convolution, _ in pairs]
    if [kernel.shape for kernel, _ in kernels] != shapes:
        raise WeightsError(f"{file} does not hold the weights of {model.name}: its convolutions have other shapes")
    for (convolution, normalisation), (kernel, bias) in zip(pairs, kernels, strict=True):
        convolution.set_weights([kernel])
        ones = np.ones_like(bias)
        normalisation.set_weights([ones * np.sqrt(1 + EPSILON, dtype=np.float32), bias, 0 * ones, ones])


def is_folded(model: keras.Model) -> bool:
    """Whether no normalisation of `model` has seen a picture: fresh from `load_folded`."""
    return all(
        not norm.get_weights()[2].any() and (norm.get_weights()[3] == 1).all() for _, norm in _convolutions(model)
    )


def calibrate(model: keras.Model, batches: Sequence[NDArray[np.float32]]) -> None:
    """Give each normalisation the mean and variance of what comes in, and undo both in its scale and shift.

    `batches` are preprocessed pictures. The output of `model` in inference stays as it is.
    """
    import keras

    pairs = _convolutions(model)
    probe = keras.Model(model.input, [convolution.output for convolution, _ in pairs])
    sums = [np.zeros((3, convolution.output.shape[-1])) for convolution, _ in pairs]
    for batch in batches:
        for total, seen in zip(sums, probe(batch, training=False), strict=True):
            flat = np.asarray(seen, np.float64).reshape(-1, seen.shape[-1])
            total += [flat.sum(axis=0), (flat**2).sum(axis=0), np.full(flat.shape[1], len(flat))]
    for (_, normalisation), (first, second, count) in zip(pairs, sums, strict=True):
        scale, shift, old_mean, old_variance = normalisation.get_weights()
        mean = first / count
        variance = np.maximum(second / count - mean**2, 0)
        gain = scale / np.sqrt(old_variance + EPSILON)
        normalisation.set_weights(
            [gain * np.sqrt(variance + EPSILON), shift + gain * (mean - old_mean), mean, variance]
        )


def _convolutions(model: keras.Model) -> list[tuple[keras.Layer, keras.Layer]]:
    """Each convolution with the normalisation behind it, in order."""
    import keras

    kinds = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)
    return [(layer, model.layers[place + 1]) for place, layer in enumerate(model.layers) if isinstance(layer, kinds)]


def _read_kernels(file: Path) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Kernel and bias of every convolution in a .keras file, in order."""
    import keras

    try:
        network = keras.models.load_model(file, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever its readers raise
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise WeightsError(f"{file} is not a Keras network: {reason}") from error
    weights = [layer.get_weights() for layer in network.layers if layer.weights]
    if any(len(pair) != 2 for pair in weights):
        raise WeightsError(f"{file} does not hold a network whose layers are convolutions with biases only")
    return [(kernel, bias) for kernel, bias in weights]
