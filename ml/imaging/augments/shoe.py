"""The shoe as a thing of its own: colours and opacity, lifted off its picture to be laid on another ground."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.augments.ground import plain_colour
from ml.imaging.augments.trim import trimmed
from ml.imaging.cutout import Box, Cutout
from ml.imaging.fit import Picture
from ml.imaging.regions import Floats

_CHOKE = (0.3, 0.9)
"""The opacities that become 0 and 1: a mask's outermost pixels are half backdrop, a rim on another ground."""
_CARD = 0.8
"""Where nothing was cut out, the side of the whole picture as a card, as a share of the picture's."""
_CUT_OFF = 0.12
"""A shoe that leaves the picture along more than this share of its box's side is cut off there."""


@dataclass(frozen=True)
class Shoe:
    """Colours (H, W, 3), 0 to 255, good also just outside the outline; opacity (H, W), 0 to 1."""

    colours: Floats
    opacity: Floats
    box: Box


def lifted(picture: Picture, cutout: Cutout) -> Shoe:
    """The shoe without its surroundings; the colours of its soft edge are taken from inside it."""
    low, high = _CHOKE
    opacity: Floats = np.clip((cutout.mask / np.float32(255) - low) / (high - low), 0, 1).astype(np.float32)
    if (colour := plain_colour(picture, cutout.mask)) is not None:
        opacity = trimmed(picture, opacity, colour)
    inside = (opacity > 0.95).astype(np.float32)
    reach = max(2, round(0.008 * max(picture.shape[:2])))
    size = (2 * reach + 1, 2 * reach + 1)
    known = cv2.blur(inside, size)
    nearby = cv2.blur(picture * inside[..., None], size) / np.maximum(known, 1e-3)[..., None]
    trusted = np.where(known > 1e-3, opacity, 1)[..., None] ** 2
    return Shoe((picture * trusted + nearby * (1 - trusted)).astype(np.float32), opacity, cutout.box)


def card(picture: Picture) -> Shoe:
    """The whole picture, smaller, as a card in the middle of its own frame."""
    height, width = picture.shape[:2]
    small = (max(1, round(_CARD * width)), max(1, round(_CARD * height)))
    left, top = (width - small[0]) // 2, (height - small[1]) // 2
    window = (slice(top, top + small[1]), slice(left, left + small[0]))
    colours, opacity = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    colours[window] = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
    opacity[window] = 1
    return Shoe(colours, opacity, (left, top, left + small[0], top + small[1]))


def is_cut_off(cutout: Cutout) -> bool:
    """Whether the shoe, or the leg in it, goes on beyond the picture."""
    shoe = cutout.mask > 127
    left, top, right, bottom = cutout.box
    across = (shoe[0].sum() / (right - left), shoe[-1].sum() / (right - left))
    down = (shoe[:, 0].sum() / (bottom - top), shoe[:, -1].sum() / (bottom - top))
    return bool(max(*across, *down) > _CUT_OFF)


def warped(shoe: Shoe, matrix: NDArray[np.float64], size: tuple[int, int]) -> Shoe:
    """The shoe seen through a (3, 3) map of its picture onto one of `size` (width, height)."""
    flat = np.dstack([shoe.colours * shoe.opacity[..., None], shoe.opacity])
    seen = cv2.warpPerspective(flat, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    opacity = np.asarray(seen[..., 3], np.float32)
    colours = seen[..., :3] / np.maximum(opacity, 1e-3)[..., None]
    left, top, width, height = cv2.boundingRect((opacity > 0.5).astype(np.uint8))
    return Shoe(colours.astype(np.float32), opacity, (left, top, left + width, top + height))


def laid_on(ground: Picture, shoe: Shoe, shadow: Floats) -> Picture:
    """The shoe on a ground (H, W, 3), which `shadow` (H, W), 0 to 1, darkens."""
    lit = ground * (1 - shadow)[..., None]
    opacity = shoe.opacity[..., None]
    return np.clip(shoe.colours * opacity + lit * (1 - opacity), 0, 255).round().astype(np.uint8)
