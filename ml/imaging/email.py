"""A picture as an e-mail delivers it: a JPEG narrow and small enough for every inbox, and the pixels that arrive.

Whatever is scored must be these pixels: a model that saw the picture before JPEG would judge one that nobody receives.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from ml.imaging.fit import Picture

MAX_WIDTH = 600
"""Pixels: the column of an e-mail; what is wider is shrunk by the reader's program, each in its own way."""
MAX_HEIGHT = 2400
"""Pixels: several screens; only pictures that are no photos are so long."""
MAX_BYTES = 200_000
"""One picture of an e-mail, so that it shows within a second on a slow phone."""
BEST_QUALITY, WORST_QUALITY = 90, 50
"""Of JPEG. Above, files grow for nothing to be seen; below, blocks show, and a smaller picture is better."""


@dataclass(frozen=True, eq=False)
class Delivered:
    """What goes into the e-mail, and what comes out of it: uint8 RGB of at most MAX_HEIGHT x MAX_WIDTH."""

    jpeg: bytes
    pixels: Picture
    quality: int


def encode_for_email(picture: Picture) -> Delivered:
    """An (H, W, 3) RGB picture, uint8, as a JPEG within the limits, in the best quality that they allow.

    Never enlarged. sRGB, which is what a JPEG without a profile is taken for; no EXIF or other words; every channel in
    full resolution, because red uppers fray without it. Raises ValueError for an array that is no picture.
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or picture.size == 0:
        raise ValueError(f"a picture is a uint8 array of (height, width, 3), not {picture.dtype} of {picture.shape}")
    height, width = picture.shape[:2]
    small = _shrunk(picture, min(1.0, MAX_WIDTH / width, MAX_HEIGHT / height))
    quality, jpeg = _best(small)
    while len(jpeg) > MAX_BYTES:  # ends: some hundred bytes hold a single pixel
        small = _shrunk(small, min(0.9, math.sqrt(MAX_BYTES / len(jpeg))))
        quality, jpeg = _best(small)
    return Delivered(jpeg, np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB")).copy(), quality)


def _best(picture: Picture) -> tuple[int, bytes]:
    """The highest quality within MAX_BYTES and the file; the lowest one's where none is. By bisection."""
    jpeg = _jpeg(picture, BEST_QUALITY)
    if len(jpeg) <= MAX_BYTES:
        return BEST_QUALITY, jpeg
    fits, too_large = WORST_QUALITY, BEST_QUALITY
    jpeg = _jpeg(picture, fits)
    while len(jpeg) <= MAX_BYTES and too_large - fits > 1:
        middle = (fits + too_large) // 2
        tried = _jpeg(picture, middle)
        if len(tried) <= MAX_BYTES:
            fits, jpeg = middle, tried
        else:
            too_large = middle
    return fits, jpeg


def _jpeg(picture: Picture, quality: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling=0)
    return file.getvalue()


def _shrunk(picture: Picture, scale: float) -> Picture:
    if scale >= 1:
        return np.ascontiguousarray(picture)
    size = (max(1, math.floor(picture.shape[1] * scale)), max(1, math.floor(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
