"""What is done with a row of the table, the same way for each: build and start a trunk, build a head, join them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ml.networks.table import Network
from ml.networks.weights import WeightsError

if TYPE_CHECKING:
    import keras

PICTURES = "pictures"


def check_fit(network: Network, size: int, weights: str, dimensions: int) -> None:
    """Raise ValueError, or WeightsError, where the network cannot be built so; needs no TensorFlow."""
    if size < network.smallest_size:
        raise ValueError(f"{network.title} takes pictures of {network.smallest_size} pixels and more, not {size}")
    if dimensions != network.embedding_width and not network.any_width:
        raise ValueError(
            f"{network.title} is a published network whose embedding has {network.embedding_width} numbers, "
            f"not {dimensions}: leave --dimensions out"
        )
    kind = weights if weights in ("none", "imagenet") else "PATH"
    if kind not in network.starts:
        raise WeightsError(f"{network.title} starts from {' or '.join(network.starts)}: --weights {weights} is neither")
    if kind == "PATH" and not Path(weights).is_file():
        raise WeightsError(f"{weights} does not exist: give the path of a weight file, or --weights none")


def build_trunk(network: Network, size: int, weights: str = "none") -> keras.Model:
    """The trunk for pictures of `size` pixels, started from "none" (random), "imagenet" or the path of a file.

    Raises ValueError or WeightsError where the size is too small, or the weights cannot be had or are of another one.
    """
    check_fit(network, size, weights, network.embedding_width)
    trunk = network.build_trunk(size)
    if weights == "imagenet":
        trunk.set_weights(_imagenet_weights(network, size))
    elif weights != "none" and network.load:
        network.load(trunk, Path(weights))
    return trunk


def build_head(
    network: Network, trunk: keras.Model, labels: int, *, dimensions: int | None = None, dropout: float | None = None
) -> keras.Model:
    """The head for what `trunk` gives, gathered; dimensions and dropout are the row's where they are None."""
    return network.build_head(
        gathered_shape(network, trunk)[0],
        labels,
        dimensions=network.embedding_width if dimensions is None else dimensions,
        dropout=network.dropout if dropout is None else dropout,
    )


def gathered_shape(network: Network, trunk: keras.Model) -> tuple[int]:
    """The length of the row that goes into the head."""
    return (int(network.gather(trunk.output).shape[-1]),)


def for_pictures(network: Network, part: keras.Model, size: int, *, gather: bool = False) -> keras.Model:
    """`part`, the first layers of the network's trunk or all, for RGB 0..255 (N, size, size, 3); gathered if asked."""
    from keras import Model, layers

    entrance = layers.Input((size, size, 3), name=PICTURES)
    features = part(network.preprocess(entrance))
    return Model(entrance, network.gather(features) if gather else features, name=part.name)


def join(network: Network, tail: keras.Model, head: keras.Model) -> keras.Model:
    """`tail`, the last layers of the network's trunk, with the head: features -> [embedding, logits]."""
    from keras import Model

    return Model(tail.input, head(network.gather(tail.output)), name=f"{tail.name}_classifier")


def whole(network: Network, trunk: keras.Model, head: keras.Model, size: int) -> keras.Model:
    """Everything: RGB 0..255 (N, size, size, 3) -> [embedding, logits]; what is served, no augmentation inside."""
    from keras import Model, layers

    entrance = layers.Input((size, size, 3), name=PICTURES)
    features = trunk(network.preprocess(entrance))
    return Model(entrance, head(network.gather(features)), name="whole")


def _imagenet_weights(network: Network, size: int) -> list[object]:
    """Those of keras.applications, from its cache or the network."""
    import warnings

    import keras

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # MobileNetV2: weights of 224 px for a size that was not published
            published = getattr(keras.applications, network.imagenet)(
                include_top=False, weights="imagenet", input_shape=(size, size, 3)
            )
    except Exception as error:
        raise WeightsError(
            f"ImageNet's weights of {network.title} cannot be downloaded ({error}): "
            "give --weights PATH of a weight file, or none"
        ) from error
    weights: list[object] = published.get_weights()
    return weights
