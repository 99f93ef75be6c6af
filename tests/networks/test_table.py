"""Every network of the table: the published numbers of parameters, and the one way to build, freeze and read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.random import default_rng

from ml.networks.build import build_head, build_trunk, for_pictures, join, whole
from ml.networks.freezing import borders, cut, freeze_first
from ml.networks.table import NETWORKS, Network, network_named
from ml.networks.weights import WeightsError, save_weights

pytestmark = pytest.mark.training
each_network = pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)


def parameters(weights: list[Any]) -> int:
    return sum(int(np.prod(weight.shape)) for weight in weights)


def built(name: str, size: int, labels: int) -> Any:
    network = network_named(name)
    trunk = freeze_first(build_trunk(network, size), network.frozen)
    return whole(network, trunk, build_head(network, trunk, labels), size)


def test_vgg16_with_two_dense_layers_has_the_published_parameters() -> None:
    assert parameters(built("vgg16-dense", 224, 7).trainable_weights) == 1_255_617


def test_the_benchmark_cnn_has_the_published_parameters() -> None:
    network = built("benchmark-cnn", 224, 179)
    assert network.count_params() == parameters(network.trainable_weights) == 1_682_675


def test_the_fashion_cnn_has_the_published_parameters() -> None:
    network = built("fashion-cnn", 80, 30)
    assert network.count_params() == 9_914_686
    assert parameters(network.non_trainable_weights) == 1_408


@pytest.mark.parametrize(
    ("name", "trunk_parameters", "channels"),
    [
        ("vgg16", 14_714_688, 512),
        ("resnet18", 11_176_512 + 9_600, 512),
        ("resnet34", 21_284_672 + 17_024, 512),
        ("resnet50", 23_587_712, 2048),
        ("mobilenetv2", 2_257_984, 1280),
    ],
)
def test_trunks_have_the_published_parameters(name: str, trunk_parameters: int, channels: int) -> None:
    trunk = build_trunk(network_named(name), 64)
    assert trunk.count_params() == trunk_parameters
    assert trunk.output_shape == (None, 2, 2, channels)


@each_network
def test_each_gives_a_unit_embedding_and_logits(network: Network) -> None:
    size = network.smallest_size
    trunk = build_trunk(network, size)
    head = build_head(network, trunk, 3)
    pictures = default_rng(0).integers(0, 256, (2, size, size, 3)).astype(np.float32)
    embedding, logits = (np.asarray(output) for output in whole(network, trunk, head, size)(pictures))
    assert embedding.shape == (2, network.embedding_width)
    assert np.linalg.norm(embedding, axis=1) == pytest.approx(np.ones(2), abs=1e-4)
    assert logits.shape == (2, 3)
    assert head.get_layer(network.embedding_layer).output.shape == (None, network.embedding_width)
    parted = join(network, cut(trunk, borders(trunk)[1])[1], head)
    first = for_pictures(network, cut(trunk, borders(trunk)[1])[0], size)
    assert np.asarray(parted(first(pictures))[1]) == pytest.approx(logits, abs=1e-4)


@pytest.mark.parametrize(("name", "keras_name"), [("resnet50", "ResNet50"), ("mobilenetv2", "MobileNetV2")])
def test_borrowed_networks_give_what_keras_gives(name: str, keras_name: str) -> None:
    import keras

    published = getattr(keras.applications, keras_name)(include_top=False, weights=None, input_shape=(64, 64, 3))
    own = build_trunk(network_named(name), 64)
    own.set_weights(published.get_weights())
    pictures = default_rng(1).normal(0, 1, (2, 64, 64, 3)).astype(np.float32)
    assert np.asarray(own(pictures)) == pytest.approx(np.asarray(published(pictures)), abs=1e-3, rel=1e-3)


def test_a_residual_network_is_cut_between_blocks_only() -> None:
    trunk = build_trunk(network_named("resnet18"), 32)
    possible = borders(trunk)
    inside = next(place for place in range(8, len(trunk.layers)) if place not in possible)
    with pytest.raises(ValueError, match="inside a block: freeze"):
        cut(trunk, inside)
    block_end = next(place for place in possible if trunk.layers[place - 1].name == "stage2_block2_out")
    first, second = cut(freeze_first(trunk, block_end), block_end)
    pictures = default_rng(2).normal(0, 1, (2, 32, 32, 3)).astype(np.float32)
    assert np.asarray(second(first(pictures))) == pytest.approx(np.asarray(trunk(pictures)), abs=1e-4)
    assert not first.trainable_weights


def test_a_row_that_there_is_not_is_refused_with_all_names() -> None:
    with pytest.raises(ValueError, match=r"no network 'vgg19': choose vgg16, .*mobilenetv2"):
        network_named("vgg19")


@each_network
def test_what_cannot_be_is_refused_before_anything_is_built(network: Network, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{network.smallest_size} pixels and more"):
        build_trunk(network, network.smallest_size - 1)
    missing = "does not exist" if network.load else "starts from none"
    with pytest.raises(WeightsError, match=missing):
        build_trunk(network, network.smallest_size, str(tmp_path / "gone.weights.h5"))
    if not network.imagenet:
        with pytest.raises(WeightsError, match="--weights imagenet is neither"):
            build_trunk(network, network.smallest_size, "imagenet")


@pytest.mark.parametrize("name", ["resnet18", "mobilenetv2"])
def test_weights_of_another_network_are_refused(name: str, tmp_path: Path) -> None:
    import keras

    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    save_weights(other, tmp_path / "other.weights.h5")
    other.save(tmp_path / "other.keras")
    for file in ("other.weights.h5", "other.keras"):
        with pytest.raises(WeightsError, match="does not hold"):
            build_trunk(network_named(name), 32, str(tmp_path / file))
