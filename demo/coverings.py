"""What lies over a part of the shoe in a photo: the fingers that hold it, or some thing at its rim."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from demo import backgrounds
from demo.living import SKINS
from demo.noise import Canvas, Colour, jitter, one_of
from demo.poses import Pose
from demo.sketch import Point, Sketch, paste
from demo.things import SMALL


def cover(rng: Generator, scene: Canvas, shoe: Canvas, pose: Pose, hardness: float) -> Canvas | None:
    """Fingers where the shoe is held, else now and then some thing at its rim; None where the shoe is all to be seen.

    The palm goes into the scene, behind the shoe. What covers the shoe comes back, (H, W, 4), premultiplied.
    """
    if pose.staging == "held":
        palm, fingers = _grip(rng, shoe)
        paste(scene, palm, 0, 0)
        return fingers
    if rng.random() > 0.3 * hardness:
        return None
    rows, columns = np.nonzero(shoe[..., 3] > 0.5)
    size = max(12, int(np.ptp(columns) * rng.uniform(0.15, 0.35)))
    sheet = backgrounds.draw(rng, size, SMALL)
    covering = np.zeros_like(shoe)
    at_left = rng.random() < 0.5
    x = int(columns.min() - size * 0.6) if at_left else int(columns.max() - size * 0.4)
    _put(covering, sheet, x, int(rows.max() - size * rng.uniform(0.7, 1.0)))
    return covering


def _put(layer: Canvas, sheet: Canvas, x: int, y: int) -> None:
    """Put a sheet into an empty layer of four channels, cut at its edges."""
    height, width = layer.shape[:2]
    top, left, bottom, right = max(0, y), max(0, x), min(height, y + sheet.shape[0]), min(width, x + sheet.shape[1])
    if bottom > top and right > left:
        layer[top:bottom, left:right] = sheet[top - y : bottom - y, left - x : right - x]


def _grip(rng: Generator, shoe: Canvas) -> tuple[Canvas, Canvas]:
    """A hand that holds the shoe from below or behind: the palm (behind the shoe) and the fingers (before it)."""
    height, width = shoe.shape[:2]
    side = max(height, width)
    rows, columns = np.nonzero(shoe[..., 3] > 0.5)
    middle = np.array([columns.mean(), rows.mean()]) / side
    length = float(np.hypot(np.ptp(columns), np.ptp(rows))) / side
    turn = np.radians(rng.uniform(20, 160))
    outwards = np.array([np.cos(turn), np.sin(turn)])
    reach = ((np.stack([columns, rows], axis=1) / side - middle) @ outwards).max()
    rim = middle + outwards * reach * 0.96
    skin = jitter(rng, one_of(rng, SKINS), 0.1)
    thick, aside = 0.075 * length, np.array([-outwards[1], outwards[0]])
    palm, fingers = Sketch(side), Sketch(side)
    _limb(palm, rim - outwards * 0.02, rim + outwards * 1.2, thick * 3.6, skin)
    for number in range(4):
        start = rim + aside * thick * 1.05 * (number - 1.5) + outwards * thick * 0.6
        tip = start - outwards * length * rng.uniform(0.1, 0.16)
        _limb(fingers, start, tip, thick, jitter(rng, skin, 0.05))
    return palm.lit(rng, 0.3, 0.1)[:height, :width], fingers.lit(rng, 0.35, 0.1)[:height, :width]


def _limb(sketch: Sketch, start: Canvas, end: Canvas, thick: float, tint: Colour) -> None:
    points: list[Point] = [(float(start[0]), float(start[1])), (float(end[0]), float(end[1]))]
    sketch.line(points, thick, tint)
