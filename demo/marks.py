"""Side marks of the fictional brands, as shapes in a square from -1 to 1 (x forward, y up). None is a real brand's."""
# ruff: noqa: E501 (a table: one line reads better than five)

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Shapes = list[tuple[NDArray[np.float64], float]]  # (polygon or line (N, 2), line width; 0: filled)


def _fill(*polygons: ArrayLike) -> Shapes:
    return [(np.asarray(polygon, np.float64), 0.0) for polygon in polygons]


def _line(width: float, *lines: ArrayLike) -> Shapes:
    return [(np.asarray(line, np.float64), width) for line in lines]


def _disc(x: float, y: float, r: float, start: float = 0.0, end: float = 360.0) -> NDArray[np.float64]:
    turn = np.deg2rad(np.linspace(start, end, 40))
    return np.column_stack([x + r * np.cos(turn), y + r * np.sin(turn)])


def _box(x0: float, y0: float, x1: float, y1: float, slant: float = 0.0) -> ArrayLike:
    return [(x0 + slant * y0, y0), (x1 + slant * y0, y0), (x1 + slant * y1, y1), (x0 + slant * y1, y1)]


def _regular(sides: int, r: float, turn: float = 0.0) -> NDArray[np.float64]:
    angle = np.deg2rad(turn) + np.arange(sides + 1) * 2 * np.pi / sides
    return np.column_stack([r * np.cos(angle), r * np.sin(angle)])


def _wave(low: float) -> ArrayLike:
    x = np.linspace(-1.3, 1.3, 60)
    return np.column_stack([x, low + 0.28 * np.sin(x * 5)])


_T = np.linspace(0, 1, 50)
_SPIRAL = np.column_stack([(0.1 + 0.85 * _T) * np.cos(_T * 13), (0.1 + 0.85 * _T) * np.sin(_T * 13)])

MARKS: dict[str, Callable[[], Shapes]] = {
    "none": list,
    "chevrons": lambda: _line(0.3, *[[(x - 0.35, 0.9), (x + 0.35, 0), (x - 0.35, -0.9)] for x in (-0.7, 0.05, 0.8)]),
    "bars": lambda: _fill(_box(-0.75, -1, -0.25, 1, -0.35), _box(0.2, -1, 0.7, 1, -0.35)),
    "dots": lambda: _fill(*[_disc(x, y, 0.26) for x in (-0.9, -0.2, 0.5, 1.2) for y in (-0.62, 0.1, 0.82)]),
    "arcs": lambda: _line(0.22, *[_disc(0, -0.8, r, 15, 165) for r in (0.55, 1.05, 1.55)]),
    "zigzag": lambda: _line(0.34, [(-1.5, -0.5), (-0.9, 0.5), (-0.3, -0.5), (0.3, 0.5), (0.9, -0.5), (1.5, 0.5)]),
    "waves": lambda: _line(0.2, _wave(-0.55), _wave(0.0), _wave(0.55)),
    "ring": lambda: _line(0.36, _disc(0, 0, 0.78)),
    "cross": lambda: _fill(_box(-0.3, -1, 0.3, 1), _box(-1, -0.3, 1, 0.3)),
    "diamond": lambda: _line(0.34, [(-1.1, 0), (0, 0.85), (1.1, 0), (0, -0.85), (-1.1, 0)]),
    "triangles": lambda: _fill(*[[(x - 0.42, -0.6), (x + 0.42, -0.6), (x, 0.7)] for x in (-1.0, 0.0, 1.0)]),
    "bolt": lambda: _fill([(0.55, 1.1), (-0.75, -0.12), (-0.05, -0.12), (-0.6, -1.1), (0.75, 0.2), (0.05, 0.2)]),
    "ladder": lambda: _line(0.2, [(-1.5, 0.6), (1.5, 0.6)], [(-1.5, -0.6), (1.5, -0.6)],
                            *[[(x, 0.6), (x, -0.6)] for x in (-1.0, -0.33, 0.33, 1.0)]),
    "sun": lambda: _fill(_disc(0, -0.55, 0.55, 0, 180)) + _line(
        0.17, *[[(0.78 * np.cos(a), -0.55 + 0.78 * np.sin(a)), (1.45 * np.cos(a), -0.55 + 1.45 * np.sin(a))]
                for a in np.deg2rad([12, 51, 90, 129, 168])]),
    "hexagon": lambda: _line(0.3, _regular(6, 0.9)) + _fill(_regular(6, 0.36)),
    "leaf": lambda: _fill(np.concatenate([_disc(0, -1.1, 1.75, 39, 141), _disc(0, 1.1, 1.75, 219, 321)])),
    "band": lambda: _fill(_box(-3.2, -0.42, 2.2, 0.42)),
    "slash": lambda: _fill([(-1.5, -1.2), (-0.2, -1.2), (1.5, 1.3), (0.9, 1.3)]),
    "spiral": lambda: _line(0.2, _SPIRAL),
    "arrow": lambda: _fill([(-1.5, -0.26), (0.1, -0.26), (0.1, -0.85), (1.3, 0), (0.1, 0.85), (0.1, 0.26), (-1.5, 0.26)]),
    "lattice": lambda: _line(0.15, *[[(x - 0.8, -1), (x + 0.8, 1)] for x in (-1.2, -0.4, 0.4, 1.2)],
                             *[[(x + 0.8, -1), (x - 0.8, 1)] for x in (-1.2, -0.4, 0.4, 1.2)]),
    "peaks": lambda: _fill([(-1.6, -0.7), (-0.6, 0.75), (-0.05, -0.05), (0.55, 0.4), (1.5, -0.7)]),
    "fan": lambda: _fill(*[[(0.9, -1.0), (-1.2 + k * 0.62, 1.0), (-0.85 + k * 0.62, 1.0)] for k in range(5)]),
    "eye": lambda: _line(0.22, np.concatenate([_disc(0, -1.1, 1.7, 41, 139), _disc(0, 1.1, 1.7, 221, 319)]))
    + _fill(_disc(0, 0, 0.3)),
    "steps": lambda: _line(0.3, [(-1.4, -0.8), (-0.7, -0.8), (-0.7, -0.2), (0, -0.2), (0, 0.4), (0.7, 0.4), (0.7, 1), (1.4, 1)]),
    "comet": lambda: _fill(_disc(0.9, 0, 0.5), _box(-1.7, 0.16, 0.7, 0.44), _box(-1.3, -0.14, 0.7, 0.1), _box(-1.7, -0.44, 0.7, -0.2)),
    "halves": lambda: _fill(_disc(-0.12, 0, 0.85, 90, 270), _disc(0.25, -0.3, 0.85, -90, 90)),
    "brackets": lambda: _line(0.3, [(-0.5, 0.9), (-1.1, 0.9), (-1.1, -0.9), (-0.5, -0.9)], [(0.5, 0.9), (1.1, 0.9), (1.1, -0.9), (0.5, -0.9)]),
    "saltire": lambda: _line(0.36, [(-1.3, -1), (1.3, 1)], [(-1.3, 1), (1.3, -1)]),
    "moon": lambda: _fill(np.concatenate([_disc(0, 0, 1.0, 50, 310), _disc(0.45, 0, 0.79, 283, 77)])),
    "bowtie": lambda: _fill([(-1.2, 0.8), (0, 0), (-1.2, -0.8)], [(1.2, 0.8), (0, 0), (1.2, -0.8)]),
    "pills": lambda: _line(0.3, [(-1.1, 0.65), (0.5, 0.65)], [(-0.7, 0), (0.9, 0)], [(-0.3, -0.65), (1.3, -0.65)]),
    "kite": lambda: _fill([(-1.5, 0), (0.5, 0.8), (1.2, 0), (0.5, -0.8)]),
    "blocks": lambda: _fill(*[_box(x, y, x + 0.5, y + 0.5) for k, x in enumerate((-1.5, -1.0, -0.5, 0.0, 0.5, 1.0))
                              for y in ((-0.5, 0.5) if k % 2 else (0.0, -1.0))]),
    "target": lambda: _line(0.24, _disc(0, 0, 0.95)) + _fill(_disc(0, 0, 0.45)),
    "rails": lambda: _fill(_box(-2.6, 0.45, 2.2, 0.8), _box(-2.6, -0.18, 2.2, 0.17), _box(-2.6, -0.8, 2.2, -0.45)),
    "star": lambda: _fill([(r * np.cos(a), r * np.sin(a)) for r, a in zip([1.1, 0.36] * 4, np.arange(8) * np.pi / 4, strict=True)]),
    "square": lambda: _line(0.32, _box(-0.8, -0.8, 0.8, 0.8), [(-0.8, -0.8), (-0.8, 0.8)]),
    "combs": lambda: _fill(_box(-1.5, 0.55, 1.5, 0.9), *[_box(x, -0.9, x + 0.3, 0.7) for x in (-1.5, -0.75, 0.0, 0.75)]),
    "drop": lambda: _fill(np.concatenate([_disc(-0.4, 0, 0.72, 60, 300), [(1.4, 0.0)]])),
    "pillars": lambda: _fill(*[_box(x, -1.6, x + 0.28, 1.6) for x in (-1.2, -0.55, 0.1, 0.75)]),
    "scales": lambda: _line(0.16, *[_disc(x + 0.35 * (y > 0) - 0.2, y, 0.4, 180, 360) for y in (-0.45, 0.15, 0.75)
                                    for x in (-1.2, -0.4, 0.4, 1.2)]),
    "tee": lambda: _fill(_box(-1.3, 0.35, 1.3, 0.9), _box(-0.3, -1, 0.3, 0.4)),
}  # fmt: skip


def draw_mark(
    canvas: NDArray[np.uint8], name: str, centre: tuple[float, float], size: tuple[float, float], turn_deg: float = 0.0
) -> None:
    """Draw a mark in 255 on a one-channel canvas; centre and size (half width, half height) in pixels, y down."""
    turn = np.deg2rad(turn_deg)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    for shape, width in MARKS[name]():
        placed = shape @ rotation.T * [size[0], -size[1]] + centre
        fixed = np.round(placed * 16).astype(np.int32)
        if width:
            thickness = max(1, round(width * float(np.sqrt(size[0] * size[1]))))
            cv2.polylines(canvas, [fixed], False, 255, thickness, cv2.LINE_AA, shift=4)
        else:
            cv2.fillPoly(canvas, [fixed], 255, cv2.LINE_AA, shift=4)
