"""The table of networks: everything that differs between them, one row each. What is done with a row is in `build`.

A network is a trunk (preprocessed pictures -> features), a gathering of its features into one row, and a head (that
row -> embedding of length 1, logits). Training, export and serving know no more about it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.networks import heads, mobilenet, published_cnns, published_tops, resnet, vgg16
from ml.networks.published_tops import flatten
from ml.networks.weights import load_weights

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Network:
    """A row. `frozen` counts layers, the input among them, as in Keras; 0 and 1 freeze nothing.

    `embedding_layer` of the head is what the embedding is read from, `embedding_width` its usual width, which can be
    chosen where `any_width`. `imagenet` names the class of keras.applications whose weights fit; `load` fills a trunk
    from a file, which may hold a network whose normalisation was folded away. `optimizer` is the usual one for
    fine-tuning, or for all of the training of a network that begins with nothing.
    """

    name: str
    title: str
    build_trunk: Callable[[int], keras.Model]
    preprocess: Callable[[Any], Any]
    gather: Callable[[Any], Any]
    build_head: Callable[..., keras.Model]
    load: Callable[[keras.Model, Path], None] | None
    imagenet: str
    may_be_folded: bool
    frozen: int
    embedding_layer: str
    embedding_width: int
    any_width: bool
    dropout: float
    smallest_size: int
    usual_size: int
    optimizer: str

    @property
    def starts(self) -> tuple[str, ...]:
        """The starting weights that it takes."""
        return ("none", *(["PATH"] if self.load else []), *(["imagenet"] if self.imagenet else []))


def network_named(name: str) -> Network:
    """The row of a network. Raises ValueError, with all names, where there is none."""
    found = next((network for network in NETWORKS if network.name == name), None)
    if not found:
        raise ValueError(f"there is no network {name!r}: choose {', '.join(network.name for network in NETWORKS)}")
    return found


NETWORKS = (
    Network(
        name="vgg16",
        title="VGG16",
        build_trunk=vgg16.build_vgg16,
        preprocess=vgg16.preprocess,
        gather=heads.pool,
        build_head=heads.build_head,
        load=vgg16.load_vgg16,
        imagenet="VGG16",
        may_be_folded=False,
        frozen=vgg16.FROZEN_LAYERS,
        embedding_layer="embedding_dense",
        embedding_width=heads.EMBEDDING_DIMENSIONS,
        any_width=True,
        dropout=heads.DROPOUT,
        smallest_size=vgg16.SMALLEST_INPUT,
        usual_size=96,
        optimizer="sgd",
    ),
    Network(
        name="vgg16-dense",
        title="VGG16 + dense 50 + dense 20",
        build_trunk=vgg16.build_vgg16,
        preprocess=vgg16.preprocess,
        gather=flatten,
        build_head=published_tops.build_dense_top,
        load=vgg16.load_vgg16,
        imagenet="VGG16",
        may_be_folded=False,
        frozen=vgg16.LAYERS,
        embedding_layer="dense_50",
        embedding_width=published_tops.DENSE,
        any_width=False,
        dropout=0.0,
        smallest_size=vgg16.SMALLEST_INPUT,
        usual_size=224,
        optimizer="sgd",
    ),
    Network(
        name="benchmark-cnn",
        title="Benchmark CNN",
        build_trunk=published_cnns.build_benchmark_cnn,
        preprocess=published_cnns.to_unit_range,
        gather=flatten,
        build_head=published_tops.build_benchmark_top,
        load=None,
        imagenet="",
        may_be_folded=False,
        frozen=0,
        embedding_layer="average",
        embedding_width=published_tops.BENCHMARK_CHANNELS,
        any_width=False,
        dropout=0.3,
        smallest_size=published_cnns.BENCHMARK_SMALLEST,
        usual_size=224,
        optimizer="adam",
    ),
    Network(
        name="fashion-cnn",
        title="Fashion CNN",
        build_trunk=published_cnns.build_fashion_cnn,
        preprocess=published_cnns.squeeze_to_portrait,
        gather=flatten,
        build_head=published_tops.build_fashion_top,
        load=None,
        imagenet="",
        may_be_folded=False,
        frozen=0,
        embedding_layer="dense_relu",
        embedding_width=published_tops.FASHION_DENSE,
        any_width=False,
        dropout=0.0,
        smallest_size=published_cnns.FASHION_SMALLEST,
        usual_size=published_cnns.FASHION_HEIGHT,
        optimizer="adam",
    ),
    Network(
        name="resnet18",
        title="ResNet18",
        build_trunk=resnet.build_resnet18,
        preprocess=resnet.preprocess,
        gather=heads.pool,
        build_head=heads.build_head,
        load=load_weights,
        imagenet="",
        may_be_folded=False,
        frozen=0,
        embedding_layer="embedding_dense",
        embedding_width=heads.EMBEDDING_DIMENSIONS,
        any_width=True,
        dropout=heads.DROPOUT,
        smallest_size=resnet.SMALLEST_INPUT,
        usual_size=224,
        optimizer="adamw",
    ),
    Network(
        name="resnet34",
        title="ResNet34",
        build_trunk=resnet.build_resnet34,
        preprocess=resnet.preprocess,
        gather=heads.pool,
        build_head=heads.build_head,
        load=load_weights,
        imagenet="",
        may_be_folded=False,
        frozen=0,
        embedding_layer="embedding_dense",
        embedding_width=heads.EMBEDDING_DIMENSIONS,
        any_width=True,
        dropout=heads.DROPOUT,
        smallest_size=resnet.SMALLEST_INPUT,
        usual_size=224,
        optimizer="adamw",
    ),
    Network(
        name="resnet50",
        title="ResNet50",
        build_trunk=resnet.build_resnet50,
        preprocess=vgg16.preprocess,
        gather=heads.pool,
        build_head=heads.build_head,
        load=load_weights,
        imagenet="ResNet50",
        may_be_folded=False,
        frozen=0,
        embedding_layer="embedding_dense",
        embedding_width=heads.EMBEDDING_DIMENSIONS,
        any_width=True,
        dropout=heads.DROPOUT,
        smallest_size=resnet.SMALLEST_INPUT,
        usual_size=224,
        optimizer="adamw",
    ),
    Network(
        name="mobilenetv2",
        title="MobileNetV2",
        build_trunk=mobilenet.build_mobilenetv2,
        preprocess=mobilenet.preprocess,
        gather=heads.pool,
        build_head=heads.build_head,
        load=mobilenet.load_mobilenetv2,
        imagenet="MobileNetV2",
        may_be_folded=True,
        frozen=0,
        embedding_layer="embedding_dense",
        embedding_width=heads.EMBEDDING_DIMENSIONS,
        any_width=True,
        dropout=heads.DROPOUT,
        smallest_size=mobilenet.SMALLEST_INPUT,
        usual_size=160,
        optimizer="adamw",
    ),
)
