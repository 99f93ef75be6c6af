"""Two small published networks that learn from scratch: without their tops, which stand in `published_tops`.

benchmark-cnn   four 3x3 convolutions of 16, 32, 32 and 64 filters without padding, each with ReLU and a pooling that
                halves: 224 px leave 12 x 12 x 64. With its top for 179 labels 1,682,675 parameters.
fashion-cnn     80 x 60 px (height by width): twice two padded 3x3 convolutions (32, 32, then 64, 64 filters), each with
                batch normalisation and ReLU, and a pooling behind each pair: 20 x 15 x 64 are left. With its top for 30
                labels 9,914,686 parameters, 1,408 of them running means and variances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ml.networks.normalisation import build_normalisation

if TYPE_CHECKING:
    import keras

BENCHMARK_FILTERS = (16, 32, 32, 64)
BENCHMARK_SMALLEST = 46
FASHION_FILTERS = (32, 64)
FASHION_HEIGHT, FASHION_WIDTH = 80, 60
FASHION_SMALLEST = 32


def to_unit_range(pictures: Any) -> Any:
    """RGB 0..255 -> 0..1."""
    return pictures / 255.0


def squeeze_to_portrait(pictures: Any) -> Any:
    """Squares of RGB 0..255 -> (N, 80, 60, 3) in 0..1: the whole picture, narrower, as shoes are wide."""
    import keras

    return keras.ops.image.resize(pictures, (FASHION_HEIGHT, FASHION_WIDTH), interpolation="bilinear") / 255.0


def build_benchmark_cnn(size: int) -> keras.Model:
    """(N, size, size, 3) in 0..1 -> the features of the last pooling, (N, 12, 12, 64) at 224 px."""
    from keras import Model, layers

    entrance = features = layers.Input((size, size, 3), name="preprocessed")
    for number, filters in enumerate(BENCHMARK_FILTERS, 1):
        features = layers.Conv2D(filters, 3, activation="relu", name=f"conv{number}")(features)
        features = layers.MaxPooling2D(2, name=f"pool{number}")(features)
    return Model(entrance, features, name="benchmark_cnn")


def build_fashion_cnn(_: int) -> keras.Model:
    """(N, 80, 60, 3) in 0..1 -> (N, 20, 15, 64), whatever the size of the squares that were squeezed into it."""
    from keras import Model, layers

    entrance = features = layers.Input((FASHION_HEIGHT, FASHION_WIDTH, 3), name="preprocessed")
    for block, filters in enumerate(FASHION_FILTERS, 1):
        for number in (1, 2):
            name = f"block{block}_conv{number}"
            features = layers.Conv2D(filters, 3, padding="same", name=name)(features)
            features = build_normalisation(f"block{block}_norm{number}")(features)
            features = layers.ReLU(name=f"block{block}_relu{number}")(features)
        features = layers.MaxPooling2D(2, name=f"block{block}_pool")(features)
    return Model(entrance, features, name="fashion_cnn")
