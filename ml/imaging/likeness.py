"""Whether two pictures are one: copies that were re-encoded, scaled, slightly retouched.

Two pictures count as one where their perceptual hashes differ in at most 16 of 256 bits and no eighth by eighth of the
pictures differs by more than 20 grey levels in any colour. The hash alone is not enough: studios photograph every model
and colorway in one pose, so different shoes on white come as near as 10 bits. Both limits were chosen by looking at
pairs of real pictures; docs/datasets.md says what they find and what they miss (crops of more than 1 %).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.imaging.fit import fit_square
from ml.imaging.perceptual_hash import SIDE, perceptual_hashes

MOST_BITS = 16
MOST_DIFFERENCE = 20.0
BLOCKS = 8


@dataclass(frozen=True, eq=False)
class Likeness:
    """What is kept of a picture to find its copies: its perceptual hash, and a small version (64, 64, 3) of it."""

    phash: bytes
    small: NDArray[np.uint8]


def likeness_of(image: NDArray[np.uint8]) -> Likeness:
    """The likeness of a picture (H, W, 3) uint8 RGB."""
    small = fit_square(image, SIDE)
    return Likeness(perceptual_hashes(small[None])[0].tobytes(), small)


def hashes_agree(phash: bytes, other: bytes) -> bool:
    """Whether two hashes are so near that the pictures may be one."""
    bits = np.frombuffer(phash, np.uint64) ^ np.frombuffer(other, np.uint64)
    return bool(np.bitwise_count(bits).sum() <= MOST_BITS)


def is_same_picture(one: Likeness, other: Likeness) -> bool:
    """Whether two pictures are one; mirror images are not."""
    if not hashes_agree(one.phash, other.phash):
        return False
    return float(block_differences(one.small[None], other.small[None])[0]) <= MOST_DIFFERENCE


def block_differences(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How far pairs of pictures (N, 64, 64, 3) are apart: the mean difference in the worst of 8 x 8 blocks and its
    worst colour, in grey levels (N)."""
    side = SIDE // BLOCKS
    apart = np.abs(left.astype(np.int16) - right)
    blocks = apart.reshape(len(left), BLOCKS, side, BLOCKS, side, 3).mean(axis=(2, 4), dtype=np.float32)
    return np.asarray(blocks.max(axis=(1, 2, 3), initial=0.0), np.float32)
