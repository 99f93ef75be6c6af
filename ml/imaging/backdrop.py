"""Shop pictures: a shoe before an even backdrop is cut out exactly, without searching."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.regions import Floats, gradient_of, lab_of, soften

_EVEN = 8.0
"""CIE76 from the backdrop's colour within which its pixels lie."""
_LEAK = 3
"""Half the width, in pixels, of a gap in an outline through which nothing leaks."""
_SHARE_OF_BORDER = 0.9
"""How much of the border must be backdrop; a shoe may touch the rest."""


def mask_before_backdrop(image: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """(H, W) 0 or 255: what stands before the even backdrop of an RGB picture; None where there is no such backdrop.

    What is reachable from the border through the backdrop's colour, or through a soft shadow on it, is background;
    parts of the shoe that have the backdrop's colour but are enclosed stay.
    """
    lab = soften(lab_of(image), 0.6)
    border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    colour = np.median(border, axis=0)
    off = np.linalg.norm(border - colour, axis=1)
    backdrop = off[off < _EVEN]
    if len(backdrop) < _SHARE_OF_BORDER * len(off):
        return None
    tolerance = max(2.5, 3 * float(np.median(backdrop)))
    difference = lab - colour
    plain = np.linalg.norm(difference, axis=2) < tolerance
    mask = _not_reached(plain)
    shadow = _soft_shadow(lab, difference)
    without_shadow = _not_reached(plain | shadow)
    if without_shadow.sum() > 0.6 * mask.sum():
        mask = without_shadow
    return _largest_parts(mask)


def _soft_shadow(lab: Floats, difference: Floats) -> NDArray[np.bool_]:
    """Where the picture is somewhat darker than the backdrop, hardly more coloured, and changes slowly."""
    darker = (difference[..., 0] < 0) & (difference[..., 0] > -45)
    grey = np.hypot(difference[..., 1], difference[..., 2]) < 4
    return darker & grey & (gradient_of(lab) < 1.2)


def _not_reached(passable: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """255 where no broad path of passable pixels leads in from outside the picture.

    Narrow paths do not count: a white shoe on white has leaks in its outline.
    """
    open_frame = np.pad(passable.astype(np.uint8), 2 * _LEAK, constant_values=1)
    square = np.ones((2 * _LEAK + 1, 2 * _LEAK + 1), np.uint8)
    _, parts = cv2.connectedComponents(cv2.erode(open_frame, square), connectivity=4)
    reached = np.minimum(cv2.dilate((parts == parts[0, 0]).astype(np.uint8), square), open_frame)
    inner = slice(2 * _LEAK, -2 * _LEAK)
    return np.where(reached[inner, inner] > 0, 0, 255).astype(np.uint8)


def _largest_parts(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Without specks: the parts at least a tenth as large as the largest (a pair of shoes is two parts)."""
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, parts, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    keep = areas >= max(1, 0.1 * areas.max()) if count > 1 else np.zeros(1, bool)
    return np.where(keep[parts], 255, 0).astype(np.uint8)
