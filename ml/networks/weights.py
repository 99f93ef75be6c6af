"""Weight files: loaded with a sentence where they do not fit, written in one rename, known by their digest."""

from __future__ import annotations

import hashlib
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras


class WeightsError(ValueError):
    """Weights that cannot be had, or that belong to another network. The message says what to do."""


def load_weights(model: keras.Model, file: Path) -> None:
    """Fill `model` from a Keras weight file (.weights.h5, or the older .h5 as published with ImageNet networks).

    Raises WeightsError where the file is missing, damaged or of another network; `model` is then of no use.
    """
    if not file.is_file():
        raise WeightsError(f"{file} does not exist: give the path of a weight file, or --weights none")
    # Keras skips what a file lacks with a mere warning: zeroed first, a layer that got nothing is seen afterwards.
    for layer in model.layers:
        layer.set_weights([np.zeros_like(values) for values in layer.get_weights()])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.load_weights(file)
    except (ValueError, OSError, KeyError, TypeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise WeightsError(f"{file} does not hold the weights of {model.name}: {reason}") from error
    empty = [layer.name for layer in model.layers if layer.weights and not any(map(np.any, layer.get_weights()))]
    if empty:
        raise WeightsError(f"{file} does not hold the weights of {model.name}: it lacks {', '.join(empty)}")


def save_weights(model: keras.Model, file: Path) -> None:
    """Write `file` (it must end in .weights.h5): it is whole or it is not there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{os.getpid()}-{file.name}")
    try:
        model.save_weights(unfinished)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def weights_digest(model: keras.Model) -> str:
    """SHA-256 over the names, shapes and values of all weights: equal networks give equal digests."""
    digest = hashlib.sha256()
    for layer in model.layers:
        for position, values in enumerate(layer.get_weights()):
            digest.update(f"{layer.name}/{position}{values.shape}".encode())
            digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()
