"""A shoe before a camera: an upright plane on a floor, turned about the vertical, seen in perspective.

Coordinates are pixels of the picture around the middle of the shoe's box: x to the right, y up, z towards the camera.
Both planes, the shoe's and the floor's, reach the picture by a homography.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.augments.shoe import Shoe
from ml.imaging.cutout import Box
from ml.imaging.regions import Floats

Matrix = NDArray[np.float64]

_DISTANCE = 2.4
"""From the camera to the shoe in lengths of it: a phone at 70 cm. Nearer bends the shoe, farther hides the turn."""
_ELEVATION = math.radians(9)
"""How far the camera looks down, as in shop photos: it decides how broad the shadow on the floor looks."""
_STEEPEST = 0.3
"""The most that the line a shoe stands on may fall in a picture; a shoe on its toe stands on a level floor."""


@dataclass(frozen=True)
class Scene:
    """One shoe and the floor below it, seen turned by `turn_deg`; positive brings the shoe's right end nearer."""

    shoe: Shoe
    turn_deg: float = 0.0

    @property
    def length(self) -> float:
        """The long side of the shoe's box, in pixels."""
        left, top, right, bottom = self.shoe.box
        return float(max(right - left, bottom - top))

    @cached_property
    def floor_line(self) -> tuple[float, float]:
        """The picture's row of the floor below the middle of the box, and how much it falls in a pixel to the right."""
        return _floor_line(self.shoe)

    def shoe_to_picture(self) -> Matrix:
        """(3, 3): where a pixel of the unturned picture is to be seen; the identity where nothing is turned."""
        x, y = _middle(self.shoe.box)
        upright = np.array([[1, 0, -x], [0, -1, y], [0, 0, 0], [0, 0, 1]])
        return np.asarray(self._camera(self.turn_deg) @ upright @ np.linalg.inv(self._camera(0) @ upright), np.float64)

    def floor_to_picture(self) -> Matrix:
        """(3, 3): where a point (x, z) of the floor, turned with the shoe, is to be seen."""
        row, fall = self.floor_line
        below, distance = row - _middle(self.shoe.box)[1], _DISTANCE * self.length
        down = below * distance / (distance * math.cos(_ELEVATION) - below * math.sin(_ELEVATION))
        floor = np.array([[1, 0, 0], [-fall, 0, -down], [0, 1, 0], [0, 0, 1]])
        return np.asarray(self._camera(self.turn_deg) @ floor, np.float64)

    def _camera(self, turn_deg: float) -> Matrix:
        """(3, 4): projects (x, y, z, 1) after turning it about the vertical and looking down at it."""
        turn, distance = math.radians(turn_deg), _DISTANCE * self.length
        about = np.array([[math.cos(turn), 0, -math.sin(turn)], [0, 1, 0], [math.sin(turn), 0, math.cos(turn)]])
        along, across = math.cos(_ELEVATION), math.sin(_ELEVATION)
        right, up, near = np.array([[1, 0, 0], [0, along, -across], [0, across, along]]) @ about
        x, y = _middle(self.shoe.box)
        rows = (distance * right - x * near, -distance * up - y * near, -near)
        return np.column_stack([np.stack(rows), (x * distance, y * distance, distance)])


def lowest_rows(shoe: Shoe) -> Floats:
    """(columns of the box,): the lowest row of the picture that is shoe, NaN in a column without any."""
    left, top, right, bottom = shoe.box
    rows = shoe.opacity[top:bottom, left:right] > 0.5
    lowest = bottom - 1 - rows[::-1].argmax(axis=0).astype(np.float32)
    return np.where(rows.any(axis=0), lowest, np.nan).astype(np.float32)


def _floor_line(shoe: Shoe) -> tuple[float, float]:
    """The edge of the outline's convex hull that is below its middle: what a stiff shoe would stand on."""
    left, _, right, bottom = shoe.box
    lowest = lowest_rows(shoe)
    places = np.column_stack([np.arange(left, right), lowest]).astype(np.float32)[~np.isnan(lowest)]
    middle = (left + right) / 2
    level = float(bottom), 0.0
    if len(places) < 3:
        return level
    corners = cv2.convexHull(places)[:, 0]
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if x1 != x0 and (x0 - middle) * (x1 - middle) <= 0:
            fall = float((y1 - y0) / (x1 - x0))
            row = float(y0 + fall * (middle - x0)) + 1
            if row >= lowest[int(len(lowest) / 2)] and abs(fall) <= _STEEPEST:
                return row, fall
    return level


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
