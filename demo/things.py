"""Everyday objects that are no shoes, drawn at random: what stands around in photos, and what people point cameras at.

A drawer paints one thing on a Sketch, filling most of its unit square.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from demo.noise import Colour, colour, jitter, one_of
from demo.sketch import Sketch

Drawer = Callable[[Generator, Sketch], None]
WHITE: Colour = (0.95, 0.95, 0.94)
DARK: Colour = (0.09, 0.09, 0.1)
WORDS = ("OPEN", "Milk", "sale", "1984", "Exit", "Hello", "No 7", "TEA", "atlas", "menu", "RADIO", "42", "Fragile")


def mug(rng: Generator, sketch: Sketch) -> None:
    """A mug with a handle and a band."""
    tint, half = colour(rng), rng.uniform(0.2, 0.32)
    side = 1 if rng.random() < 0.5 else -1
    sketch.oval(0.5 + side * half, 0.52, 0.17, 0.2, tint)
    sketch.oval(0.5 + side * half, 0.52, 0.1, 0.13, jitter(rng, tint, 0.5))
    lower = half * rng.uniform(0.75, 1.0)
    sketch.polygon([(0.5 - half, 0.2), (0.5 + half, 0.2), (0.5 + lower, 0.85), (0.5 - lower, 0.85)], tint)
    sketch.oval(0.5, 0.85, lower, 0.06, tint)
    sketch.rectangle(0.5 - half * 0.95, 0.45, 0.5 + half * 0.95, 0.45 + rng.uniform(0.02, 0.2), colour(rng))
    sketch.oval(0.5, 0.2, half, 0.08, jitter(rng, tint, 0.4))
    sketch.oval(0.5, 0.21, half * 0.88, 0.06, (0.2, 0.12, 0.08))


def bottle(rng: Generator, sketch: Sketch) -> None:
    """A bottle or jar with a label and a cap."""
    tint, half, neck = colour(rng), rng.uniform(0.12, 0.24), rng.uniform(0.04, 0.1)
    shoulder = rng.uniform(0.25, 0.45)
    outline = [(0.5 - neck, 0.08), (0.5 - neck, shoulder - 0.1), (0.5 - half, shoulder + 0.05), (0.5 - half, 0.94)]
    sketch.polygon(outline + [(1 - x, y) for x, y in reversed(outline)], tint)
    sketch.rectangle(0.5 - neck * 1.15, 0.03, 0.5 + neck * 1.15, 0.13, colour(rng))
    sketch.rectangle(0.5 - half, 0.55, 0.5 + half, 0.82, colour(rng, saturation=(0, 0.5), value=(0.6, 1)))
    sketch.text(_word(rng), 0.5 - half * 0.8, 0.71, 0.08, DARK)


def ball(rng: Generator, sketch: Sketch) -> None:
    """A ball with seams, patches or stripes."""
    tint, mark = colour(rng, saturation=(0, 0.95), value=(0.5, 1)), colour(rng, value=(0.05, 0.9))
    sketch.oval(0.5, 0.5, 0.42, 0.42, tint)
    kind = rng.integers(3)
    turn = rng.uniform(0, 180)
    if kind == 0:
        for x, y in rng.uniform(0.22, 0.78, (7, 2)).tolist():
            sketch.oval(x, y, 0.08, 0.08, mark)
    elif kind == 1:
        for wide in (0.06, 0.22, 0.36):
            sketch.line(
                [(0.5 + wide * np.sin(a), 0.5 + 0.42 * np.cos(a)) for a in np.linspace(0, 6.3, 40)], 0.015, mark
            )
    else:
        sketch.rectangle(0.12, 0.4, 0.88, 0.4 + rng.uniform(0.05, 0.25), mark, turn if rng.random() < 0.5 else 0)


def box(rng: Generator, sketch: Sketch) -> None:
    """A box seen over its corner: three faces, tape, a word."""
    tint = colour(rng, saturation=(0.05, 0.7))
    shear, top = rng.uniform(-0.18, 0.18), rng.uniform(0.12, 0.35)
    middle = 0.5 + shear
    sketch.polygon([(0.08, top), (middle, top + 0.16), (middle, 0.95), (0.08, 0.78)], jitter(rng, tint, 0.15))
    dark: Colour = (tint[0] * 0.65, tint[1] * 0.65, tint[2] * 0.65)
    sketch.polygon([(0.92, top), (middle, top + 0.16), (middle, 0.95), (0.92, 0.78)], dark)
    light: Colour = (min(1, tint[0] * 1.25), min(1, tint[1] * 1.25), min(1, tint[2] * 1.25))
    sketch.polygon([(0.08, top), (middle, top + 0.16), (0.92, top), (1 - middle, top - 0.14)], light)
    if rng.random() < 0.6:
        sketch.text(_word(rng), 0.14, 0.6, 0.12, jitter(rng, DARK, 0.5))


def books(rng: Generator, sketch: Sketch) -> None:
    """A stack or a row of books."""
    edge, row = 0.06, rng.random() < 0.5
    while edge < 0.9:
        thick = rng.uniform(0.05, 0.16)
        far = rng.uniform(0.05, 0.3)
        tint = colour(rng)
        if row:
            sketch.rectangle(edge, far, edge + thick, 0.95, tint)
            sketch.rectangle(edge, far + 0.1, edge + thick, far + 0.14, jitter(rng, tint, 0.8))
        else:
            sketch.rectangle(far, edge, 1 - far * rng.random(), edge + thick, tint)
            sketch.text(_word(rng), far + 0.1, edge + thick * 0.7, thick * 0.5, WHITE)
        edge += thick + 0.005


def chair(rng: Generator, sketch: Sketch) -> None:
    """A chair from the side or the front."""
    tint, legs = colour(rng), colour(rng, hue=(0.05, 0.1))
    lean = rng.uniform(-0.08, 0.08)
    for x in (0.24, 0.4, 0.68, 0.78):
        sketch.line([(x, 0.55), (x + lean * (x - 0.5), 0.97)], 0.035, legs)
    sketch.polygon([(0.2, 0.5), (0.8, 0.5), (0.86, 0.62), (0.16, 0.62)], tint)
    if rng.random() < 0.5:
        sketch.rectangle(0.22, 0.05, 0.78, 0.5, tint, lean * 40)
    else:
        for x in np.linspace(0.24, 0.76, int(rng.integers(3, 7))).tolist():
            sketch.line([(x, 0.08), (x, 0.52)], 0.03, tint)
        sketch.rectangle(0.2, 0.05, 0.8, 0.13, tint)


def bag(rng: Generator, sketch: Sketch) -> None:
    """A handbag, backpack or suitcase."""
    tint, trim = colour(rng), colour(rng)
    sketch.line([(0.3, 0.35), (0.34, 0.1), (0.66, 0.1), (0.7, 0.35)], 0.035, trim)
    sketch.blob(rng, 0.5, 0.6, 0.38, 0.33, tint, 0.03)
    sketch.rectangle(0.14, 0.32, 0.86, 0.9, tint)
    sketch.rectangle(0.25, 0.6, 0.75, 0.85, jitter(rng, tint, 0.35))
    sketch.line([(0.14, 0.5), (0.86, 0.5)], 0.015, trim)


def screen(rng: Generator, sketch: Sketch) -> None:
    """A phone, tablet, laptop or television showing something."""
    wide = one_of(rng, (0.24, 0.36, 0.46))
    high = rng.uniform(0.25, 0.45)
    sketch.rectangle(0.5 - wide, 0.5 - high, 0.5 + wide, 0.5 + high, jitter(rng, DARK, 0.4))
    sketch.rectangle(0.52 - wide, 0.53 - high, 0.48 + wide, 0.47 + high, colour(rng, value=(0.3, 1)))
    for _ in range(int(rng.integers(2, 9))):
        x, y = rng.uniform(0.55 - wide, 0.4 + wide), rng.uniform(0.55 - high, 0.4 + high)
        sketch.rectangle(x, y, min(x + rng.uniform(0.03, 0.4), 0.48 + wide), y + rng.uniform(0.02, 0.09), colour(rng))


def plate(rng: Generator, sketch: Sketch) -> None:
    """A plate of food."""
    sketch.oval(0.5, 0.5, 0.46, rng.uniform(0.3, 0.46), jitter(rng, WHITE, 0.15))
    sketch.oval(0.5, 0.5, 0.33, 0.28, jitter(rng, WHITE, 0.25))
    for _ in range(int(rng.integers(4, 22))):
        x, y = rng.normal(0.5, 0.11, 2)
        wide, high = rng.uniform(0.03, 0.15, 2)
        sketch.blob(rng, x, y, wide, high, colour(rng, (-0.03, 0.35), (0.4, 0.95), (0.3, 0.95)), 0.25)


def fruit(rng: Generator, sketch: Sketch) -> None:
    """Apples, lemons, a banana, a bunch."""
    if rng.random() < 0.3:
        bow = [(0.1 + 0.8 * t, 0.35 + 0.35 * np.sin(np.pi * t)) for t in np.linspace(0, 1, 20)]
        sketch.line(bow, rng.uniform(0.1, 0.18), colour(rng, (0.12, 0.17), (0.6, 0.95), (0.8, 1)))
        return
    for _ in range(int(rng.integers(1, 7))):
        x, y = rng.uniform(0.3, 0.7, 2)
        size = rng.uniform(0.14, 0.28)
        tint = colour(rng, (-0.05, 0.33), (0.5, 0.95), (0.5, 0.95))
        sketch.blob(rng, x, y, size, size * rng.uniform(0.8, 1.1), tint, 0.06)
        sketch.line([(x, y - size), (x + 0.03, y - size - 0.08)], 0.015, (0.3, 0.2, 0.1))


def lamp(rng: Generator, sketch: Sketch) -> None:
    """A standing or table lamp."""
    metal = colour(rng, saturation=(0, 0.4))
    sketch.line([(0.5, 0.4), (0.5, 0.92)], rng.uniform(0.02, 0.07), metal)
    sketch.oval(0.5, 0.93, rng.uniform(0.15, 0.3), 0.04, metal)
    top = rng.uniform(0.08, 0.25)
    shade = [(0.5 - top, 0.06), (0.5 + top, 0.06), (0.84, 0.45), (0.16, 0.45)]
    sketch.polygon(shade, colour(rng, (0.05, 0.2), (0, 0.5), (0.7, 1)))


def clock(rng: Generator, sketch: Sketch) -> None:
    """A clock, watch or dial."""
    if rng.random() < 0.5:
        sketch.rectangle(0.38, 0.0, 0.62, 1.0, colour(rng))
    sketch.oval(0.5, 0.5, 0.4, 0.4, colour(rng))
    sketch.oval(0.5, 0.5, 0.34, 0.34, colour(rng, saturation=(0, 0.3), value=(0.05, 1)))
    ink = jitter(rng, one_of(rng, (WHITE, DARK)), 0.3)
    for turn in np.linspace(0, 2 * np.pi, 12, endpoint=False).tolist():
        sketch.oval(0.5 + 0.29 * np.cos(turn), 0.5 + 0.29 * np.sin(turn), 0.015, 0.015, ink)
    for length in (0.18, 0.26):
        turn = rng.uniform(0, 2 * np.pi)
        sketch.line([(0.5, 0.5), (0.5 + length * np.cos(turn), 0.5 + length * np.sin(turn))], 0.02, ink)


def garment(rng: Generator, sketch: Sketch) -> None:
    """A shirt, a sweater or a pair of trousers, with stripes or a print."""
    tint, mark = colour(rng, saturation=(0, 0.9)), colour(rng, saturation=(0, 0.9))
    if rng.random() < 0.35:
        sketch.polygon(
            [(0.25, 0.05), (0.75, 0.05), (0.82, 0.95), (0.58, 0.95), (0.5, 0.35), (0.42, 0.95), (0.18, 0.95)], tint
        )
        sketch.rectangle(0.25, 0.05, 0.75, 0.11, mark)
        return
    reach = rng.uniform(0.35, 0.8)
    left = [(0.4, 0.08), (0.28, 0.1), (0.04, reach), (0.18, reach + 0.06), (0.28, 0.35), (0.27, 0.93)]
    sketch.polygon(left + [(1 - x, y) for x, y in reversed(left)], tint)
    sketch.oval(0.5, 0.08, 0.1, 0.06, jitter(rng, tint, 0.6))
    for y in np.linspace(0.4, 0.85, int(rng.integers(0, 6))).tolist():
        sketch.rectangle(0.28, y, 0.72, y + 0.04, mark)
    if rng.random() < 0.4:
        sketch.text(_word(rng), 0.34, 0.35, 0.11, mark)


def hat(rng: Generator, sketch: Sketch) -> None:
    """A cap, hat or beanie."""
    tint = colour(rng)
    sketch.oval(0.5, 0.55, 0.28, rng.uniform(0.25, 0.4), tint)
    brim = rng.uniform(0.2, 0.46)
    side = rng.uniform(-0.16, 0.16)
    sketch.oval(0.5 + side, 0.66, brim, 0.09, jitter(rng, tint, 0.5))
    sketch.rectangle(0.23, 0.52, 0.77, 0.6, colour(rng))


def cable(rng: Generator, sketch: Sketch) -> None:
    """A cable, rope or strap lying in loops."""
    turns = np.cumsum(rng.normal(0, 0.55, 60) + rng.uniform(-0.2, 0.2))
    path = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], axis=1), axis=0)
    low, high = path.min(axis=0), path.max(axis=0)
    path = 0.05 + 0.9 * (path - low) / np.maximum(high - low, 1e-3)
    points = [(float(x), float(y)) for x, y in path]
    sketch.line(points, rng.uniform(0.012, 0.04), colour(rng, saturation=(0, 0.8), value=(0.05, 1)))


def sign(rng: Generator, sketch: Sketch) -> None:
    """A board, a packet, a paper with words and lines of small print."""
    tint = colour(rng, saturation=(0, 0.9), value=(0.4, 1))
    ink = DARK if sum(tint) > 1.4 else WHITE
    turn = rng.normal(0, 6)
    sketch.rectangle(0.08, 0.12, 0.92, 0.88, tint, turn)
    sketch.text(_word(rng), 0.16, 0.4, rng.uniform(0.1, 0.2), ink)
    for y in np.linspace(0.5, 0.8, int(rng.integers(0, 7))).tolist():
        sketch.line([(0.16, y), (rng.uniform(0.4, 0.85), y)], 0.018, jitter(rng, ink, 0.4))


def lump(rng: Generator, sketch: Sketch) -> None:
    """Something smooth that nobody can name, in one to three colours."""
    wide, high = rng.uniform(0.2, 0.46, 2)
    sketch.blob(rng, 0.5, 0.5, wide, high, colour(rng), rng.uniform(0.0, 0.5))
    for _ in range(int(rng.integers(0, 4))):
        x, y = rng.normal(0.5, 0.12, 2)
        wide, high = rng.uniform(0.03, 0.2, 2)
        sketch.blob(rng, x, y, wide, high, colour(rng), rng.uniform(0, 0.4))


def shards(rng: Generator, sketch: Sketch) -> None:
    """Random polygons over each other."""
    for _ in range(int(rng.integers(2, 10))):
        middle = rng.uniform(0.25, 0.75, 2)
        corners = middle + rng.normal(0, 0.15, (int(rng.integers(3, 7)), 2))
        sketch.polygon([(float(x), float(y)) for x, y in np.clip(corners, 0.02, 0.98)], colour(rng, saturation=(0, 1)))


def cutlery(rng: Generator, sketch: Sketch) -> None:
    """Spoons, pens, brushes, tools: long thin things, some in a bundle."""
    for _ in range(int(rng.integers(1, 6))):
        foot, tip = rng.uniform(0.08, 0.92, 2), rng.uniform(0.08, 0.92, 2)
        tint = colour(rng, saturation=(0, 0.7))
        ends = [(float(foot[0]), float(foot[1])), (float(tip[0]), float(tip[1]))]
        sketch.line(ends, rng.uniform(0.02, 0.05), tint)
        sketch.oval(tip[0], tip[1], rng.uniform(0.02, 0.1), rng.uniform(0.02, 0.06), jitter(rng, tint, 0.5))


# What may lie beside a shoe, and what is larger and stands further off.
SMALL: tuple[Drawer, ...] = (
    mug, bottle, ball, box, books, screen, plate, fruit, hat, cable, cable, sign, lump, cutlery, bag,
)  # fmt: skip
LARGE: tuple[Drawer, ...] = (chair, lamp, clock, garment, shards)
THINGS: tuple[Drawer, ...] = (*SMALL, *LARGE)


def _word(rng: Generator) -> str:
    return WORDS[int(rng.integers(len(WORDS)))]
