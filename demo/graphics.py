"""Pictures that never were in front of a lens: flags, charts, pages of text, test patterns, icons, noise, gradients.

Each maker takes a generator and a shape (height, width) and returns a Canvas (H, W, 3).
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from demo.noise import (
    Canvas,
    Colour,
    colour,
    coordinates,
    floats,
    fractal,
    gradient,
    jitter,
    mix,
    one_of,
    plain,
    to_canvas,
    to_picture,
)
from demo.surfaces import rug

Graphic = Callable[[Generator, tuple[int, int]], Canvas]
LETTERS = "ABCDEFGHIKLMNOPRSTUVWabcdefghiklmnoprstuvw     0123456789"
BARS: tuple[Colour, ...] = ((1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0))


def single_colour(rng: Generator, shape: tuple[int, int]) -> Canvas:
    """Nothing but one colour; black and white now and then."""
    tint = one_of(rng, ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), colour(rng), colour(rng, saturation=(0, 1), value=(0, 1))))
    return plain(shape, tint)


def ramp(rng: Generator, shape: tuple[int, int]) -> Canvas:
    """A gradient between two or three colours, straight, round or by hue."""
    kind = rng.integers(3)
    share = gradient(rng, shape)
    if kind == 1:
        y, x = coordinates(shape)
        share = floats(np.clip(np.hypot(y - rng.uniform(0, 1), x - rng.uniform(0, 1)) * 1.3, 0, 1))
    if kind == 2:
        hues = np.stack([share * 360, np.full(shape, rng.uniform(0.3, 1)), np.full(shape, rng.uniform(0.4, 1))], axis=2)
        return floats(cv2.cvtColor(hues.astype(np.float32), cv2.COLOR_HSV2RGB))
    return mix(colour(rng, saturation=(0, 1)), colour(rng, saturation=(0, 1)), share)


def noise(rng: Generator, shape: tuple[int, int]) -> Canvas:
    """White noise, clouds, or three unrelated clouds as red, green and blue."""
    kind = rng.integers(3)
    if kind == 0:
        return floats(rng.random((*shape, 1 if rng.random() < 0.5 else 3), np.float32) * np.ones(3, np.float32))
    cells, octaves = int(rng.integers(2, 20)), int(rng.integers(2, 7))
    if kind == 1:
        return mix(colour(rng), colour(rng), np.clip(fractal(rng, shape, cells, octaves, 0.6) * 2 - 0.5, 0, 1))
    layers = [fractal(rng, shape, cells, octaves, 0.7) for _ in range(3)]
    return floats(np.clip(np.stack(layers, axis=2) * np.float32(rng.uniform(1, 2.5)) - 0.3, 0, 1))


def flag(rng: Generator, shape: tuple[int, int]) -> Canvas:
    """A flag: stripes, cross, disc, saltire, canton."""
    height, width = shape
    canvas = plain(shape, _strong(rng))
    stripes = int(rng.integers(1, 10))
    upright = rng.random() < 0.5
    tints = [_strong(rng) for _ in range(3)]
    for number in range(stripes):
        start, stop = number / stripes, (number + 1) / stripes
        if upright:
            canvas[:, int(start * width) : int(stop * width)] = tints[number % 3]
        else:
            canvas[int(start * height) : int(stop * height)] = tints[number % 3]
    sign = rng.integers(5)
    middle, tint = (width // 2, height // 2), _strong(rng)
    if sign == 0:
        cv2.circle(canvas, middle, height // 4, tint, -1)
    elif sign == 1:
        cv2.rectangle(canvas, (0, height * 2 // 5), (width, height * 3 // 5), tint, -1)
        cv2.rectangle(canvas, (width // 3, 0), (width // 3 + height // 5, height), tint, -1)
    elif sign == 2:
        cv2.line(canvas, (0, 0), (width, height), tint, max(1, height // 8))
        cv2.line(canvas, (0, height), (width, 0), tint, max(1, height // 8))
    elif sign == 3:
        cv2.rectangle(canvas, (0, 0), (width * 2 // 5, height // 2), tint, -1)
    return canvas


def test_pattern(rng: Generator, shape: tuple[int, int]) -> Canvas:
    """Colour bars, checkers, rings, grids: what engineers point cameras at."""
    height, width = shape
    kind = rng.integers(5)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    if kind == 0:
        order = rng.permutation(8) if rng.random() < 0.5 else np.arange(8)
        bars = np.asarray(BARS, np.float32)[order][(x * 8 / width).astype(np.int32)]
        return floats(bars * np.float32(rng.uniform(0.6, 1)))
    cells = int(rng.integers(2, 24))
    if kind == 1:
        share = ((x * cells / width).astype(np.int32) + (y * cells / width).astype(np.int32)) % 2
    elif kind == 2:
        reach = np.hypot(x - width / 2, y - height / 2) * rng.uniform(0.05, 0.6)
        share = 0.5 + 0.5 * np.sin(reach if rng.random() < 0.5 else reach**2 / width)
    elif kind == 3:
        share = ((x * cells / width) % 1 < 0.1) | ((y * cells / width) % 1 < 0.1)
    else:
        blocks = rng.random((cells, cells)) < 0.5
        share = cv2.resize(blocks.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    tints = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)) if rng.random() < 0.5 else (_strong(rng), _strong(rng))
    return mix(tints[0], tints[1], floats(share))


def page(rng: Generator, shape: tuple[int, int]) -> Canvas:
    """A page of text, a receipt, a screenshot with a heading, lines and a picture or two."""
    height, width = shape
    paper = to_picture(plain(shape, _paper(rng)))
    ink = [int(255 * part) for part in (jitter(rng, (0.1, 0.1, 0.12), 0.5) if paper.mean() > 110 else (0.9, 0.9, 0.9))]
    step = max(6, int(height * rng.uniform(0.045, 0.11)))
    for y in range(step, height, step):
        words = "".join(LETTERS[int(number)] for number in rng.integers(0, len(LETTERS), int(rng.integers(4, 60))))
        cv2.putText(paper, words, (width // 16, y), cv2.FONT_HERSHEY_SIMPLEX, step / 42, ink, 1, cv2.LINE_AA)
    for _ in range(int(rng.integers(0, 4))):
        left, top = int(rng.integers(width)), int(rng.integers(height))
        corner = (left + int(rng.integers(width // 8, width // 2)), top + int(rng.integers(height // 10, height // 3)))
        cv2.rectangle(paper, (left, top), corner, [int(255 * part) for part in colour(rng)], -1)
    return to_canvas(paper)


def chart(rng: Generator, shape: tuple[int, int]) -> Canvas:
    """A bar, line, dot or pie chart, or boxes joined by arrows."""
    height, width = shape
    sheet = plain(shape, _paper(rng))
    kind = rng.integers(5)
    tints = [_strong(rng) for _ in range(6)]
    if kind == 0:
        bars = int(rng.integers(3, 12))
        for number in range(bars):
            left, top = int((number + 0.6) * width / (bars + 1)), int(height * rng.uniform(0.1, 0.8))
            cv2.rectangle(sheet, (left, top), (left + width * 2 // (bars * 3), height * 9 // 10), tints[number % 6], -1)
    elif kind == 1:
        for tint in tints[: int(rng.integers(1, 5))]:
            walk = np.cumsum(rng.normal(0, 0.06, 30)) + rng.uniform(0.3, 0.7)
            line = np.stack([np.linspace(0.08, 0.95, 30) * width, walk * height], axis=1).astype(np.int32)
            cv2.polylines(sheet, [line], False, tint, max(1, width // 120))
    elif kind == 2:
        for x, y in rng.normal((0.5, 0.5), 0.2, (60, 2)).tolist():
            cv2.circle(sheet, (int(x * width), int(y * height)), max(1, width // 80), one_of(rng, tints), -1)
    elif kind == 3:
        start = 0.0
        for tint in tints:
            stop = start + rng.uniform(20, 90)
            centre, axes = (width // 2, height // 2), (height // 3, height // 3)
            cv2.ellipse(sheet, centre, axes, 0, start, min(stop, 360), tint, -1)
            start = min(stop, 360.0)
    else:
        _boxes(rng, sheet, tints)
    if kind < 3:
        cv2.polylines(
            sheet,
            [np.array([(width // 16, 0), (width // 16, height * 9 // 10), (width, height * 9 // 10)])],
            False,
            (0.2, 0.2, 0.2),
            1,
        )
    return sheet


def weave(rng: Generator, shape: tuple[int, int]) -> Canvas:
    """A fabric or wallpaper pattern."""
    return np.ascontiguousarray(rug(rng, max(shape))[: shape[0], : shape[1]])


GRAPHICS: tuple[Graphic, ...] = (single_colour, ramp, noise, noise, flag, test_pattern, page, page, chart, weave)


def _boxes(rng: Generator, sheet: Canvas, tints: list[Colour]) -> None:
    height, width = sheet.shape[:2]
    places = (rng.uniform(0.05, 0.75, (int(rng.integers(3, 8)), 2)) * (width, height)).astype(np.int32)
    for here, there in zip(places[:-1].tolist(), places[1:].tolist(), strict=True):
        cv2.arrowedLine(sheet, here, there, (0.2, 0.2, 0.2), max(1, width // 160))
    for number, (x, y) in enumerate(places.tolist()):
        cv2.rectangle(sheet, (x, y), (x + width // 5, y + height // 7), tints[number % 6], -1 if number % 2 else 2)


def _strong(rng: Generator) -> Colour:
    return colour(rng, saturation=(0.0, 1.0), value=(0.0, 1.0)) if rng.random() < 0.5 else one_of(rng, BARS)


def _paper(rng: Generator) -> Colour:
    return one_of(rng, ((1.0, 1.0, 1.0), (0.97, 0.95, 0.9), (0.1, 0.1, 0.12), colour(rng, saturation=(0.0, 0.3))))
