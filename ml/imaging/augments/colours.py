"""The colour of the shoe's dominant part, and the shoe with that part in another colour."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ml.imaging.augments.shoe import lifted
from ml.imaging.cutout import Cutout
from ml.imaging.fit import Picture
from ml.imaging.regions import Floats, lab_of, soften

_PARTS = 4
"""Colours that a shoe is divided into: upper, overlays, sole and lining are seldom more."""
_SAMPLE = 2000
"""Pixels that the division looks at."""
_WEIGHTS = np.array([0.5, 1, 1], np.float32)
"""How much differences in L*, a* and b* count: folds and light divide no part."""
_SAME = 12.0
"""CIE76, so weighted, within which two centres are light and shade of one part."""
_FOREIGN = 30.0
"""CIE76, so weighted, from which a colour that has no centre of its own belongs to the part by half."""
_CALM = 0.0025
"""How far the picture is blurred, as a share of its long side, before its parts are told: grain is in no part."""
_SEAM = 0.0015
"""How soft the border of a part is, as a share of the picture's long side."""
PALETTE = {
    "red": (44.0, 54.0, 30.0),
    "orange": (64.0, 32.0, 52.0),
    "yellow": (80.0, 4.0, 58.0),
    "green": (46.0, -32.0, 18.0),
    "teal": (50.0, -26.0, -10.0),
    "blue": (38.0, 4.0, -42.0),
    "violet": (42.0, 28.0, -32.0),
}
"""CIE L*a*b*: colours that shoes are sold in, all of them far from grey and from each other."""
_CONTRAST = (0.6, 1.2)
"""How much light and shade of a lighter part are drawn together, or of a darker one apart, at most."""
_OWN_CHROMA = 0.4
"""How much of a pixel's own deviation from its part's colour is kept: its weave, and not its old hue."""
_CHOICES = 3
"""So many colours of the palette, the farthest from the part's own, are chosen from."""
_RISE = 16.0
"""How much lighter a part may become, in L*: in black leather turned yellow every grain of noise would shine."""
_DARKENED = 32.0
"""How much darker than in PALETTE, in L*, its colours may be taken to keep to that: yellow would become mud."""


def colours_of(picture: Picture, mask: NDArray[np.uint8]) -> Floats:
    """(k, 3) CIE L*a*b*: the colours of the parts of what `mask` (H, W) shows, that of the largest first."""
    inside = np.flatnonzero(mask.ravel() > 200)
    inside = inside if len(inside) else np.arange(mask.size)
    sample = lab_of(picture.reshape(-1, 1, 3)[inside[:: max(1, len(inside) // _SAMPLE)]])[:, 0]
    if len(sample) == 1:
        return sample  # OpenCV would take it for three samples
    cv2.setRNGSeed(0)  # k-means is to find the same parts in the same picture
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    count, none = min(_PARTS, len(sample)), np.empty(0, np.int32)
    _, parts, centres = cv2.kmeans(sample * _WEIGHTS, count, none, stop, 2, cv2.KMEANS_PP_CENTERS)
    largest_first = np.argsort(-np.bincount(parts.ravel(), minlength=count), kind="stable")
    return np.asarray(centres[largest_first] / _WEIGHTS, np.float32)


def shoe_colour(picture: Picture, cutout: Cutout, random: Generator) -> Picture:
    """The dominant part of the shoe in another colour, with its folds and light; `random` chooses the colour."""
    opacity = np.ones_like(cutout.mask, np.float32) if cutout.fallback else lifted(picture, cutout).opacity
    colours = colours_of(picture, (255 * opacity).astype(np.uint8))
    wanted = _choices(colours)[int(random.integers(_CHOICES))]
    left, top, right, bottom = cutout.box
    window = (slice(top, bottom), slice(left, right))
    lab = lab_of(picture[window])
    side = max(picture.shape[:2])
    share = _share(soften(lab, max(0.4, _CALM * side)), colours) * opacity[window]
    share = soften(share, max(0.4, _SEAM * side))[..., None]
    painted = picture.copy()
    painted[window] = rgb_of(lab * (1 - share) + _painted(lab, colours[0], wanted) * share)
    return painted


def _share(lab: Floats, colours: Floats) -> Floats:
    """(H, W), 0 to 1: how far each pixel belongs to the part of the first of the colours."""
    own, *others = (np.linalg.norm((lab - colour) * _WEIGHTS, axis=2) for colour in _told_apart(colours))
    nearest = np.min([*others, np.full_like(own, _FOREIGN)], axis=0)
    leaning = np.clip((nearest / np.maximum(own + nearest, 1e-3) - 0.35) / 0.3, 0, 1)
    return np.asarray(leaning * leaning * (3 - 2 * leaning), np.float32)


def _told_apart(colours: Floats) -> list[Floats]:
    """The first colour, and those of the others that are not the same part in another light."""
    return [colours[0], *(colour for colour in colours if np.linalg.norm((colour - colours[0]) * _WEIGHTS) > _SAME)]


def _choices(colours: Floats) -> list[Floats]:
    """The colours of PALETTE that may replace the first, those first that are far from all that the shoe has."""
    lightest = float(colours[0, 0]) + _RISE
    possible = [np.array(colour, np.float32) for colour in PALETTE.values() if colour[0] < lightest + _DARKENED]
    far_first = sorted(possible, key=lambda colour: -np.linalg.norm((colours - colour)[:, 1:], axis=1).min())
    return [colour * min(1.0, lightest / float(colour[0])) for colour in far_first]


def _painted(lab: Floats, own: Floats, wanted: Floats) -> Floats:
    """Every pixel as if what has the colour `own` had the colour `wanted` in the same light."""
    contrast = float(np.clip(wanted[0] / max(float(own[0]), 1), *_CONTRAST))
    lightness = np.clip(wanted[0] + (lab[..., :1] - own[0]) * contrast, 2, 98)
    chroma = wanted[1:] * np.clip(lightness / wanted[0], 0.3, 1.1) + _OWN_CHROMA * (lab[..., 1:] - own[1:])
    return np.concatenate([lightness, chroma], axis=2).astype(np.float32)


def rgb_of(lab: NDArray[np.floating]) -> NDArray[np.uint8]:
    """CIE L*a*b* (..., 3) as RGB."""
    pixels = np.asarray(lab, np.float32).reshape(-1, 1, 3)
    rgb = cv2.cvtColor(pixels, cv2.COLOR_LAB2RGB).reshape(lab.shape)
    return np.clip(rgb * 255, 0, 255).round().astype(np.uint8)
