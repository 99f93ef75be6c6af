"""Near-duplicates: copies of one picture, re-encoded, scaled, mirrored, slightly retouched; no split parts them.

`ml.imaging.likeness` says when two pictures count as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ml.datasets.snapshot import SnapshotImage
from ml.imaging.likeness import MOST_BITS, MOST_DIFFERENCE, block_differences
from ml.imaging.perceptual_hash import close_pairs, perceptual_hashes

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
    """How far each pair is apart, in grey levels."""
    found: list[float] = []
    for start in range(0, len(pairs), BATCH):
        rows, others = pairs[start : start + BATCH, 0], pairs[start : start + BATCH, 1]
        right = pixels[others][:, :, ::-1] if flip else pixels[others]
        found += block_differences(pixels[rows], right).tolist()
    return found
