"""A seeded trunk gives what the network gives that it was seeded from, layer by layer, and nothing changes at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.random import default_rng

from ml.networks.seeding import convolution_names, seed_from_plain, seed_from_squeezenet, squeezenet_seeds
from ml.networks.vgg16 import build_vgg16, build_vgg16_with_normalisation, preprocess

pytestmark = pytest.mark.training
PICTURES = default_rng(0).integers(0, 256, (4, 48, 48, 3)).astype(np.uint8)
FIRES = {2: (16, 64), 3: (16, 64), 4: (32, 128), 5: (32, 128), 6: (48, 192), 7: (48, 192)}


def build_squeezenet() -> Any:
    """SqueezeNet 1.1 up to fire7, random: what the published file holds, without its 3 MB."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(4)
    entrance = layers.Input((None, None, 3))
    biased = {"activation": "relu", "bias_initializer": keras.initializers.RandomNormal(stddev=0.5)}
    features = layers.Conv2D(64, 3, strides=2, name="conv1", **biased)(entrance)
    for fire, (squeezed, expanded) in FIRES.items():
        if fire in (2, 4, 6):
            features = layers.MaxPooling2D(3, 2)(features)
        features = layers.Conv2D(squeezed, 1, name=f"fire{fire}_squeeze1x1", **biased)(features)
        one = layers.Conv2D(expanded, 1, name=f"fire{fire}_expand1x1", **biased)(features)
        three = layers.Conv2D(expanded, 3, padding="same", name=f"fire{fire}_expand3x3", **biased)(features)
        features = layers.Concatenate(name=f"fire{fire}_concat")([one, three])
    return keras.Model(entrance, features)


def layer_by_layer(trunk: Any, name: str, features: np.ndarray) -> np.ndarray:
    """What a convolution of the trunk gives with its normalisation and ReLU, in inference."""
    normalised = trunk.get_layer(name.replace("conv", "norm"))(trunk.get_layer(name)(features), training=False)
    return np.maximum(np.asarray(normalised), 0)


def with_noise(features: np.ndarray, channels: int) -> np.ndarray:
    """Features with further channels of noise behind them, as the trunk's unseeded channels are."""
    further = default_rng(1).normal(0, 5, (*features.shape[:3], channels - features.shape[3]))
    return np.concatenate([features, further], axis=3).astype(np.float32)


def test_each_layer_gives_squeezenets_numbers() -> None:
    import keras

    squeezenet, trunk = build_squeezenet(), build_vgg16_with_normalisation(None)
    seed_from_squeezenet(trunk, squeezenet, PICTURES, seed=0)
    caffe = PICTURES[..., ::-1].astype(np.float32) - np.array([104.006, 116.669, 122.679], np.float32)
    expected = np.asarray(squeezenet.get_layer("conv1")(caffe))
    first = layer_by_layer(trunk, "block1_conv1", np.asarray(preprocess(PICTURES.astype(np.float32))))
    assert first[:, 1:-1:2, 1:-1:2] == pytest.approx(expected, abs=0.05)
    for fire, squeeze_name, expand_name in zip(
        FIRES, convolution_names()[1::2], convolution_names()[2::2], strict=True
    ):
        parts = [squeezenet.get_layer(f"fire{fire}_{part}") for part in ("squeeze1x1", "expand1x1", "expand3x3")]
        entering = default_rng(fire).random((2, 9, 9, parts[0].kernel.shape[2])).astype(np.float32)
        squeezed = np.asarray(parts[0](entering))
        expanded = np.asarray(keras.ops.concatenate([parts[1](squeezed), parts[2](squeezed)], axis=3))
        wide = trunk.get_layer(squeeze_name).kernel.shape[2]
        ours = layer_by_layer(trunk, squeeze_name, with_noise(entering, wide))
        assert ours[..., : squeezed.shape[3]] == pytest.approx(squeezed, abs=1e-3)
        wide = trunk.get_layer(expand_name).kernel.shape[2]
        ours = layer_by_layer(trunk, expand_name, with_noise(squeezed, wide))
        assert ours[..., : expanded.shape[3]] == pytest.approx(expanded, abs=1e-3)


def test_a_seed_has_a_convolution_for_each_of_vgg16() -> None:
    seeds = squeezenet_seeds(build_squeezenet())
    assert [seed.kernel.shape[3] for seed in seeds] == [64, 16, 128, 16, 128, 32, 256, 32, 256, 48, 384, 48, 384]
    assert all(seed.kernel.shape[:2] == (3, 3) for seed in seeds)


def test_nothing_changes_at_the_start() -> None:
    """Calibrated normalisation: a plain trunk's output comes out in inference, and nearly so in training."""
    plain, trunk = build_vgg16(None), build_vgg16_with_normalisation(None)
    seed_from_plain(trunk, plain, PICTURES)
    entering = preprocess(PICTURES.astype(np.float32))
    expected = np.asarray(plain(entering))
    assert expected.max() > 0.01
    assert np.asarray(trunk(entering, training=False)) == pytest.approx(expected, abs=0.001 * float(expected.max()))
    assert np.asarray(trunk(entering, training=True)) == pytest.approx(expected, abs=0.02 * float(expected.max()))
