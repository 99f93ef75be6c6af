"""VGG16 (Simonyan and Zisserman, 2014) without its top: plain, and with batch normalisation for training from scratch.

The plain network has the layers of keras.applications, by name and order, so that ImageNet weight files load. It takes
what `preprocess` gives, as do published weights: BGR minus the means of ImageNet.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ml.networks.normalisation import EPSILON, build_normalisation
from ml.networks.served_weights import SUFFIX, load_served_weights
from ml.networks.weights import WeightsError, load_weights

if TYPE_CHECKING:
    import keras

NAME = "vgg16"
BLOCKS = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
"""Convolutions and filters of each block; a block ends in a pooling that halves the picture."""

MEANS_BGR = (103.939, 116.779, 123.68)
SMALLEST_INPUT = 32
FROZEN_LAYERS = 15
"""Layers that the published recipe freezes: everything up to and with `BOTTLENECK_LAYER`."""

BOTTLENECK_LAYER = "block4_pool"
LAYERS = 19
"""All of them: the input, 13 convolutions and 5 poolings."""


def preprocess(pictures: Any) -> Any:
    """RGB 0..255 as VGG16 wants it: BGR minus the means. Takes a tensor or the input of a network being built."""
    import keras

    return keras.ops.take(pictures, [2, 1, 0], axis=-1) - np.asarray(MEANS_BGR, np.float32)


def build_vgg16(input_size: int | None, weights: str | Path | None = None) -> keras.Model:
    """Plain VGG16 without top: (N, size, size, 3) preprocessed -> (N, size/32, size/32, 512).

    `input_size` None takes any size. `weights` is "imagenet" (downloaded by Keras where there is a network), the path
    of a weight file, or None for random ones. Raises WeightsError where they cannot be had or do not fit.
    """
    from keras import Model, layers

    entrance = features = layers.Input((_checked(input_size), input_size, 3), name="preprocessed")
    for block, (convolutions, filters) in enumerate(BLOCKS, 1):
        for number in range(1, convolutions + 1):
            name = f"block{block}_conv{number}"
            features = layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(features)
        features = layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool")(features)
    model = Model(entrance, features, name=NAME)
    if weights == "imagenet":
        load_weights(model, _imagenet_file())
    elif weights is not None:
        load_weights(model, Path(weights))
    return model


def load_vgg16(trunk: keras.Model, file: Path) -> None:
    """Fill a plain `trunk` from a Keras weight file, or from the model.onnx of a bundle. Raises WeightsError."""
    (load_served_weights if file.suffix == SUFFIX else load_weights)(trunk, file)


def build_vgg16_with_normalisation(input_size: int | None) -> keras.Model:
    """VGG16 with batch normalisation between each convolution and its ReLU, random weights: learns from scratch."""
    from keras import Model, layers

    entrance = features = layers.Input((_checked(input_size), input_size, 3), name="preprocessed")
    for block, (convolutions, filters) in enumerate(BLOCKS, 1):
        for number in range(1, convolutions + 1):
            features = layers.Conv2D(
                filters,
                3,
                padding="same",
                use_bias=False,
                kernel_initializer="he_normal",
                name=f"block{block}_conv{number}",
            )(features)
            features = build_normalisation(f"block{block}_norm{number}")(features)
            features = layers.ReLU(name=f"block{block}_relu{number}")(features)
        features = layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool")(features)
    return Model(entrance, features, name="vgg16_with_normalisation")


def fold_normalisation(model: keras.Model) -> keras.Model:
    """The plain VGG16 that gives what `model`, built with normalisation, gives in inference."""
    plain = build_vgg16(model.input_shape[1])
    for block, (convolutions, _) in enumerate(BLOCKS, 1):
        for number in range(1, convolutions + 1):
            (kernel,) = model.get_layer(f"block{block}_conv{number}").get_weights()
            scale, shift, mean, variance = model.get_layer(f"block{block}_norm{number}").get_weights()
            gain = scale / np.sqrt(variance + EPSILON)
            plain.get_layer(f"block{block}_conv{number}").set_weights([kernel * gain, shift - mean * gain])
    return plain


def with_preprocessing(model: keras.Model) -> keras.Model:
    """The same network for RGB 0..255."""
    from keras import Model, layers

    entrance = layers.Input(model.input_shape[1:], name="pictures")
    return Model(entrance, model(preprocess(entrance)), name=model.name)


def _checked(input_size: int | None) -> int | None:
    if input_size is not None and input_size < SMALLEST_INPUT:
        raise ValueError(
            f"VGG16 halves a picture five times: it takes {SMALLEST_INPUT} pixels and more, not {input_size}"
        )
    return input_size


def _imagenet_file() -> Path:
    """The published file, from Keras' cache or the network."""
    from keras.src.applications import vgg16
    from keras.utils import get_file

    try:
        return Path(
            get_file(
                "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", vgg16.WEIGHTS_PATH_NO_TOP, cache_subdir="models"
            )
        )
    except Exception as error:
        raise WeightsError(
            f"ImageNet's weights of VGG16 cannot be downloaded ({error}): give --weights PATH of a weight file, or none"
        ) from error
