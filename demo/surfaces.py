"""Surfaces seen from straight above: wood, tiles, carpet, asphalt, concrete, grass, rugs, cardboard, cloth, ...

Each maker takes a generator and a side length and returns a square Canvas (side, side, 3). The whole square is to be
thought of as about 1.5 m wide. Makers stay under 10 ms at 256 px.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from demo.noise import (
    Canvas,
    Colour,
    colour,
    coordinates,
    floats,
    fractal,
    grain,
    jitter,
    mix,
    one_of,
    plain,
    smooth_noise,
)

Surface = Callable[[Generator, int], Canvas]
WOODS: tuple[Colour, ...] = (
    (0.76, 0.58, 0.38),
    (0.60, 0.42, 0.26),
    (0.44, 0.29, 0.18),
    (0.84, 0.74, 0.60),
    (0.33, 0.24, 0.19),
    (0.66, 0.62, 0.56),
)


def wood(rng: Generator, side: int) -> Canvas:
    """Floor boards with staggered joints and grain along them."""
    rows, boards = int(rng.integers(4, 13)), int(rng.integers(1, 4))
    y, x = coordinates((side, side))
    row = np.minimum((y * rows).astype(np.int32), rows - 1)
    along = x * boards + rng.random(rows, dtype=np.float32)[row]
    board = along.astype(np.int32) % (boards + 1)
    tints = _tints(rng, jitter(rng, one_of(rng, WOODS), 0.12), rows * (boards + 1), rng.uniform(0.04, 0.22))
    canvas = tints.reshape(rows, boards + 1, 3)[np.broadcast_to(row, board.shape), board]
    lines = smooth_noise(rng, (side, side), (side // int(rng.integers(3, 9)), int(rng.integers(3, 12))))
    canvas = canvas * (0.82 + 0.36 * lines)[..., None]
    gap = np.minimum(np.abs((y * rows + 0.5) % 1 - 0.5) / rows, np.abs((along + 0.5) % 1 - 0.5) / boards)
    return _with_gaps(canvas, gap, 0.0035, rng.uniform(0.3, 0.8))


def parquet(rng: Generator, side: int) -> Canvas:
    """Squares of short boards, turned by a quarter from square to square."""
    squares = int(rng.integers(3, 7))
    strips = int(rng.integers(4, 7))
    y, x = coordinates((side, side))
    turned = ((y * squares).astype(np.int32) + (x * squares).astype(np.int32)) % 2 == 1
    across = np.where(turned, x + 0 * y, y + 0 * x) * squares * strips
    number = across.astype(np.int32) * 31 + (np.where(turned, y, x) * squares).astype(np.int32) * 7
    tints = _tints(rng, jitter(rng, one_of(rng, WOODS), 0.1), 97, rng.uniform(0.06, 0.2))
    canvas = floats(tints[number % 97] * (0.9 + 0.2 * fractal(rng, (side, side), 24, 2))[..., None])
    gap = np.abs((across + 0.5) % 1 - 0.5) / (squares * strips)
    return _with_gaps(canvas, floats(gap), 0.004, 0.4)


def tiles(rng: Generator, side: int) -> Canvas:
    """Square or brick-bonded tiles, plain or in two colours, with grout."""
    rows = int(rng.integers(3, 11))
    columns = rows if rng.random() < 0.6 else max(2, rows // 2)
    y, x = coordinates((side, side))
    row = (y * rows).astype(np.int32)
    along = x * columns + (0.5 * (row % 2) if columns != rows else 0.0)
    column = along.astype(np.int32)
    first = colour(rng, saturation=(0.0, 0.35), value=(0.45, 0.97))
    tints = _tints(rng, first, 64, rng.uniform(0.0, 0.12))
    canvas = tints[(row * 13 + column * 7) % 64]
    if rng.random() < 0.35:
        second = _tints(rng, colour(rng, saturation=(0.0, 0.6), value=(0.08, 0.8)), 64, 0.05)
        canvas = np.where(((row + column) % 2 == 1)[..., None], second[(row * 5 + column) % 64], canvas)
    canvas = mix(canvas, jitter(rng, first, 0.4), 0.35 * fractal(rng, (side, side), 5, 4) * rng.random())
    gap = np.minimum(np.abs((y * rows + 0.5) % 1 - 0.5) / rows, np.abs((along + 0.5) % 1 - 0.5) / columns)
    return _with_gaps(canvas, gap, rng.uniform(0.003, 0.009), rng.uniform(-0.3, 0.5))


def bricks(rng: Generator, side: int) -> Canvas:
    """A brick wall or paving of bricks."""
    rows = int(rng.integers(8, 18))
    y, x = coordinates((side, side))
    row = (y * rows).astype(np.int32)
    along = x * rows / 2.6 + 0.5 * (row % 2)
    clay = colour(rng, hue=(0.0, 0.09), saturation=(0.15, 0.65), value=(0.35, 0.8))
    canvas = _tints(rng, clay, 71, 0.22)[(row * 17 + along.astype(np.int32) * 5) % 71]
    canvas = canvas * (0.8 + 0.4 * fractal(rng, (side, side), 30, 2))[..., None]
    gap = np.minimum(np.abs((y * rows + 0.5) % 1 - 0.5) / rows, np.abs((along + 0.5) % 1 - 0.5) / rows * 2.6)
    return _with_gaps(canvas, gap, 0.006, rng.uniform(-0.4, 0.4))


def carpet(rng: Generator, side: int) -> Canvas:
    """Short pile in one colour, mottled, sometimes flecked with a second one."""
    tint = colour(rng, saturation=(0.02, 0.6), value=(0.2, 0.85))
    canvas = plain((side, side), tint) * (0.85 + 0.3 * fractal(rng, (side, side), 4, 3))[..., None]
    if rng.random() < 0.5:
        flecks = smooth_noise(rng, (side, side), (side // 3, side // 3)) > 0.72
        canvas = mix(canvas, jitter(rng, tint, 0.7), floats(flecks) * 0.8)
    return canvas + grain(rng, (side, side), rng.uniform(0.04, 0.12))


def asphalt(rng: Generator, side: int) -> Canvas:
    """Grey grit, patches, sometimes a painted line."""
    grey = rng.uniform(0.22, 0.55)
    canvas = plain((side, side), jitter(rng, (grey, grey, grey * 1.02), 0.06))
    canvas = canvas * (0.8 + 0.4 * fractal(rng, (side, side), 3, 3))[..., None]
    grit = smooth_noise(rng, (side, side), (side // 2, side // 2))
    canvas = canvas + (0.3 * (grit - 0.5))[..., None] + grain(rng, (side, side), 0.06)
    if rng.random() < 0.3:
        _stroke(rng, canvas, colour(rng, (0.1, 0.17), (0.0, 0.7), (0.75, 0.95)), side // 14)
    return canvas


def concrete(rng: Generator, side: int) -> Canvas:
    """Pale, cloudy, with hairline cracks."""
    tint = colour(rng, hue=(0.05, 0.2), saturation=(0.0, 0.15), value=(0.5, 0.85))
    canvas = plain((side, side), tint) * (0.75 + 0.5 * fractal(rng, (side, side), 3, 5, 0.6))[..., None]
    for _ in range(int(rng.integers(0, 4))):
        steps = rng.normal(0, side / 30, (12, 2)) + rng.normal(0, side / 18, 2)
        path = np.cumsum(np.vstack([rng.uniform(0, side, 2), steps]), axis=0)
        cv2.polylines(canvas, [path.astype(np.int32)], False, [0.55 * part for part in tint], 1, cv2.LINE_AA)
    return canvas + grain(rng, (side, side), 0.025)


def grass(rng: Generator, side: int) -> Canvas:
    """Blades in many greens, on earth."""
    green = colour(rng, hue=(0.18, 0.36), saturation=(0.3, 0.7), value=(0.3, 0.6))
    canvas = plain((side, side), jitter(rng, green, 0.3)) * 0.5
    count = 2400
    feet = rng.uniform(-0.05, 1.05, (count, 2)) * side
    tips = feet + rng.normal(0, side / 26, (count, 2))
    lines = np.stack([feet, tips], axis=1).astype(np.int32)
    shades = _tints(rng, green, 12, 0.45)
    for number in range(12):
        tint = [float(part) for part in shades[number]]
        cv2.polylines(canvas, list(lines[number::12]), False, tint, max(1, side // 200), cv2.LINE_AA)
    return canvas * (0.7 + 0.6 * fractal(rng, (side, side), 3, 2))[..., None]


def rug(rng: Generator, side: int) -> Canvas:
    """A woven pattern of stripes, checks, zigzags or diamonds in two to four colours."""
    y, x = coordinates((side, side))
    scale = rng.uniform(3, 14)
    bend = {
        "stripes": x * scale + 0 * y,
        "zigzag": x * scale + np.abs((y * scale) % 2 - 1) * rng.uniform(0.5, 1.5),
        "diamonds": np.abs((x * scale) % 2 - 1) + np.abs((y * scale) % 2 - 1) + (x * scale // 2),
        "checks": (x * scale).astype(np.int32) + (y * scale).astype(np.int32),
        "rings": np.hypot(x - rng.uniform(0.2, 0.8), y - rng.uniform(0.2, 0.8)) * scale * 1.6,
    }[one_of(rng, ("stripes", "zigzag", "diamonds", "checks", "rings"))]
    bend = bend if rng.random() < 0.5 else bend.T
    tints = np.array([colour(rng, saturation=(0.0, 0.8), value=(0.15, 0.95)) for _ in range(rng.integers(2, 5))])
    order = rng.integers(0, len(tints), 16)
    canvas = tints.astype(np.float32)[order[np.asarray(np.abs(bend), np.int32) % 16]]
    canvas = floats(cv2.GaussianBlur(canvas, (3, 3), 0.6))
    return floats(canvas * (0.85 + 0.3 * smooth_noise(rng, (side, side), (side // 2, side // 3)))[..., None])


def cardboard(rng: Generator, side: int) -> Canvas:
    """Brown board with faint ribs, a fold and perhaps a strip of tape."""
    tint = colour(rng, hue=(0.07, 0.11), saturation=(0.3, 0.5), value=(0.55, 0.78))
    ribs = np.sin(np.arange(side, dtype=np.float32) * np.float32(rng.uniform(0.5, 1.2)))[:, None]
    canvas = plain((side, side), tint) * floats(0.88 + 0.2 * fractal(rng, (side, side), 4, 3) + 0.02 * ribs)[..., None]
    _stroke(rng, canvas, jitter(rng, tint, 0.3), max(1, side // 90))
    if rng.random() < 0.4:
        _stroke(rng, canvas, jitter(rng, (0.8, 0.7, 0.5), 0.2), side // 9)
    return canvas + grain(rng, (side, side), 0.02)


def cloth(rng: Generator, side: int) -> Canvas:
    """A bed sheet, towel or blanket with folds, plain or striped."""
    folds = fractal(rng, (side, side), int(rng.integers(2, 6)), 2)
    light = floats(cv2.Sobel(folds, cv2.CV_32F, 1, 0, ksize=5, scale=side / 200))
    light = floats(cv2.GaussianBlur(light, (0, 0), side / 90))
    tint = colour(rng, saturation=(0.0, 0.7), value=(0.3, 0.98))
    canvas = plain((side, side), tint)
    if rng.random() < 0.4:
        y, x = coordinates((side, side))
        stripes = floats(((x + 0.12 * folds + 0 * y) * rng.uniform(5, 25)) % 1 < rng.uniform(0.15, 0.5))
        canvas = mix(canvas, colour(rng, saturation=(0.0, 0.8)), stripes)
    return floats(canvas * np.clip(0.9 + 0.25 * light, 0.45, 1.25)[..., None] + grain(rng, (side, side), 0.03))


def marble(rng: Generator, side: int) -> Canvas:
    """Stone with veins."""
    base = colour(rng, saturation=(0.0, 0.25), value=(0.2, 0.95))
    bend = fractal(rng, (side, side), 3, 5, 0.6)
    veins = np.abs(np.sin(bend * np.float32(rng.uniform(12, 40)))) ** np.float32(0.4)
    return mix(jitter(rng, base, 0.6), base, veins) * (0.9 + 0.2 * bend)[..., None]


def pebbles(rng: Generator, side: int) -> Canvas:
    """Gravel, leaves, terrazzo: many small rounded shapes over a ground."""
    ground = colour(rng, hue=(0.03, 0.2), saturation=(0.05, 0.5), value=(0.25, 0.75))
    canvas = plain((side, side), ground)
    size = side * rng.uniform(0.01, 0.035)
    for tint in _tints(rng, jitter(rng, ground, 0.6), 7, 0.5).tolist():
        for x, y, long, wide, turn in rng.random((30, 5)):
            axes = (max(1, int(size * (0.5 + long))), max(1, int(size * (0.3 + wide * 0.7))))
            centre = (int(x * side), int(y * side))
            cv2.ellipse(canvas, centre, axes, turn * 180, 0, 360, tint, -1, cv2.LINE_AA)
    return canvas * (0.8 + 0.4 * fractal(rng, (side, side), 6, 3))[..., None]


def sand(rng: Generator, side: int) -> Canvas:
    """Sand, snow or earth: bumps lit from one side."""
    tint = colour(rng, hue=(0.06, 0.14), saturation=(0.0, 0.45), value=(0.5, 0.97))
    bumps = fractal(rng, (side, side), int(rng.integers(4, 12)), 4, 0.6)
    light = floats(cv2.Sobel(bumps, cv2.CV_32F, 1, 0, ksize=3, scale=side / 100))
    return plain((side, side), tint) * (0.92 + 0.35 * light)[..., None] + grain(rng, (side, side), 0.04)


def paint(rng: Generator, side: int) -> Canvas:
    """A plain painted surface: a wall, a table, a sheet of paper."""
    tint = colour(rng, saturation=(0.0, 0.5), value=(0.45, 1.0))
    return plain((side, side), tint) * (0.94 + 0.12 * fractal(rng, (side, side), 2, 3))[..., None]


FLOORS: tuple[Surface, ...] = (
    wood, wood, parquet, tiles, bricks, carpet, asphalt, concrete, grass, rug, cloth, marble, pebbles, sand, cardboard,
)  # fmt: skip
WALLS: tuple[Surface, ...] = (paint, paint, paint, bricks, tiles, wood, cloth, concrete, rug)
SURFACES: tuple[Surface, ...] = (
    wood, parquet, tiles, bricks, carpet, asphalt, concrete, grass, rug, cardboard, cloth, marble, pebbles, sand, paint,
)  # fmt: skip


def _tints(rng: Generator, tint: Colour, count: int, amount: float) -> Canvas:
    return np.asarray([jitter(rng, tint, amount) for _ in range(count)], np.float32)


def _with_gaps(canvas: Canvas, gap: NDArray[np.float32], width: float, depth: float) -> Canvas:
    """Darken (or, with a negative depth, lighten) where `gap`, the distance to the next joint, is under `width`."""
    share = np.clip(1.0 - gap / np.float32(width), 0, 1)[..., None] ** np.float32(0.5)
    target = canvas * np.float32(1.0 - depth) if depth >= 0 else canvas + np.float32(-depth) * (1 - canvas)
    return mix(canvas, floats(target), floats(share))


def _stroke(rng: Generator, canvas: Canvas, tint: Colour, width: int) -> None:
    """A straight band right across the canvas."""
    side = canvas.shape[0]
    a, b = rng.integers(0, side, 2).tolist()
    ends = ((a, 0), (b, side)) if rng.random() < 0.5 else ((0, a), (side, b))
    cv2.line(canvas, ends[0], ends[1], tint, max(1, width), cv2.LINE_AA)
