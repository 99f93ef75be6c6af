"""Shop pictures set into other scenes: what is cut out or stands on white gets a random ground behind it.

Half of what a photo differs in from a shop picture is what lies around the shoe. The negatives, pictures of everything
but our shoes, are the scenes.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
WHITE = 244
"""From here on, in all channels, a pixel counts as white."""

WHITE_BORDER_SHARE = 0.7
SMALLEST_SHOE, LARGEST_SHOE = 0.02, 0.85
"""Shares of the picture: less is no shoe, more is no white ground."""


def shoe_mask(picture: Picture) -> NDArray[np.float32] | None:
    """(H, W) 0..1: what stands on the white ground of a picture; None where the ground is not white.

    White parts of a shoe that no darker edge closes off count as ground.
    """
    white = np.asarray(picture.min(axis=2) >= WHITE, np.uint8)
    border = np.concatenate([white[0], white[-1], white[:, 0], white[:, -1]])
    if border.mean() < WHITE_BORDER_SHARE:
        return None
    ringed = np.pad(white, 1, constant_values=1)
    cv2.floodFill(ringed, None, (0, 0), 2)
    mask = np.asarray(ringed[1:-1, 1:-1] != 2, np.uint8)
    if not SMALLEST_SHOE < mask.mean() < LARGEST_SHOE:
        return None
    mask = np.asarray(cv2.erode(mask, np.ones((3, 3), np.uint8)), np.uint8)  # the outermost pixels are mixed with white
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (3, 3), 0), np.float32)


def set_into(picture: Picture, mask: NDArray[np.float32], scene: Picture, random: Generator) -> Picture:
    """The masked part of `picture` before a random part of `scene`, mirrored or not, darker or lighter."""
    size = len(picture)
    side = int(random.integers(size // 2, size + 1))
    top, left = (int(place) for place in random.integers(0, size - side + 1, 2))
    ground = cv2.resize(scene[top : top + side, left : left + side], (size, size), interpolation=cv2.INTER_LINEAR)
    if random.random() < 0.5:
        ground = ground[:, ::-1]
    lit = np.asarray(ground, np.float32) * random.uniform(0.6, 1.2)
    share = mask[..., None]
    blended = picture.astype(np.float32) * share + lit * (1 - share)
    return np.asarray(np.clip(blended, 0, 255), np.uint8)
