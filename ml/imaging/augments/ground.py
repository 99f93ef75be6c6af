"""What is behind the shoe: its plain colour where it has one, and what fills the place of the shoe or a wider frame."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.fit import Picture
from ml.imaging.regions import Floats, lab_of

_PLAIN = 8.0
"""CIE76 from the median of the border within which a plain backdrop's pixels lie, as in ml.imaging.backdrop."""
_SHARE_OF_BORDER = 0.9
"""How much of the border that is not shoe must be of that colour."""


def plain_colour(picture: Picture, mask: NDArray[np.uint8] | None = None) -> NDArray[np.uint8] | None:
    """The colour (3,) of an even backdrop, None where the background is anything else.

    Only the border is asked, and of it only what `mask` (H, W; 255 is shoe) leaves over.
    """
    frame = _frame(picture)
    if mask is not None:
        behind = _frame(mask[..., None])[:, 0] < 128
        if behind.mean() < 0.2:
            return None
        frame = frame[behind]
    lab = lab_of(frame[None])[0]
    near = np.linalg.norm(lab - np.median(lab, axis=0), axis=1) < _PLAIN
    return np.median(frame[near], axis=0).astype(np.uint8) if near.mean() >= _SHARE_OF_BORDER else None


def without_shoe(picture: Picture, opacity: Floats) -> Picture:
    """The picture with what surrounds the shoe spread over where it was; `opacity` (H, W) is 1 on the shoe.

    Push-pull: averages of ever larger neighbourhoods that are known fill those that are not (Gortler et al., 1996).
    """
    reach = max(1, round(0.012 * max(opacity.shape)))
    hole = cv2.dilate(opacity, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    known = 1 - np.minimum(hole, 1)
    filled = _push_pull(np.dstack([picture * known[..., None], known]).astype(np.float32))
    mixed = filled * (1 - known[..., None]) + picture * known[..., None]
    return np.asarray(np.clip(mixed, 0, 255).round(), np.uint8)


def _push_pull(weighted: Floats) -> Floats:
    """(H, W, 3) from (H, W, 4), colours times weight and weight; what has no weight takes from its surroundings."""
    height, width = weighted.shape[:2]
    if min(height, width) <= 2:
        total = weighted.reshape(-1, 4).sum(axis=0)
        coarse = np.broadcast_to(total[:3] / max(float(total[3]), 1e-6), (height, width, 3))
    else:
        coarse = cv2.resize(_push_pull(np.asarray(cv2.pyrDown(weighted), np.float32)), (width, height))
    weight = np.minimum(weighted[..., 3:], 1)
    own = weighted[..., :3] / np.maximum(weighted[..., 3:], 1e-6)
    return np.asarray(own * weight + coarse * (1 - weight), np.float32)


def blurred(picture: Picture, share: float) -> Picture:
    """Out of focus by `share` of the long side (the standard deviation); quick for large ones too."""
    spread = share * max(picture.shape[:2])
    shrink = max(1, int(spread / 3))
    size = (max(1, picture.shape[1] // shrink), max(1, picture.shape[0] // shrink))
    small = cv2.GaussianBlur(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), (0, 0), max(spread / shrink, 0.1))
    return np.asarray(cv2.resize(small, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC), np.uint8)


def extended(picture: Picture, top: int, bottom: int, left: int, right: int) -> Picture:
    """The picture with its background carried on by so many pixels: a plain one by its colour, another mirrored.

    What was mirrored goes out of focus with the distance, or the eye would find the same leaf twice.
    """
    if (colour := plain_colour(picture)) is not None:
        value = [int(channel) for channel in colour]
        return np.asarray(
            cv2.copyMakeBorder(picture, top, bottom, left, right, cv2.BORDER_CONSTANT, value=value), np.uint8
        )
    wider = np.asarray(cv2.copyMakeBorder(picture, top, bottom, left, right, cv2.BORDER_REFLECT), np.uint8)
    inside = np.zeros(wider.shape[:2], np.uint8)
    inside[top : top + picture.shape[0], left : left + picture.shape[1]] = 1
    away = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)
    soft = np.clip(away / (0.04 * max(wider.shape[:2])), 0, 1)[..., None]
    return np.asarray((wider * (1 - soft) + blurred(wider, 0.03) * soft).round(), np.uint8)


def _frame(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n, channels): the outermost pixels."""
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
