"""Swivel: the shoe turned by 30 degrees in three dimensions, before its own background and with a shadow to match.

One picture knows one side of a shoe, so this turns a flat cut-out: right in perspective, without the side that comes
into view. Where a product has a 360 degree view, its frame 30 degrees on is the better swivel: the caller takes it.
"""

from __future__ import annotations

import numpy as np

from ml.imaging.augments.ground import blurred, plain_colour, without_shoe
from ml.imaging.augments.scene import Matrix, Scene
from ml.imaging.augments.shadow import shadow_around, shadow_of
from ml.imaging.augments.shoe import Shoe, card, is_cut_off, laid_on, lifted, warped
from ml.imaging.cutout import Box, Cutout
from ml.imaging.fit import Picture

TURN_DEG = 30.0
"""As published: seen at once, and still the side that the shoe is known by."""
_MARGIN = 0.03
"""What stays free at the picture's edges, as a share of its sides."""
_FOCUS = 0.014
"""How far a background that is no plain colour goes out of focus, as in a portrait: it hides where the shoe was."""


def swivel(picture: Picture, cutout: Cutout, side: int) -> Picture:
    """The shoe turned; `side` 1 brings its right end nearer, -1 its left.

    What cannot be turned alone, because it was not cut out or goes on beyond the picture, is turned as a card.
    """
    colour = plain_colour(picture, None if cutout.fallback else cutout.mask)
    whole = cutout.fallback or is_cut_off(cutout)
    shoe = card(picture) if whole else lifted(picture, cutout)
    if colour is not None:
        ground = np.full_like(picture, colour)
    elif whole:
        ground = blurred(picture, 0.06)
    else:
        ground = blurred(without_shoe(picture, shoe.opacity), _FOCUS)
    scene = Scene(shoe, side * TURN_DEG)
    turned = scene.shoe_to_picture()
    size = (picture.shape[1], picture.shape[0])
    seen = _seen_box(shoe, turned)
    growth = 1.0 if colour is not None or whole else (shoe.box[2] - shoe.box[0]) / (seen[2] - seen[0])
    placed = _into_frame(seen, growth, shoe.box, size)
    seen_shoe = warped(shoe, placed @ turned, size)
    return laid_on(ground, seen_shoe, shadow_around(seen_shoe) if whole else shadow_of(scene, placed))


def _seen_box(shoe: Shoe, turned: Matrix) -> tuple[float, float, float, float]:
    """Where the outline of the shoe lies once it is turned, before it is fitted into the picture."""
    rows, columns = np.nonzero(shoe.opacity > 0.5)
    if not len(rows):
        rows, columns = np.array([shoe.box[1], shoe.box[3]]), np.array([shoe.box[0], shoe.box[2]])
    seen = turned @ np.stack([columns, rows, np.ones(len(rows))])
    x, y = seen[:2] / seen[2]
    return float(x.min()), float(y.min()), float(x.max()) + 1, float(y.max()) + 1


def _into_frame(seen: tuple[float, float, float, float], growth: float, box: Box, size: tuple[int, int]) -> Matrix:
    """(3, 3): scales what is seen by `growth`, as far as the picture has room, and puts it on the floor it stood on."""
    room = [length * (1 - 2 * _MARGIN) for length in size]
    scale = min(growth, room[0] / (seen[2] - seen[0]), room[1] / (seen[3] - seen[1]))
    wanted = [(box[0] + box[2]) / 2 - scale * (seen[0] + seen[2]) / 2, box[3] - scale * seen[3]]
    shift = [
        min(
            max(wanted[axis], _MARGIN * size[axis] - scale * seen[axis]),
            (1 - _MARGIN) * size[axis] - scale * seen[axis + 2],
        )
        for axis in (0, 1)
    ]
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1]], np.float64)
