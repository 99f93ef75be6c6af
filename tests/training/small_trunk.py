"""A trunk of VGG16's shape with few filters, and teachers of a few kilobytes: pretraining but for the size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

SMALL_BLOCKS = ((2, 4), (2, 4), (3, 8), (3, 8), (3, 16))
SIDE = 32


def shrink(patched: pytest.MonkeyPatch) -> None:
    """Build small trunks, and ask teachers about small pictures, from now on."""
    from ml.networks import vgg16
    from ml.training.pretraining import teachers

    patched.setattr(vgg16, "BLOCKS", SMALL_BLOCKS)
    patched.setattr(teachers, "KINDS", {name: replace(kind, side=SIDE) for name, kind in teachers.KINDS.items()})


def write_teachers(folder: Path) -> Path:
    """Weight files of both teachers: untrained networks with the layers that are asked."""
    import keras

    from ml.training.pretraining.teachers import KINDS

    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS.values():
        keras.utils.set_random_seed(len(kind.last))
        entrance = keras.layers.Input((SIDE, SIDE, 3))
        middle = keras.layers.Conv2D(6, 3, strides=4, activation="relu", name=kind.middle)(entrance)
        last = keras.layers.Conv2D(10, 3, strides=2, activation="relu", name=kind.last)(middle)
        keras.Model(entrance, last).save(folder / kind.file)
    return folder
