"""Cut the shoe out of a photo: three ways, from the surest to the boldest, and a plain word when none of them works.

1. The picture brings its own transparency: that is the mask.
2. The backdrop is even, as in shop pictures: what differs from it is the shoe.
3. Else the shoe is looked for (ml.imaging.find) and GrabCut draws its outline (ml.imaging.refine).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.backdrop import mask_before_backdrop
from ml.imaging.find import find_shoe
from ml.imaging.refine import follow_edges, grab
from ml.imaging.regions import split

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels; x1 and y1 are just outside."""

_SIDE, _BACKDROP_SIDE = 160, 384
_COVERAGE = (0.02, 0.9)
_LEAST_SCORE = 0.0
"""What is found with less is no shoe: in photos of shoes the lowest score seen was 5.7, in patterns it falls to -26."""
_MARGIN = 0.06
"""Room around the shoe in `on_white` and `close_up`, as a share of the long side of its box."""
_SURROUNDINGS = 0.12
"""What `close_up` shows around the box, as a share of its long side."""


@dataclass(frozen=True)
class Cutout:
    """Where the shoe is. Where `fallback` is true nothing was cut out: the mask is all 255 and the box everything."""

    mask: NDArray[np.uint8]
    """(H, W), 0 background to 255 shoe, soft at the edge."""
    coverage: float
    """Share of the picture that is shoe."""
    fallback: bool
    box: Box
    reason: str = ""
    """For people: why nothing was cut out."""


def cut_out(image: NDArray[np.uint8], alpha: NDArray[np.uint8] | None = None) -> Cutout:
    """Find and cut out the shoe of an RGB picture; `alpha` (H, W) is its own transparency where it has any.

    Never raises for what the picture shows: where the shoe cannot be told from the background, or OpenCV gives up, the
    whole picture is the cut-out and `reason` says why.
    """
    try:
        return _cut_out(image, alpha)
    except (cv2.error, np.linalg.LinAlgError, MemoryError):
        return whole_picture(image, "The shoe could not be cut out of this picture, so all of it was used.")


def whole_picture(image: NDArray[np.uint8], reason: str) -> Cutout:
    """The cut-out that cuts nothing: `fallback`, with the reason for it."""
    height, width = image.shape[:2]
    mask = np.full((height, width), 255, np.uint8)
    return Cutout(mask=mask, coverage=1.0, fallback=True, box=(0, 0, width, height), reason=reason)


def from_alpha(alpha: NDArray[np.uint8]) -> Cutout | None:
    """The cut-out that a picture brought itself as transparency (H, W); None where that is no shoe's outline."""
    return None if _fault(alpha) else _cutout_of(alpha)


def _cut_out(image: NDArray[np.uint8], alpha: NDArray[np.uint8] | None) -> Cutout:
    if alpha is not None and (exact := from_alpha(alpha)) is not None:
        return exact
    backdrop = mask_before_backdrop(_shrunk(image, _BACKDROP_SIDE))
    if backdrop is not None:
        if not _fault(backdrop):
            return _cutout_of(follow_edges(backdrop, image, radius=2))
        if not backdrop.any():
            return whole_picture(image, _fault(backdrop))
    small = _shrunk(image, _SIDE)
    found = find_shoe(split(small))
    mask = grab(small, found.likelihood) if found.score > _LEAST_SCORE else np.zeros(small.shape[:2], np.uint8)
    if fault := _fault(mask):
        return whole_picture(image, fault)
    return _cutout_of(follow_edges(mask, image))


def _shrunk(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """At most `side` on the long side, and at least 16 on the short one, which may bend a very long picture."""
    scale = min(1.0, side / max(image.shape[:2]))
    size = tuple(max(16, round(length * scale)) for length in image.shape[1::-1])
    if size == image.shape[1::-1]:
        return image
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _fault(mask: NDArray[np.uint8]) -> str:
    """A sentence on why this mask cannot be a shoe's; empty where it can."""
    shoe = mask > 127
    coverage = float(shoe.mean())
    if coverage < _COVERAGE[0]:
        return "No shoe stood out from the background, so the whole picture was used."
    if coverage > _COVERAGE[1]:
        return "The shoe fills the picture, so the whole picture was used."
    border = np.concatenate([shoe[0], shoe[-1], shoe[:, 0], shoe[:, -1]])
    if border.mean() > 0.5:
        return "The shoe could not be told from the background, so the whole picture was used."
    return ""


def _cutout_of(mask: NDArray[np.uint8]) -> Cutout:
    left, top, width, height = cv2.boundingRect((mask > 127).astype(np.uint8))
    coverage = float((mask > 127).mean())
    return Cutout(mask=mask, coverage=coverage, fallback=False, box=(left, top, left + width, top + height))


def on_white(image: NDArray[np.uint8], cutout: Cutout) -> NDArray[np.uint8]:
    """The shoe alone on a white square (S, S, 3), with a small margin; the whole picture on white for a fallback."""
    left, top, right, bottom = cutout.box
    window = (slice(top, bottom), slice(left, right))
    opacity = cutout.mask[window].astype(np.float32)[..., None] / 255
    shoe = image[window] * opacity + 255 * (1 - opacity)
    margin = 0 if cutout.fallback else round(_MARGIN * max(shoe.shape[:2]))
    side = max(shoe.shape[:2]) + 2 * margin
    square = np.full((side, side, 3), 255, np.uint8)
    down, right_by = (side - shoe.shape[0]) // 2, (side - shoe.shape[1]) // 2
    square[down : down + shoe.shape[0], right_by : right_by + shoe.shape[1]] = shoe.round().astype(np.uint8)
    return square


def close_up(image: NDArray[np.uint8], cutout: Cutout) -> NDArray[np.uint8]:
    """The picture cropped around the shoe's box, background and all: what a mask cut off is still to be seen here."""
    left, top, right, bottom = cutout.box
    around = round(_SURROUNDINGS * max(right - left, bottom - top))
    return image[max(0, top - around) : bottom + around, max(0, left - around) : right + around]
