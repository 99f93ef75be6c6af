"""The tops of published networks: flattened features -> dense layers -> logits, and an embedding read on the way.

As every head: (N, features) in, [embedding of length 1, logits] out. The embedding has no weights of its own, so that
the numbers of parameters are those that were published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

DENSE, SECOND_DENSE = 50, 20
FASHION_DENSE = 512
BENCHMARK_CHANNELS = 64


def flatten(features: keras.KerasTensor) -> keras.KerasTensor:
    """(N, height, width, channels) -> (N, height * width * channels)."""
    from keras import layers

    return layers.Flatten(name="flatten")(features)


def build_dense_top(features: int, labels: int, *, dimensions: int, dropout: float) -> keras.Model:
    """Dense 50, dense 20, labels: 1,255,617 parameters behind VGG16 at 224 px for 7 labels. Embeds by the first."""
    from keras import Model, layers

    entrance = layers.Input((features,), name="features")
    wide = layers.Dense(dimensions, activation="relu", name="dense_50")(entrance)
    narrow = layers.Dense(SECOND_DENSE, activation="relu", name="dense_20")(
        layers.Dropout(dropout, name="dropout")(wide)
    )
    return Model(entrance, [_embed(wide), layers.Dense(labels, name="logits")(narrow)], name="head")


def build_benchmark_top(features: int, labels: int, *, dimensions: int, dropout: float) -> keras.Model:
    """Dropout and the labels. Embeds by the average over places of the last convolution's 64 channels."""
    from keras import Model, layers

    entrance = layers.Input((features,), name="features")
    places = layers.Reshape((-1, dimensions), name="places")(entrance)
    pooled = layers.GlobalAveragePooling1D(name="average")(places)
    logits = layers.Dense(labels, name="logits")(layers.Dropout(dropout, name="dropout")(entrance))
    return Model(entrance, [_embed(pooled), logits], name="head")


def build_fashion_top(features: int, labels: int, *, dimensions: int, dropout: float) -> keras.Model:
    """Dense 512 with batch normalisation, and the labels. Embeds by the former."""
    from keras import Model, layers

    entrance = layers.Input((features,), name="features")
    dense = layers.Dense(dimensions, name="dense_512")(entrance)
    normal = layers.ReLU(name="dense_relu")(layers.BatchNormalization(momentum=0.97, name="dense_norm")(dense))
    logits = layers.Dense(labels, name="logits")(layers.Dropout(dropout, name="dropout")(normal))
    return Model(entrance, [_embed(normal), logits], name="head")


def _embed(features: keras.KerasTensor) -> keras.KerasTensor:
    from keras import layers

    return layers.UnitNormalization(name="embedding")(features)
