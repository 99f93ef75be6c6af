"""The cut-out shoe on another ground: on white with a soft shadow, or on a colour that suits it; or in a square."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ml.imaging.augments.colours import colours_of, rgb_of
from ml.imaging.augments.ground import extended
from ml.imaging.augments.scene import Scene
from ml.imaging.augments.shadow import shadow_around, shadow_of
from ml.imaging.augments.shoe import card, laid_on, lifted
from ml.imaging.cutout import Cutout
from ml.imaging.fit import Picture

_HUES_AWAY = (180.0, 150.0, 210.0, 30.0)
"""Degrees from the shoe's hue to the ground's: opposite, either side of opposite, and next to it."""
_GROUND_LIGHTNESS, _GROUND_CHROMA = 86.0, 18.0
"""A pastel: light enough for black and for white shoes to stand out, with too little colour to tint the eye."""
_GREY_CHROMA = 10.0
"""A shoe with less colour than this has no hue to go by."""
_AROUND = 0.1
"""Free space around the shoe in a square, as a share of the long side of its box."""


def soft_shadow(picture: Picture, cutout: Cutout) -> Picture:
    """The shoe where it was, on pure white, with a soft shadow below it."""
    return _staged(picture, cutout, np.array([255, 255, 255], np.uint8))


def background_colour(picture: Picture, cutout: Cutout, random: Generator) -> Picture:
    """The shoe where it was, on a pastel that suits its colour; `random` chooses among those that do."""
    _, a, b = colours_of(picture, cutout.mask)[0]
    if np.hypot(a, b) < _GREY_CHROMA:
        hue = random.uniform(0, 360)
    else:
        hue = np.degrees(np.arctan2(b, a)) + float(random.choice(_HUES_AWAY))
    chroma = _GROUND_CHROMA * np.array([np.cos(np.radians(hue)), np.sin(np.radians(hue))])
    return _staged(picture, cutout, rgb_of(np.array([_GROUND_LIGHTNESS, *chroma])))


def square_crop(picture: Picture, cutout: Cutout) -> Picture:
    """(S, S, 3): a square around the shoe, or around the middle where it was not cut out.

    As much as there is of the picture, if the shoe fits; else the background is carried on to make room.
    """
    height, width = picture.shape[:2]
    left, top, right, bottom = cutout.box
    wanted = max(right - left, bottom - top)
    side = min(height, width) if cutout.fallback else max(round(wanted * (1 + 2 * _AROUND)), 1)
    if not cutout.fallback and wanted <= min(height, width) < side:
        side = min(height, width)
    x, y = (
        _start((low + high) / 2, side, length) for low, high, length in ((left, right, width), (top, bottom, height))
    )
    wider = extended(picture, max(0, -y), max(0, y + side - height), max(0, -x), max(0, x + side - width))
    return np.ascontiguousarray(wider[max(0, y) : max(0, y) + side, max(0, x) : max(0, x) + side])


def _start(middle: float, side: int, length: int) -> int:
    """Where a window of `side` around `middle` begins; within the picture where it fits."""
    if side >= length:
        return (length - side) // 2
    return int(np.clip(round(middle - side / 2), 0, length - side))


def _staged(picture: Picture, cutout: Cutout, colour: NDArray[np.uint8]) -> Picture:
    ground = np.full_like(picture, colour)
    if cutout.fallback:
        whole = card(picture)
        return laid_on(ground, whole, shadow_around(whole))
    shoe = lifted(picture, cutout)
    return laid_on(ground, shoe, shadow_of(Scene(shoe)))
