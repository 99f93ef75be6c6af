"""A square sheet to draw everyday objects on: shapes in unit coordinates, then light; transparent where nothing is."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.random import Generator

from demo.noise import Canvas, Colour, floats, fractal, gradient, to_canvas

Point = tuple[float, float]
_SHIFT = 4


class Sketch:
    """Shapes painted one over the other; x runs right and y down, both 0..1."""

    def __init__(self, side: int) -> None:
        self.side = side
        # Premultiplied RGBA: painting an antialiased shape over zeros is then already correct compositing.
        self._sheet = np.zeros((side, side, 4), np.uint8)

    def polygon(self, points: Sequence[Point], tint: Colour) -> None:
        """A filled polygon."""
        cv2.fillPoly(self._sheet, [self._fixed(points)], _ink(tint), cv2.LINE_AA, _SHIFT)

    def rectangle(self, left: float, top: float, right: float, bottom: float, tint: Colour, turn: float = 0.0) -> None:
        """A filled rectangle, turned by `turn` degrees around its middle."""
        middle = np.array([(left + right) / 2, (top + bottom) / 2])
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)]) - middle
        angle = np.radians(turn)
        spin = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        self.polygon([(float(x), float(y)) for x, y in corners @ spin + middle], tint)

    def oval(self, x: float, y: float, wide: float, high: float, tint: Colour, turn: float = 0.0) -> None:
        """A filled ellipse with half axes `wide` and `high`, turned by `turn` degrees."""
        around = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        ring = np.stack([np.cos(around) * wide, np.sin(around) * high], axis=1)
        angle = np.radians(turn)
        spin = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        self.polygon([(float(px), float(py)) for px, py in ring @ spin + (x, y)], tint)

    def line(self, points: Sequence[Point], width: float, tint: Colour) -> None:
        """A line through the points, `width` of the side thick."""
        thick = max(1, round(width * self.side))
        cv2.polylines(self._sheet, [self._fixed(points)], False, _ink(tint), thick, cv2.LINE_AA, _SHIFT)

    def blob(self, rng: Generator, x: float, y: float, wide: float, high: float, tint: Colour, wild: float) -> None:
        """A rounded random outline of about the given half axes; `wild` 0 is an ellipse, 0.5 an amoeba."""
        around = np.linspace(0, 2 * np.pi, 60, endpoint=False)
        radius = np.ones_like(around)
        for wave in range(2, 6):
            radius += rng.normal(0, wild / wave) * np.cos(wave * around + rng.uniform(0, 2 * np.pi))
        radius = np.clip(radius, 0.3, 1.5)
        outline = np.stack([x + wide * radius * np.cos(around), y + high * radius * np.sin(around)], axis=1)
        self.polygon([(float(px), float(py)) for px, py in outline], tint)

    def text(self, words: str, x: float, y: float, height: float, tint: Colour) -> None:
        """Words in a plain font, their left foot at (x, y), on what is already painted."""
        size = height * self.side / 22
        at = (int(x * self.side), int(y * self.side))
        thick = max(1, round(height * self.side / 9))
        colours = np.ascontiguousarray(self._sheet[..., :3])
        cv2.putText(colours, words, at, cv2.FONT_HERSHEY_SIMPLEX, size, _ink(tint)[:3], thick, cv2.LINE_AA)
        self._sheet[..., :3] = colours

    def lit(self, rng: Generator, depth: float = 0.45, texture: float = 0.12) -> Canvas:
        """The sheet (side, side, 4), premultiplied, under light from one side and with a mottled surface."""
        shape = (self.side, self.side)
        sheet = to_canvas(self._sheet)
        alpha = sheet[..., 3]
        ramp = gradient(rng, shape, 1.0 + depth * 0.4, 1.0 - depth)
        # The rim of a round thing is darker: blurred coverage is about how far inside a pixel lies.
        inside = floats(cv2.GaussianBlur(alpha, (0, 0), max(0.5, self.side * 0.035)))
        rim = 1.0 - np.float32(depth * 0.9) * np.clip(1.0 - inside, 0, 1)
        light = ramp * rim * (1 - texture / 2 + texture * fractal(rng, shape, 6, 3))
        sheet[..., :3] = np.minimum(sheet[..., :3] * light[..., None], alpha[..., None])
        return sheet

    def _fixed(self, points: Sequence[Point]) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
        scaled = np.asarray(points, np.float64) * self.side * (1 << _SHIFT)
        return np.asarray(np.round(scaled), np.int32).reshape(-1, 1, 2)


def _ink(tint: Colour) -> tuple[float, float, float, float]:
    red, green, blue = (min(1.0, max(0.0, part)) * 255 for part in tint)
    return red, green, blue, 255.0


def paste(scene: Canvas, sheet: Canvas, x: int, y: int) -> None:
    """Lay a premultiplied RGBA sheet over `scene` in place, its top left corner at (x, y); what sticks out is cut."""
    top, left = max(0, y), max(0, x)
    bottom, right = min(scene.shape[0], y + sheet.shape[0]), min(scene.shape[1], x + sheet.shape[1])
    if bottom <= top or right <= left:
        return
    part = sheet[top - y : bottom - y, left - x : right - x]
    under = scene[top:bottom, left:right]
    under *= 1.0 - part[..., 3:]
    under += part[..., :3]
