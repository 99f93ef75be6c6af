"""Teachers: small ImageNet networks whose features of the same crop the trunk learns to foresee.

A teacher looks at what the trunk looks at, so that what it says fits the crop ("A good teacher is patient and
consistent", Beyer et al., 2022); a target for the clean picture, computed once, is the cheaper and poorer way.
What all teachers say is joined, standardised and projected by principal components (PCA), at three places: a map
from the middle of the networks, a map from their end, and the average of the latter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ml.networks.published_files import (
    MOBILENETV2_FILE,
    MOBILENETV2_GREY,
    SQUEEZENET_FILE,
    SQUEEZENET_MEANS_BGR,
)
from ml.networks.weights import WeightsError
from ml.training.pretraining.projections import Projection, fit_projection

if TYPE_CHECKING:
    import keras

MIDDLE, LAST, POOLED = "middle", "last", "pooled"
PLACES = (MIDDLE, LAST, POOLED)
DIMENSIONS = 256
MIDDLE_GRID, LAST_GRID = 14, 7
"""Sides of the maps on which the projections are fitted."""

MOST_FITTED = 16_000
"""Feature vectors that a projection is fitted on."""


@dataclass(frozen=True)
class TeacherKind:
    """A published network: its file, the picture that it takes, and the layers that are asked."""

    file: str
    side: int
    means: tuple[float, float, float]
    scale: float
    bgr: bool
    middle: str
    last: str


KINDS = {
    "squeezenet": TeacherKind(
        file=SQUEEZENET_FILE,
        side=227,
        means=SQUEEZENET_MEANS_BGR,
        scale=1.0,
        bgr=True,
        middle="fire7_concat",
        last="fire9_concat",
    ),
    "mobilenetv2": TeacherKind(
        file=MOBILENETV2_FILE,
        side=224,
        means=(MOBILENETV2_GREY,) * 3,
        scale=MOBILENETV2_GREY,
        bgr=False,
        middle="b13_expand_relu6",
        last="conv_last_relu6",
    ),
}


@dataclass(frozen=True)
class Teacher:
    """A loaded network that gives its middle and its last map, and how it wants its pictures."""

    kind: TeacherKind
    network: keras.Model

    def maps(self, pictures: Any) -> tuple[Any, Any]:
        """RGB 0..255 (N, side, side, 3) of any side -> the two maps (N, h, w, channels)."""
        from keras import ops

        kind = self.kind
        scaled = ops.image.resize(pictures, (kind.side, kind.side), interpolation="bilinear")
        ordered = scaled[..., ::-1] if kind.bgr else scaled
        middle, last = self.network((ordered - np.asarray(kind.means, np.float32)) / kind.scale, training=False)
        return middle, last


def open_teacher(name: str, folder: Path) -> Teacher:
    """A teacher by its name in KINDS, from the folder of weight files. Raises WeightsError where it cannot be had."""
    network = load_published(name, folder)
    kind = KINDS[name]
    import keras

    tapped = keras.Model(network.input, [network.get_layer(kind.middle).output, network.get_layer(kind.last).output])
    tapped.trainable = False
    return Teacher(kind, tapped)


def load_published(name: str, folder: Path) -> keras.Model:
    """The published network itself. Raises WeightsError with what to do where it cannot be had."""
    import keras

    if name not in KINDS:
        raise WeightsError(f"a teacher is one of {', '.join(KINDS)}, not {name!r}")
    file = folder / KINDS[name].file
    if not file.is_file():
        raise WeightsError(f"{file} is missing: --teacher-weights names the folder of the teachers' weight files")
    try:
        return keras.models.load_model(file, compile=False)
    except (ValueError, OSError, KeyError, TypeError) as error:
        raise WeightsError(f"{file} does not hold {name}: {str(error).splitlines()[0]}") from error


class Faculty:
    """All teachers and the projections of what they say together."""

    def __init__(self, teachers: Sequence[Teacher], projections: dict[str, Projection]) -> None:
        self.teachers = tuple(teachers)
        self.projections = projections

    def say(self, pictures: Any, middle_grid: int, last_grid: int) -> dict[str, Any]:
        """Targets for pictures (N, side, side, 3) RGB 0..255: maps of the given sides, and the pooled vector."""
        raw = joined_maps(self.teachers, pictures, middle_grid, last_grid)
        return {place: self.projections[place](raw[place]) for place in PLACES}


def joined_maps(teachers: Sequence[Teacher], pictures: Any, middle_grid: int, last_grid: int) -> dict[str, Any]:
    """What the teachers say, scaled to grids and joined along the channels, and their last maps' averages."""
    from keras import ops

    said = [teacher.maps(pictures) for teacher in teachers]
    return {
        MIDDLE: ops.concatenate([_scaled(middle, middle_grid) for middle, _ in said], axis=-1),
        LAST: ops.concatenate([_scaled(last, last_grid) for _, last in said], axis=-1),
        POOLED: ops.concatenate([ops.mean(last, axis=(1, 2)) for _, last in said], axis=-1),
    }


def compiled(say: Callable[[Any], dict[str, Any]]) -> Callable[[NDArray[np.uint8]], dict[str, NDArray[np.float32]]]:
    """`say`, written in Keras' operations, as one compiled function of pictures (N, side, side, 3)."""
    import keras

    entrance = keras.layers.Input((None, None, 3))
    network = keras.Model(entrance, say(entrance))
    return lambda pictures: dict(network.predict_on_batch(pictures.astype(np.float32)))


def fit_faculty(teachers: Sequence[Teacher], batches: Sequence[NDArray[np.uint8]], seed: int) -> Faculty:
    """The teachers with projections fitted on batches of pictures (B, side, side, 3)."""
    ask = compiled(lambda pictures: joined_maps(teachers, pictures, MIDDLE_GRID, LAST_GRID))
    said = [ask(batch) for batch in batches]
    projections = {}
    for place in PLACES:
        features = np.concatenate([values[place].reshape(-1, values[place].shape[-1]) for values in said])
        features = np.asarray(features, np.float32)
        drawn = np.random.default_rng(seed).permutation(len(features))[:MOST_FITTED]
        projections[place] = fit_projection(features[drawn], DIMENSIONS)
    return Faculty(teachers, projections)


def _scaled(features: Any, grid: int) -> Any:
    from keras import ops

    if features.shape[1] == grid and features.shape[2] == grid:
        return features
    return ops.image.resize(features, (grid, grid), interpolation="bilinear")
