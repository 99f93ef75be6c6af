"""Near-duplicates: copies of one picture, re-encoded, scaled, mirrored, slightly retouched; no split parts them.

Two pictures count as one where their perceptual hashes differ in at most 16 of 256 bits and no eighth by eighth of the
pictures differs by more than 20 grey levels in any colour. The hash alone is not enough: studios photograph every model
and colorway in one pose, so different shoes on white come as near as 10 bits. Both limits were chosen by looking at
pairs of real pictures; docs/datasets.md says what they find and what they miss (crops of more than 1 %).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ml.datasets.perceptual_hash import SIDE, close_pairs, perceptual_hashes
from ml.datasets.snapshot import SnapshotImage

MOST_BITS = 16
MOST_DIFFERENCE = 20.0
BLOCKS = 8
BATCH = 2048


@dataclass(frozen=True)
class NearDuplicate:
    """Two pictures, by their rows, that are one: `bits` of their hashes and `difference` grey levels apart."""

    first: int
    second: int
    bits: int
    difference: float
    mirrored: bool = False


def find_near_duplicates(pixels: NDArray[np.uint8]) -> tuple[NearDuplicate, ...]:
    """All pairs of near-duplicates among pictures (N, 64, 64, 3) uint8 RGB, sorted by row; each pair once."""
    plain, mirrored = perceptual_hashes(pixels)
    found: dict[tuple[int, int], NearDuplicate] = {}
    for others, flip in ((plain, False), (mirrored, True)):
        pairs = close_pairs(plain, others, MOST_BITS)
        for (first, second, bits), difference in zip(pairs.tolist(), _differences(pixels, pairs, flip), strict=True):
            if difference <= MOST_DIFFERENCE:
                found.setdefault((first, second), NearDuplicate(first, second, bits, round(difference, 1), flip))
    return tuple(found[rows] for rows in sorted(found))


def merge_groups(images: Sequence[SnapshotImage], pairs: Iterable[NearDuplicate]) -> tuple[SnapshotImage, ...]:
    """The pictures with the groups of near-duplicates made one: whatever is joined by a chain of pairs stays together.

    A merged group has the first of its groups' names in the alphabet, so that the order of the pairs does not matter.
    """
    leader: dict[str, str] = {}
    for pair in pairs:
        left, right = sorted(_lead(leader, images[row].group) for row in (pair.first, pair.second))
        if left != right:
            leader[right] = left
    return tuple(replace(image, group=_lead(leader, image.group)) for image in images)


def _lead(leader: dict[str, str], group: str) -> str:
    """The name that a group goes by; shortens the way there (union-find with path halving)."""
    while group in leader:
        above = leader[group]
        if above in leader:
            leader[group] = leader[above]
        group = above
    return group


def _differences(pixels: NDArray[np.uint8], pairs: NDArray[np.intp], flip: bool) -> list[float]:
    """How far each pair is apart: the mean difference in the worst of 8 x 8 blocks and its worst colour, in levels."""
    found: list[float] = []
    side = SIDE // BLOCKS
    for start in range(0, len(pairs), BATCH):
        rows, others = pairs[start : start + BATCH, 0], pairs[start : start + BATCH, 1]
        right = pixels[others][:, :, ::-1] if flip else pixels[others]
        apart = np.abs(pixels[rows].astype(np.int16) - right)
        blocks = apart.reshape(len(rows), BLOCKS, side, BLOCKS, side, 3).mean(axis=(2, 4), dtype=np.float32)
        found += blocks.max(axis=(1, 2, 3)).tolist()
    return found
