"""Seeds: a trunk with batch normalisation that starts from what another network knows, and gives what that one gives.

SqueezeNet 1.1 (Iandola et al., 2016) from conv1 to fire7 has as many convolutions as VGG16. A fire's 1x1 squeeze is the
centre tap of a 3x3; its two expands, 1x1 and 3x3 side by side, share one convolution. VGG16's further channels start
random, and what was seeded does not listen to them. Pooling and strides stay VGG16's: a seeded layer gives
SqueezeNet's numbers for SqueezeNet's input, while the whole sees pictures at another scale.

Normalisation is calibrated layer by layer on pictures (as in "All you need is a good init", Mishkin and Matas, 2016):
its statistics are those of the pictures, its scale and shift undo it. So nothing changes at the start, neither in
inference nor, nearly, in training.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from ml.networks.normalisation import EPSILON
from ml.networks.published_files import SQUEEZENET_MEANS_BGR
from ml.networks.vgg16 import BLOCKS, MEANS_BGR, preprocess

if TYPE_CHECKING:
    import keras

Values = NDArray[np.float32]


@dataclass(frozen=True)
class Seed:
    """What a convolution starts with: a kernel (3, 3, from, to) and a bias (to,) for its first channels."""

    kernel: Values
    bias: Values


def convolution_names() -> tuple[str, ...]:
    """VGG16's 13 convolutions, first to last."""
    return tuple(
        f"block{block}_conv{number}" for block, (count, _) in enumerate(BLOCKS, 1) for number in range(1, count + 1)
    )


def seed_from_squeezenet(trunk: keras.Model, squeezenet: keras.Model, pictures: NDArray[np.uint8], seed: int) -> None:
    """Fill `trunk` (built with normalisation) from SqueezeNet, calibrated on pictures (N, side, side, 3) RGB."""
    seeds = dict(zip(convolution_names(), squeezenet_seeds(squeezenet), strict=True))
    _fill(trunk, seeds, pictures, default_rng(seed))


def seed_from_plain(trunk: keras.Model, plain: keras.Model, pictures: NDArray[np.uint8]) -> None:
    """Fill `trunk` (built with normalisation) from a plain VGG16, calibrated on pictures (N, side, side, 3) RGB."""
    seeds = {name: Seed(*plain.get_layer(name).get_weights()) for name in convolution_names()}
    _fill(trunk, seeds, pictures, default_rng(0))


def squeezenet_seeds(squeezenet: keras.Model) -> tuple[Seed, ...]:
    """SqueezeNet's conv1 and fire2 to fire7 as thirteen 3x3 convolutions."""
    kernel, bias = squeezenet.get_layer("conv1").get_weights()
    # Published weights take other means than VGG16's: the difference goes into the bias.
    shift = np.asarray(MEANS_BGR) - np.asarray(SQUEEZENET_MEANS_BGR)
    seeds = [Seed(kernel, np.asarray(bias + np.einsum("hwio,i->o", kernel, shift), np.float32))]
    for fire in range(2, 8):
        squeeze, one, three = (
            squeezenet.get_layer(f"fire{fire}_{part}").get_weights()
            for part in ("squeeze1x1", "expand1x1", "expand3x3")
        )
        seeds.append(Seed(_centred(squeeze[0]), squeeze[1]))
        seeds.append(Seed(np.concatenate([_centred(one[0]), three[0]], axis=3), np.concatenate([one[1], three[1]])))
    return tuple(seeds)


def _centred(kernel: Values) -> Values:
    """A 1x1 kernel as the centre tap of a 3x3."""
    return np.pad(kernel, ((1, 1), (1, 1), (0, 0), (0, 0)))


def _fill(trunk: keras.Model, seeds: Mapping[str, Seed], pictures: NDArray[np.uint8], random: Generator) -> None:
    """Go through the trunk once: fill each convolution, then calibrate the normalisation behind it."""
    from keras import ops

    features = preprocess(ops.convert_to_tensor(pictures, dtype="float32"))
    seed, heard = None, len(MEANS_BGR)
    for layer in trunk.layers[1:]:
        if layer.name in seeds:
            seed = seeds[layer.name]
            layer.set_weights([_widened(seed.kernel, heard, layer.get_weights()[0].shape, random)])
            heard = seed.kernel.shape[3]
        elif seed and "_norm" in layer.name:
            layer.set_weights(_calibrated(seed, ops.convert_to_numpy(features)))
        features = layer(features, training=False) if "_norm" in layer.name else layer(features)


def _widened(kernel: Values, heard: int, shape: tuple[int, ...], random: Generator) -> Values:
    """A seed's kernel among random ones: its channels listen to the `heard` seeded ones before it and to no others."""
    height, width, channels, _ = shape
    wide = random.normal(0, np.sqrt(2 / (height * width * channels)), shape).astype(np.float32)
    wide[..., : kernel.shape[3]] = 0
    wide[:, :, :heard, : kernel.shape[3]] = kernel
    return wide


def _calibrated(seed: Seed, features: NDArray[np.float32]) -> list[Values]:
    """Scale, shift, mean, variance: seeded channels come out as they were plus their bias, the others normalised."""
    mean = features.mean(axis=(0, 1, 2), dtype=np.float64)
    variance = features.var(axis=(0, 1, 2), dtype=np.float64)
    scale, shift = np.ones_like(mean), np.zeros_like(mean)
    seeded = slice(0, len(seed.bias))
    scale[seeded] = np.sqrt(variance[seeded] + EPSILON)
    shift[seeded] = mean[seeded] + seed.bias
    return [np.asarray(values, np.float32) for values in (scale, shift, mean, variance)]
