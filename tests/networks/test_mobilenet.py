"""Weights without normalisation: they load, and calibration changes nothing but how the network learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.random import default_rng

from ml.networks.build import build_trunk
from ml.networks.mobilenet import build_mobilenetv2, calibrate, is_folded, load_folded, preprocess
from ml.networks.table import network_named

pytestmark = pytest.mark.training


def folded_mobilenet() -> Any:
    """MobileNetV2 with biases in the place of normalisation, as made for phones: random numbers."""
    import keras
    from keras import layers

    published = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(64, 64, 3))

    def folded(layer: Any) -> Any:
        if isinstance(layer, layers.BatchNormalization):
            return layers.Activation("linear", name=layer.name)
        settings = layer.get_config()
        if "use_bias" in settings:
            settings |= {"use_bias": True, "bias_initializer": keras.initializers.RandomNormal(0, 0.05, seed=1)}
        return layer.__class__.from_config(settings)

    def applied(layer: Any, *inputs: Any, mask: Any = None) -> Any:
        return layer(*inputs)

    return keras.models.clone_model(published, clone_function=folded, call_function=applied)


@pytest.fixture(scope="module")
def folded() -> Any:
    return folded_mobilenet()


@pytest.fixture(scope="module")
def file(folded: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("weights") / "folded.keras"
    folded.save(place)
    return place


PICTURES = preprocess(default_rng(3).integers(0, 256, (4, 64, 64, 3)).astype(np.float32))


def test_folded_weights_give_the_same_output(folded: Any, file: Path) -> None:
    trunk = build_trunk(network_named("mobilenetv2"), 64, str(file))
    assert np.asarray(trunk(PICTURES)) == pytest.approx(np.asarray(folded(PICTURES)), abs=1e-4)
    assert is_folded(trunk)


def test_calibration_keeps_the_output_and_gives_training_the_same(file: Path) -> None:
    trunk = build_mobilenetv2(64)
    load_folded(trunk, file)
    before = np.asarray(trunk(PICTURES, training=False))
    calibrate(trunk, [PICTURES[:2], PICTURES[2:]])
    assert not is_folded(trunk)
    assert np.asarray(trunk(PICTURES, training=False)) == pytest.approx(before, abs=1e-3)
    assert np.asarray(trunk(PICTURES, training=True)) == pytest.approx(before, abs=1e-2)


@pytest.mark.data
def test_the_offline_imagenet_weights_load(shared_data: Path) -> None:
    import keras

    place = shared_data / "weights" / "mobilenet_v2_1.0_224_dequant_notop.keras"
    published = keras.models.load_model(place, compile=False)
    trunk = build_trunk(network_named("mobilenetv2"), 224, str(place))
    pictures = preprocess(default_rng(4).integers(0, 256, (1, 224, 224, 3)).astype(np.float32))
    pooled = np.asarray(trunk(pictures)).mean(axis=(1, 2))
    assert pooled == pytest.approx(np.asarray(published(pictures)).reshape(1, -1), abs=1e-3)
