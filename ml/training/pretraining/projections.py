"""Standardised principal components: what teachers say in a thousand channels, in a few hundred numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PARTS = ("mean", "spread", "directions")
"""Of a projection, as its file names them."""


@dataclass(frozen=True)
class Projection:
    """Standardise channels, then project: (..., channels) -> (..., dimensions). Fitted by `fit_projection`."""

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]
    directions: NDArray[np.float32]

    def __call__(self, features: Any) -> Any:
        from keras import ops

        return ops.matmul((features - self.mean) / self.spread, self.directions)


def fit_projection(features: NDArray[np.float32], dimensions: int) -> Projection:
    """The principal components of features (N, channels), standardised; as many as asked, or as there are channels."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-3
    standardised = (features - mean) / spread
    strengths, directions = np.linalg.eigh(standardised.T @ standardised / len(features))
    strongest = np.argsort(-strengths)[:dimensions]
    return Projection(mean, spread, np.ascontiguousarray(directions[:, strongest], np.float32))


def save_projections(file: Path, projections: dict[str, Projection]) -> None:
    """Write the projections, whole or not at all, so that a run goes on with the targets that it began with."""
    arrays = {f"{place}_{part}": getattr(one, part) for place, one in projections.items() for part in PARTS}
    unfinished = file.with_name(f".{file.name}")
    with unfinished.open("wb") as stream:
        np.savez(stream, **arrays)
    unfinished.replace(file)


def load_projections(file: Path) -> dict[str, Projection]:
    """What `save_projections` wrote."""
    with np.load(file, allow_pickle=False) as archive:
        places = dict.fromkeys(name.rpartition("_")[0] for name in archive.files)
        return {place: Projection(*(archive[f"{place}_{part}"] for part in PARTS)) for place in places}
