"""Sketch: the picture in pencil, lines by colour dodge and shades by strokes."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.random import Generator

from ml.imaging.fit import Picture
from ml.imaging.regions import Floats, soften

_LINE = 0.008
"""Width of the neighbourhood that a line is darker than, as a share of the long side."""
_INK = 0.3
"""How bright the darkest hundredth of the lines is made: a white shoe on white has faint ones."""
_MOST_GAIN = 6.0
"""How much faint lines are strengthened at most: beyond this JPEG noise is drawn."""
_SHADE = 0.6
"""How dark the darkest shade is hatched."""
_STROKE = 0.022
"""Length of a stroke, as a share of the long side."""


def sketch(picture: Picture, random: Generator) -> Picture:
    """Graphite on white paper; `random` places the strokes."""
    side = max(picture.shape[:2])
    lightness = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) / np.float32(255)
    grey = soften(np.asarray(lightness, np.float32), max(0.4, 0.0012 * side))
    return _grey_picture(_lines(grey, side) * _shades(grey, side, random))


def _lines(grey: Floats, side: int) -> Floats:
    """Colour dodge: a picture divided by its own blur is white but for its edges (as pencil filters do it)."""
    around = cv2.GaussianBlur(grey, (0, 0), max(0.8, _LINE * side))
    dodged = np.minimum((grey + 0.02) / (around + 0.02), 1)
    faint = float(np.clip(np.quantile(dodged, 0.01), 0.01, 0.99))
    gain = float(np.clip(math.log(_INK) / math.log(faint), 1, _MOST_GAIN))
    return np.asarray(dodged**gain, np.float32)


def _shades(grey: Floats, side: int, random: Generator) -> Floats:
    """Paper to the darkest shade, in strokes that cross where it is dark."""
    shade = np.clip(1 - cv2.GaussianBlur(grey, (0, 0), max(0.5, 0.003 * side)), 0, 1) ** 1.3
    first = _strokes(grey.shape, side, math.radians(-50), random)
    second = _strokes(grey.shape, side, math.radians(35), random)
    strokes = first * np.clip(1.6 * shade, 0, 1) + second * np.clip(2 * shade - 1, 0, 1)
    return np.asarray(1 - _SHADE * np.clip(shade * (0.8 + 0.2 * strokes), 0, 1), np.float32)


def _strokes(shape: tuple[int, ...], side: int, angle: float, random: Generator) -> Floats:
    """(H, W), around 0: noise drawn out along one direction."""
    reach = math.ceil(math.hypot(*shape)) + 2
    noise = random.standard_normal((reach, reach), np.float32)
    strokes = cv2.GaussianBlur(noise, (0, 0), sigmaX=max(4.0, _STROKE * side / 2), sigmaY=max(0.45, 0.0009 * side))
    drawn = np.asarray(strokes / max(float(strokes.std()), 1e-6), np.float32)
    along, across = math.cos(angle), math.sin(angle)
    middle = np.array([shape[1], shape[0]]) / 2
    turn = np.array([[along, -across], [across, along]])
    matrix = np.column_stack([turn, np.full(2, reach / 2) - turn @ middle])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(drawn, matrix, (shape[1], shape[0]), flags=flags), np.float32)


def _grey_picture(grey: Floats) -> Picture:
    return np.dstack([np.clip(grey * 255, 0, 255).round().astype(np.uint8)] * 3)
