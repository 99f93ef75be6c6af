"""Shoes drawn in a few strokes: enough for a cut-out to find them and for the tiny bundle to tell them apart."""

from __future__ import annotations

from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)

SHOES: dict[str, tuple[Colour, Colour]] = {
    "vello_dart_low": ((200, 40, 30), (240, 240, 240)),
    "vello_dart_high": ((30, 60, 190), (20, 20, 20)),
    "kumo_drift": ((20, 140, 60), (230, 190, 40)),
}
"""Upper and sole, by label."""

_OUTLINE = np.array([(8, 62), (14, 28), (30, 24), (42, 34), (62, 44), (86, 50), (93, 60), (93, 66), (8, 66)])
_SOLE = np.array([(6, 64), (94, 64), (95, 74), (6, 74)])


def draw_shoe(
    colours: tuple[Colour, Colour], size: tuple[int, int] = (480, 360), background: Colour = WHITE
) -> NDArray[np.uint8]:
    """A shoe from the side, (height, width, 3) RGB; `size` is (width, height)."""
    width, height = size
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = background
    scale = np.array([width, height]) / 100
    for outline, colour in ((_OUTLINE, colours[0]), (_SOLE, colours[1])):
        cv2.fillPoly(picture, [(outline * scale).astype(np.int32)], colour, cv2.LINE_AA)
    return picture


def jpeg(picture: NDArray[np.uint8], quality: int = 92) -> bytes:
    """A picture as a JPEG file."""
    return encoded(picture, "JPEG", quality=quality)


def encoded(picture: NDArray[np.uint8], picture_format: str, **options: object) -> bytes:
    """A picture as a file of any format that Pillow writes."""
    written = BytesIO()
    Image.fromarray(picture).save(written, picture_format, **options)
    return written.getvalue()


def photo_of(label: str, size: tuple[int, int] = (640, 480)) -> bytes:
    """A "phone photo" of a shoe: on a table, a little noisy, as JPEG."""
    picture = draw_shoe(SHOES[label], size, background=(222, 214, 200)).astype(np.int16)
    noise = np.random.default_rng(len(label)).integers(-6, 7, (480, 640, 1), np.int16)
    noise = cv2.resize(noise, size, interpolation=cv2.INTER_NEAREST)[..., None]
    return jpeg((picture + noise).clip(0, 255).astype(np.uint8))
