"""Checkpoints: all variables of a network and its optimiser, and the place in the course, written in one rename."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ml.training.run_folder import RunError

if TYPE_CHECKING:
    import keras

PLACE = "place"


def save_checkpoint(file: Path, variables: Sequence[keras.Variable], place: Mapping[str, Any]) -> None:
    """Write the values of `variables` and `place` (JSON); the file is whole or the one before stays."""
    values = {f"{position:04d}": np.asarray(variable) for position, variable in enumerate(variables)}
    unfinished = file.with_name(f".{os.getpid()}-{file.name}")
    try:
        with unfinished.open("wb") as stream:
            np.savez(stream, **{PLACE: np.array(json.dumps(place))}, **values)  # type: ignore[arg-type]
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def load_checkpoint(file: Path, variables: Sequence[keras.Variable]) -> dict[str, Any] | None:
    """Fill `variables` from `file` and return the place; None where there is no checkpoint.

    Raises RunError where the file is damaged or of another network; `variables` are then as before.
    """
    if not file.is_file():
        return None
    try:
        with np.load(file, allow_pickle=False) as archive:
            place: dict[str, Any] = json.loads(str(archive[PLACE]))
            values = [archive[name] for name in archive.files if name != PLACE]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise RunError(f"{file} is not a readable checkpoint ({error}): remove it to begin this step anew") from error
    if [value.shape for value in values] != [tuple(variable.shape) for variable in variables]:
        raise RunError(f"{file} is a checkpoint of another network: remove it, or name another --out")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return place
