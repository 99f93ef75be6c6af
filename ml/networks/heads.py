"""The top model: features -> unit embedding -> cosine to one direction per label -> logits.

The embedding serves retrieval, the cosines classification: one space for both, so that what the classifier separates
lies apart for the search of alternates too. Logits are SHARPNESS * cosine: an embedding at right angles to all labels
gives equal probabilities, which is what non-shoes are trained towards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

EMBEDDING_DIMENSIONS = 256
SHARPNESS = 16.0
DROPOUT = 0.2


def pool(features: keras.KerasTensor) -> keras.KerasTensor:
    """(N, height, width, channels) -> (N, channels): the average over places."""
    from keras import layers

    return layers.GlobalAveragePooling2D(name="pool")(features)


def build_head(
    channels: int, labels: int, *, dimensions: int = EMBEDDING_DIMENSIONS, dropout: float = DROPOUT
) -> keras.Model:
    """The top model: pooled features (N, channels) -> embedding (N, dimensions) of length 1, logits (N, labels)."""
    from keras import Model, constraints, layers

    entrance = layers.Input((channels,), name="pooled")
    features = layers.BatchNormalization(momentum=0.97, name="head_norm")(entrance)
    features = layers.Dropout(dropout, name="head_dropout")(features)
    features = layers.Dense(dimensions, name="embedding_dense")(features)
    embedding = layers.UnitNormalization(name="embedding")(features)
    cosines = layers.Dense(labels, use_bias=False, kernel_constraint=constraints.UnitNorm(axis=0), name="cosines")(
        embedding
    )
    logits = layers.Rescaling(SHARPNESS, name="logits")(cosines)
    return Model(entrance, [embedding, logits], name="head")
