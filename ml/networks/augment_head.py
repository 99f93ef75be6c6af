"""The second head: which augment a picture shows.

It looks at the picture itself, beside the trunk and not behind it: the trunk was taught that a shoe stays the same shoe
when it is brighter, darker or turned, which is just what has to be told here. A few convolutions see edges, pencil and
perspective; a soft histogram of brightness and colourfulness sees tones exactly, where averages over places blur them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

TONES = 32
"""Steps of the histograms: as wide as 8 of 256 grey levels, well below what any augment moves."""
WIDTHS = (48, 64, 64, 96, 128)
STRIDES = (4, 1, 1, 2, 2)
NEURONS = 64
DROPOUT = 0.2
_LUMA = (0.299, 0.587, 0.114)


def build_augment_head(size: int, augments: int) -> keras.Model:
    """RGB 0..255 (N, size, size, 3) -> [features (N, 64), logits (N, augments)]."""
    from keras import Model, layers

    from ml.networks.normalisation import build_normalisation

    entrance = layers.Input((size, size, 3), name="pictures")
    places = layers.Rescaling(1 / 127.5, offset=-1)(entrance)
    for number, (width, stride) in enumerate(zip(WIDTHS, STRIDES, strict=True), 1):
        places = layers.Conv2D(
            width,
            max(3, stride),
            strides=stride,
            padding="same",
            use_bias=False,
            name=f"augment_conv{number}",
        )(places)
        places = layers.ReLU()(build_normalisation(f"augment_norm{number}")(places))
    seen = [layers.GlobalAveragePooling2D()(places), layers.GlobalMaxPooling2D()(places), _tones(entrance)]
    features = layers.Dropout(DROPOUT)(layers.Concatenate()(seen))
    features = layers.Dense(NEURONS, activation="relu", name="augment_dense")(features)
    return Model(entrance, [features, layers.Dense(augments, name="augment_logits")(features)], name="augment_head")


def _tones(pictures: keras.KerasTensor) -> keras.KerasTensor:
    """(N, 2 * TONES): log-shares of the steps of brightness and of colourfulness, triangular steps that overlap.

    Of every second pixel either way: a quarter of the work, and the shares stay what they are.
    """
    from keras import layers, ops

    unit = layers.Rescaling(1 / 255, dtype="float32")(pictures[:, ::2, ::2])
    brightness = ops.sum(unit * np.array(_LUMA, np.float32), axis=-1, keepdims=True)
    colourfulness = ops.max(unit, axis=-1, keepdims=True) - ops.min(unit, axis=-1, keepdims=True)
    tones = ops.expand_dims(ops.concatenate([brightness, colourfulness], axis=-1), -1)
    steps = ops.relu(1 - ops.abs(tones - np.linspace(0, 1, TONES, dtype=np.float32)) * (TONES - 1))
    return layers.Flatten()(ops.log(ops.mean(steps, axis=(1, 2)) + 1e-3))
