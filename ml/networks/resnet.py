"""Residual networks (He et al., "Deep Residual Learning for Image Recognition", 2015): 18, 34 and 50 layers, no top.

ResNet18 and ResNet34 are defined here, as published: two 3x3 convolutions a block, no biases, a projection where the
shape changes. ResNet50 is that of keras.applications, with its names, so that its weight files load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ml.networks.borrowed import with_fused_normalisation
from ml.networks.normalisation import build_normalisation

if TYPE_CHECKING:
    import keras

SMALLEST_INPUT = 32
BLOCKS = {"resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3)}
FILTERS = (64, 128, 256, 512)
EPSILON = 1e-5
MEANS_RGB = (123.675, 116.28, 103.53)
SPREADS_RGB = (58.395, 57.12, 57.375)


def preprocess(pictures: Any) -> Any:
    """RGB 0..255 minus the means of ImageNet, over its standard deviations: what ResNet18 and ResNet34 take."""
    return (pictures - np.asarray(MEANS_RGB, np.float32)) / np.asarray(SPREADS_RGB, np.float32)


def build_resnet18(size: int) -> keras.Model:
    """(N, size, size, 3) preprocessed -> (N, size/32, size/32, 512), 11,186,112 parameters, random weights."""
    return _build("resnet18", size)


def build_resnet34(size: int) -> keras.Model:
    """(N, size, size, 3) preprocessed -> (N, size/32, size/32, 512), 21,301,696 parameters, random weights."""
    return _build("resnet34", size)


def build_resnet50(size: int) -> keras.Model:
    """(N, size, size, 3) preprocessed as for VGG16 -> (N, size/32, size/32, 2048), 23,587,712 parameters."""
    import keras

    published = keras.applications.ResNet50(
        include_top=False, weights=None, input_shape=(size, size, 3), name="resnet50"
    )
    return with_fused_normalisation(published)


def _build(name: str, size: int) -> keras.Model:
    from keras import Model, layers

    entrance = layers.Input((size, size, 3), name="preprocessed")
    features = _convolve(entrance, "stem", 64, 7, 2)
    features = layers.ReLU(name="stem_relu")(features)
    features = layers.ZeroPadding2D(1, name="stem_pool_pad")(features)
    features = layers.MaxPooling2D(3, strides=2, name="stem_pool")(features)
    for stage, (blocks, filters) in enumerate(zip(BLOCKS[name], FILTERS, strict=True), 1):
        for block in range(1, blocks + 1):
            stride = 2 if stage > 1 and block == 1 else 1
            features = _block(features, f"stage{stage}_block{block}", filters, stride)
    return Model(entrance, features, name=name)


def _block(features: keras.KerasTensor, name: str, filters: int, stride: int) -> keras.KerasTensor:
    """Two convolutions beside a shortcut, which is a 1x1 convolution where the shape changes."""
    from keras import layers

    shortcut = features
    if stride > 1 or features.shape[-1] != filters:
        shortcut = _convolve(features, f"{name}_shortcut", filters, 1, stride)
    features = _convolve(features, f"{name}_first", filters, 3, stride)
    features = layers.ReLU(name=f"{name}_first_relu")(features)
    features = _convolve(features, f"{name}_second", filters, 3, 1)
    return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([shortcut, features]))


def _convolve(features: keras.KerasTensor, name: str, filters: int, side: int, stride: int) -> keras.KerasTensor:
    """A convolution without bias and its normalisation."""
    from keras import layers

    if stride > 1 and side > 1:  # "same" would pad one side only, other than the published network
        features = layers.ZeroPadding2D(side // 2, name=f"{name}_pad")(features)
    padding = "valid" if stride > 1 else "same"
    features = layers.Conv2D(
        filters,
        side,
        strides=stride,
        padding=padding,
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(features)
    return build_normalisation(f"{name}_norm", epsilon=EPSILON)(features)
