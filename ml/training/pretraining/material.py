"""What a trunk learns from and is probed on, in memory: pictures of one side, and where each stands in each set."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from rich.console import Console

from ml.datasets.pictures import Pictures
from ml.training.augment import STRONG, Augmentation, augment_batch
from ml.training.loading import load_with_progress
from ml.training.pretraining.picture_sets import LEARNED, PictureSet

SPLITS = (LEARNED, "validation", "test")
NOWHERE, NEGATIVE = -1, -2
"""Label positions of a picture that a set says nothing about, and of one that it calls no shoe of its own."""


class Pixels(Protocol):
    """Pictures (N, side, side, 3) uint8 RGB, of which rows are taken: an array, or several read as one."""

    shape: tuple[int, ...]

    def __len__(self) -> int: ...

    def __getitem__(self, rows: NDArray[np.intp], /) -> NDArray[np.uint8]: ...


@dataclass(frozen=True)
class Material:
    """`pixels` (N, side, side, 3) uint8 RGB; row i belongs to set `owners[i]`, has `targets[i]` there and a split.

    Negatives have the target -1. Pictures that were dropped for a held-out twin are not among the rows.
    """

    pixels: Pixels
    owners: NDArray[np.int64]
    targets: NDArray[np.int64]
    splits: NDArray[np.int64]
    names: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    digest: str

    @property
    def side(self) -> int:
        return self.pixels.shape[1]

    def rows(self, split: str, name: str = "") -> NDArray[np.intp]:
        """Where the pictures of a split lie, of all sets or of one."""
        chosen = self.splits == SPLITS.index(split)
        if name:
            chosen &= self.owners == self.names.index(name)
        return np.flatnonzero(chosen)

    def positions(self) -> NDArray[np.float32]:
        """(N, sets): each row's label position in its own set, NEGATIVE for negatives there, NOWHERE elsewhere."""
        found = np.full((len(self.owners), len(self.names)), NOWHERE, np.float32)
        found[np.arange(len(found)), self.owners] = np.where(self.targets < 0, NEGATIVE, self.targets)
        return found


class StackedPixels:
    """Arrays of pictures read as one, without copying them together."""

    def __init__(self, parts: Sequence[NDArray[np.uint8]]) -> None:
        self.parts = tuple(parts)
        self.ends = np.cumsum([len(part) for part in self.parts])
        self.shape: tuple[int, ...] = (int(self.ends[-1]), *self.parts[0].shape[1:])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
        taken = np.empty((len(rows), *self.shape[1:]), np.uint8)
        for place, part in enumerate(self.parts):
            first = int(self.ends[place]) - len(part)
            here = (rows >= first) & (rows < self.ends[place])
            taken[here] = part[rows[here] - first]
        return taken


@dataclass(frozen=True)
class Crops:
    """Fresh variants of pictures at every visit; the scenes stand behind what was photographed on white."""

    material: Material
    scenes: NDArray[np.uint8] | None
    how: Augmentation = STRONG

    def __call__(self, rows: NDArray[np.intp], random: Generator) -> NDArray[np.uint8]:
        return augment_batch(self.material.pixels[rows], random, self.how, self.scenes)


def gather(sets: Sequence[PictureSet], side: int, cache: Path, console: Console) -> Material:
    """The pictures of all sets that are not kept aside, without the dropped ones."""
    taught = [one for one in sets if not one.aside]
    loaded = [load_with_progress(one.snapshot, side, cache, console) for one in taught]
    kept = [
        np.array([row for row, image in enumerate(own.images) if image.path not in one.dropped], np.intp)
        for one, own in zip(taught, loaded, strict=True)
    ]
    targets = [own.targets(one.labels)[rows] for one, own, rows in zip(taught, loaded, kept, strict=True)]
    return Material(
        pixels=StackedPixels([_chosen(own, rows) for own, rows in zip(loaded, kept, strict=True)]),
        owners=np.repeat(np.arange(len(taught)), [len(rows) for rows in kept]),
        targets=np.concatenate(targets),
        splits=np.concatenate([_splits(own)[rows] for own, rows in zip(loaded, kept, strict=True)]),
        names=tuple(one.name for one in taught),
        labels=tuple(one.labels for one in taught),
        digest=_digest(taught),
    )


def _chosen(pictures: Pictures, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
    return pictures.pixels if len(rows) == len(pictures.pixels) else pictures.pixels[rows]


def _splits(pictures: Pictures) -> NDArray[np.int64]:
    return np.array([SPLITS.index(image.split) for image in pictures.images], np.int64)


def _digest(sets: Sequence[PictureSet]) -> str:
    digest = hashlib.sha256()
    for one in sets:
        digest.update(f"{one.name}\t{one.snapshot.digest}\t{sorted(one.dropped)}\n".encode())
    return digest.hexdigest()
