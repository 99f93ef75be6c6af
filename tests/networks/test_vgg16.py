"""VGG16 is the published network: its layers, its parameters, its weight files; and folding changes no output."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.random import default_rng

from ml.networks.freezing import cut, freeze_first
from ml.networks.vgg16 import (
    BOTTLENECK_LAYER,
    FROZEN_LAYERS,
    build_vgg16,
    build_vgg16_with_normalisation,
    fold_normalisation,
    preprocess,
)
from ml.networks.weights import WeightsError, save_weights, weights_digest

pytestmark = pytest.mark.training


def test_the_layers_are_those_of_keras_applications() -> None:
    import keras

    published = keras.applications.VGG16(include_top=False, weights=None, input_shape=(64, 64, 3))
    own = build_vgg16(64)
    assert [layer.name for layer in own.layers[1:]] == [layer.name for layer in published.layers[1:]]
    assert [weight.shape for weight in own.weights] == [weight.shape for weight in published.weights]
    assert own.count_params() == 14_714_688


def test_preprocessing_is_kerass_own() -> None:
    import keras

    pictures = default_rng(0).integers(0, 256, (2, 8, 8, 3)).astype(np.float32)
    expected = keras.applications.vgg16.preprocess_input(pictures.copy())
    assert np.asarray(preprocess(pictures)) == pytest.approx(expected, abs=1e-4)


def test_fifteen_frozen_layers_end_at_the_bottleneck() -> None:
    network = freeze_first(build_vgg16(32), FROZEN_LAYERS)
    assert network.layers[FROZEN_LAYERS - 1].name == BOTTLENECK_LAYER
    trained = sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)
    assert trained == 3 * (3 * 3 * 512 * 512 + 512)
    with pytest.raises(ValueError, match="19 layers"):
        freeze_first(network, 40)


@pytest.mark.parametrize("frozen", [1, 15, 19])
def test_both_parts_of_a_cut_make_the_whole(frozen: int) -> None:
    network = build_vgg16(32)
    first, second = cut(network, frozen)
    pictures = default_rng(1).normal(0, 50, (2, 32, 32, 3)).astype(np.float32)
    assert np.asarray(second(first(pictures))) == pytest.approx(np.asarray(network(pictures)), abs=1e-4)


def test_folded_normalisation_gives_the_same_output() -> None:
    network, random = build_vgg16_with_normalisation(None), default_rng(2)
    for layer in network.layers:
        if "_norm" in layer.name:
            channels = layer.get_weights()[0].shape
            scale, shift = random.uniform(0.5, 1.5, channels), random.normal(0, 0.2, channels)
            layer.set_weights([scale, shift, random.normal(0, 5, channels), random.uniform(50, 500, channels)])
    pictures = random.normal(0, 60, (2, 64, 64, 3)).astype(np.float32)
    expected = np.asarray(network(pictures, training=False))
    assert expected.max() > 0.1
    assert np.asarray(fold_normalisation(network)(pictures)) == pytest.approx(expected, abs=1e-4)


def test_normalisation_learns_the_means_that_keras_would() -> None:
    import keras

    from ml.networks.normalisation import EPSILON, MOMENTUM, build_normalisation

    own, kerass = build_normalisation("own"), keras.layers.BatchNormalization(epsilon=EPSILON, momentum=MOMENTUM)
    batch = default_rng(3).normal(3, 2, (8, 16, 16, 4)).astype(np.float32)
    for training in (True, True, False):
        ours, theirs = own(batch, training=training), kerass(batch, training=training)
        assert np.asarray(ours) == pytest.approx(np.asarray(theirs), abs=2e-3)
    for ours, theirs in zip(own.get_weights(), kerass.get_weights(), strict=True):
        assert ours == pytest.approx(theirs, rel=2e-3, abs=1e-4)


def test_weights_travel_in_a_file(tmp_path: Path) -> None:
    first, file = build_vgg16(32), tmp_path / "trunk.weights.h5"
    save_weights(first, file)
    assert weights_digest(build_vgg16(64, file)) == weights_digest(first)
    assert weights_digest(build_vgg16(64)) != weights_digest(first)
    assert [path.name for path in tmp_path.iterdir()] == ["trunk.weights.h5"]


def test_files_that_do_not_fit_are_refused_with_a_sentence(tmp_path: Path) -> None:
    import keras

    with pytest.raises(WeightsError, match="does not exist"):
        build_vgg16(32, tmp_path / "missing.weights.h5")
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    save_weights(other, tmp_path / "other.weights.h5")
    with pytest.raises(WeightsError, match="does not hold the weights of vgg16"):
        build_vgg16(32, tmp_path / "other.weights.h5")
    (tmp_path / "noise.weights.h5").write_bytes(b"noise")
    with pytest.raises(WeightsError, match="does not hold"):
        build_vgg16(32, tmp_path / "noise.weights.h5")


def test_a_picture_too_small_to_halve_five_times_is_refused() -> None:
    with pytest.raises(ValueError, match="32 pixels"):
        build_vgg16(16)
