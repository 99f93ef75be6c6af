"""People, animals, plants and the street, drawn at random like `demo.things`: the usual subjects of photos."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from demo.noise import Colour, colour, jitter, one_of
from demo.sketch import Point, Sketch
from demo.things import DARK, WHITE, Drawer

SKINS: tuple[Colour, ...] = (
    (0.96, 0.80, 0.69),
    (0.89, 0.68, 0.54),
    (0.76, 0.54, 0.40),
    (0.58, 0.38, 0.27),
    (0.40, 0.26, 0.18),
    (0.28, 0.18, 0.13),
)
FURS: tuple[Colour, ...] = (
    (0.85, 0.55, 0.28),
    (0.25, 0.23, 0.22),
    (0.55, 0.52, 0.48),
    (0.93, 0.90, 0.84),
    (0.45, 0.31, 0.20),
)


def face(rng: Generator, sketch: Sketch) -> None:
    """A head and shoulders, as in a portrait."""
    skin, hair = jitter(rng, one_of(rng, SKINS), 0.1), colour(rng, (0.0, 0.14), (0.1, 0.7), (0.05, 0.8))
    x, wide, high = rng.uniform(0.42, 0.58), rng.uniform(0.17, 0.24), rng.uniform(0.23, 0.3)
    sketch.oval(x, 1.0, rng.uniform(0.36, 0.5), 0.27, colour(rng, saturation=(0, 0.9)))
    long = rng.uniform(0.0, 0.25)
    sketch.blob(rng, x, 0.36 + long / 2, wide * 1.25, high * 1.05 + long / 2, hair, 0.08)
    sketch.rectangle(x - 0.08, 0.5, x + 0.08, 0.8, jitter(rng, skin, 0.15))
    sketch.oval(x, 0.42, wide, high, skin)
    for side in (-1, 1):
        sketch.oval(x + side * wide * 0.45, 0.39, 0.035, 0.02, WHITE)
        sketch.oval(x + side * wide * 0.45, 0.39, 0.016, 0.016, colour(rng, value=(0.05, 0.5)))
        sketch.line([(x + side * wide * 0.2, 0.335), (x + side * wide * 0.7, 0.33)], 0.016, hair)
    sketch.line([(x, 0.4), (x + 0.02, 0.48), (x - 0.01, 0.49)], 0.012, jitter(rng, skin, 0.4))
    sketch.oval(x, 0.565, wide * 0.35, rng.uniform(0.01, 0.03), (0.65, 0.28, 0.28))
    if rng.random() < 0.5:
        sketch.oval(x, 0.2, wide * 1.05, rng.uniform(0.08, 0.13), hair)


def person(rng: Generator, sketch: Sketch) -> None:
    """Someone standing, walking or waving."""
    skin, top, legs = one_of(rng, SKINS), colour(rng, saturation=(0, 0.9)), colour(rng, saturation=(0, 0.7))
    for side in (-1, 1):
        foot = 0.5 + side * rng.uniform(0.02, 0.16)
        sketch.line([(0.5 + side * 0.05, 0.52), ((foot + 0.5) / 2 + side * 0.04, 0.75), (foot, 0.97)], 0.085, legs)
        hand = (0.5 + side * rng.uniform(0.12, 0.36), rng.uniform(0.1, 0.6))
        sketch.line([(0.5 + side * 0.11, 0.27), (0.5 + side * 0.18, 0.42), hand], 0.06, top)
        sketch.oval(*hand, 0.03, 0.03, skin)
    sketch.polygon([(0.38, 0.22), (0.62, 0.22), (0.6, 0.56), (0.4, 0.56)], top)
    sketch.oval(0.5, 0.12, 0.075, 0.095, skin)
    sketch.oval(0.5, 0.07, 0.085, 0.06, colour(rng, (0, 0.14), (0.1, 0.7), (0.05, 0.7)))


def hand(rng: Generator, sketch: Sketch) -> None:
    """A hand with its fingers spread more or less, and an arm."""
    skin = jitter(rng, one_of(rng, SKINS), 0.1)
    spread = rng.uniform(0.15, 0.9)
    sketch.line([(0.5, 0.7), (rng.uniform(0.3, 0.7), 1.1)], 0.2, skin)
    sketch.oval(0.5, 0.6, 0.17, 0.19, skin)
    for finger, length in enumerate((0.3, 0.37, 0.4, 0.36)):
        turn = (finger - 1.5) * spread * 0.4
        x = 0.5 + (finger - 1.5) * 0.085
        tip = (x + length * np.sin(turn), 0.5 - length * np.cos(turn))
        sketch.line([(x, 0.55), tip], 0.075, jitter(rng, skin, 0.06))
    sketch.line([(0.38, 0.65), (0.2, 0.45)], 0.08, skin)


def cat(rng: Generator, sketch: Sketch) -> None:
    """A cat's or dog's head: ears up or hanging, muzzle, whiskers."""
    fur = jitter(rng, one_of(rng, FURS), 0.15)
    inner, pale = jitter(rng, (0.85, 0.6, 0.6), 0.2), jitter(rng, WHITE, 0.2)
    hanging = rng.random() < 0.45
    for side in (-1, 1):
        if hanging:
            sketch.oval(0.5 + side * 0.33, 0.45, 0.1, 0.24, jitter(rng, fur, 0.4), side * -12)
        else:
            ear: list[Point] = [(0.5 + side * 0.1, 0.3), (0.5 + side * 0.33, 0.05), (0.5 + side * 0.36, 0.42)]
            sketch.polygon(ear, fur)
            sketch.polygon([(0.5 + (x - 0.5) * 0.9, y + 0.04) for x, y in ear], inner)
    sketch.blob(rng, 0.5, 0.52, 0.34, 0.32, fur, 0.03)
    for side in (-1, 1):
        sketch.oval(0.5 + side * 0.14, 0.45, 0.055, 0.06, colour(rng, (0.08, 0.35), (0.3, 0.9), (0.4, 0.9)))
        sketch.oval(0.5 + side * 0.14, 0.45, rng.uniform(0.012, 0.045), 0.05, DARK)
    sketch.oval(0.5, 0.65, 0.15, rng.uniform(0.1, 0.17), pale)
    sketch.polygon([(0.45, 0.58), (0.55, 0.58), (0.5, 0.64)], inner if rng.random() < 0.5 else DARK)
    for side in (-1, 1):
        for drop in (0.6, 0.65, 0.7):
            sketch.line([(0.5 + side * 0.1, 0.65), (0.5 + side * 0.45, drop)], 0.007, pale)


def animal(rng: Generator, sketch: Sketch) -> None:
    """Something with four legs, seen from the side."""
    fur = jitter(rng, one_of(rng, FURS), 0.2)
    high = rng.uniform(0.12, 0.2)
    for x in (0.25, 0.34, 0.64, 0.72):
        sketch.line([(x, 0.6), (x + rng.normal(0, 0.04), 0.93)], rng.uniform(0.05, 0.08), fur)
    sketch.line([(0.22, 0.5), (0.1, 0.4), (0.06, rng.uniform(0.2, 0.6))], 0.05, fur)
    sketch.blob(rng, 0.48, 0.55, 0.3, high, fur, 0.08)
    sketch.oval(0.8, 0.34, 0.13, 0.11, fur)
    sketch.line([(0.7, 0.5), (0.79, 0.36)], 0.13, fur)
    sketch.oval(0.9, 0.38, 0.08, 0.05, jitter(rng, fur, 0.2))
    sketch.oval(0.82, 0.31, 0.015, 0.015, DARK)
    sketch.polygon([(0.71, 0.3), (0.73, rng.uniform(0.08, 0.2)), (0.8, 0.26)], jitter(rng, fur, 0.3))
    for x, y in rng.uniform((0.25, 0.48), (0.7, 0.62), (int(rng.integers(0, 6)), 2)).tolist():
        sketch.blob(rng, x, y, 0.06, 0.05, jitter(rng, fur, 0.8), 0.2)


def bird(rng: Generator, sketch: Sketch) -> None:
    """A bird or a fish."""
    tint, tail = colour(rng, saturation=(0.2, 0.95)), rng.uniform(0.1, 0.3)
    sketch.polygon([(0.25, 0.5), (0.04, 0.5 - tail), (0.04, 0.5 + tail)], jitter(rng, tint, 0.4))
    sketch.oval(0.5, 0.5, 0.32, rng.uniform(0.14, 0.26), tint)
    sketch.oval(0.48, 0.45, 0.18, 0.09, jitter(rng, tint, 0.5), rng.uniform(-30, 10))
    sketch.oval(0.74, 0.44, 0.12, 0.12, tint)
    sketch.polygon([(0.84, 0.41), (0.96, 0.46), (0.84, 0.5)], colour(rng, (0.05, 0.15), (0.6, 1), (0.6, 1)))
    sketch.oval(0.77, 0.42, 0.025, 0.025, DARK)


def plant(rng: Generator, sketch: Sketch) -> None:
    """A pot plant or a bunch of flowers."""
    green = colour(rng, (0.2, 0.42), (0.3, 0.8), (0.2, 0.7))
    flowers = colour(rng, saturation=(0.4, 0.95), value=(0.6, 1.0))
    bloom = rng.random() < 0.4
    for _ in range(int(rng.integers(5, 24))):
        x, y = rng.uniform(0.12, 0.88), rng.uniform(0.08, 0.55)
        sketch.line([(0.5, 0.7), (0.5 + (x - 0.5) * 0.4, 0.5), (x, y)], 0.014, jitter(rng, green, 0.3))
        turn = float(np.degrees(np.arctan2(0.5 - x, y - 0.7))) + 90
        sketch.oval(x, y, rng.uniform(0.05, 0.14), rng.uniform(0.015, 0.06), jitter(rng, green, 0.35), -turn)
        if bloom:
            sketch.oval(x, y, 0.055, 0.05, jitter(rng, flowers, 0.3))
            sketch.oval(x, y, 0.02, 0.02, (0.9, 0.8, 0.2))
    pot = colour(rng, saturation=(0, 0.7))
    sketch.polygon([(0.3, 0.66), (0.7, 0.66), (0.64, 0.96), (0.36, 0.96)], pot)
    sketch.rectangle(0.28, 0.64, 0.72, 0.71, jitter(rng, pot, 0.2))


def tree(rng: Generator, sketch: Sketch) -> None:
    """A tree or a bush."""
    sketch.line([(0.5, 0.96), (0.5, 0.4)], rng.uniform(0.04, 0.12), (0.35, 0.25, 0.17))
    green = colour(rng, (0.08, 0.4), (0.3, 0.8), (0.2, 0.7))
    if rng.random() < 0.3:
        for y in (0.75, 0.55, 0.35):
            sketch.polygon([(0.5, y - 0.32), (0.5 + y * 0.45, y), (0.5 - y * 0.45, y)], jitter(rng, green, 0.2))
        return
    for x, y in rng.normal((0.5, 0.38), (0.15, 0.12), (int(rng.integers(4, 18)), 2)).tolist():
        sketch.blob(rng, x, y, 0.16, 0.14, jitter(rng, green, 0.3), 0.15)


def car(rng: Generator, sketch: Sketch) -> None:
    """A car, van or bus from the side."""
    tint = colour(rng, saturation=(0, 0.9))
    roof, back, front = rng.uniform(0.28, 0.4), rng.uniform(0.1, 0.25), rng.uniform(0.6, 0.88)
    sketch.polygon([(back, 0.55), (back + 0.1, roof), (front - 0.1, roof), (front, 0.55)], tint)
    sketch.polygon(
        [(back + 0.05, 0.54), (back + 0.13, roof + 0.04), (front - 0.13, roof + 0.04), (front - 0.05, 0.54)],
        (0.35, 0.42, 0.47),
    )
    sketch.rectangle(0.48, roof, 0.52, 0.6, tint)
    sketch.rectangle(0.05, 0.53, 0.95, 0.72, tint)
    sketch.oval(0.93, 0.58, 0.025, 0.03, (0.98, 0.95, 0.7))
    for x in (0.25, 0.75):
        sketch.oval(x, 0.72, 0.1, 0.1, DARK)
        sketch.oval(x, 0.72, 0.055, 0.055, jitter(rng, (0.7, 0.7, 0.7), 0.2))


def bicycle(rng: Generator, sketch: Sketch) -> None:
    """A bicycle from the side."""
    tint = colour(rng, saturation=(0.3, 0.95))
    around = np.linspace(0, 2 * np.pi, 40)
    for x in (0.25, 0.75):
        ring = [(x + 0.19 * float(np.cos(turn)), 0.68 + 0.19 * float(np.sin(turn))) for turn in around]
        sketch.line(ring, 0.025, DARK)
    frame = [(0.25, 0.68), (0.42, 0.42), (0.66, 0.42), (0.48, 0.68), (0.25, 0.68)]
    sketch.line(frame, 0.025, tint)
    sketch.line([(0.48, 0.68), (0.4, 0.35)], 0.025, tint)
    sketch.line([(0.75, 0.68), (0.65, 0.33), (0.72, 0.3)], 0.025, tint)
    sketch.line([(0.34, 0.35), (0.46, 0.35)], 0.04, DARK)


def house(rng: Generator, sketch: Sketch) -> None:
    """A house front with a roof, a door and windows."""
    wall = colour(rng, saturation=(0, 0.5), value=(0.5, 1))
    top = rng.uniform(0.3, 0.5)
    sketch.rectangle(0.12, top, 0.88, 0.95, wall)
    sketch.polygon([(0.06, top), (0.5, rng.uniform(0.05, 0.25)), (0.94, top)], colour(rng, (0, 0.1), (0.2, 0.8)))
    glass = colour(rng, (0.5, 0.62), (0.05, 0.4), (0.2, 0.9))
    for x in np.linspace(0.2, 0.68, int(rng.integers(2, 5))).tolist():
        for y in (top + 0.06, top + 0.3):
            sketch.rectangle(x, y, x + 0.11, y + 0.14, WHITE)
            sketch.rectangle(x + 0.012, y + 0.012, x + 0.098, y + 0.128, glass)
    sketch.rectangle(0.44, 0.74, 0.56, 0.95, colour(rng))


LIVING: tuple[Drawer, ...] = (
    face, face, person, hand, cat, cat, animal, bird, plant, tree, car, bicycle, house,
)  # fmt: skip
OUTDOORS: tuple[Drawer, ...] = (person, animal, tree, tree, car, bicycle, house)
