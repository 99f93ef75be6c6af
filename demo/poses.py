"""How people photograph shoes: from where, how tilted, how large, in which light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from demo.light import Light
from demo.noise import one_of


@dataclass(frozen=True)
class Pose:
    """How the shoe and the camera stand to each other. `share` is the shoe's length over the photo's width."""

    staging: str  # standing, lying or held
    angle_deg: float
    elevation_deg: float
    roll_deg: float
    share: float
    light: Light = Light()  # noqa: RUF009 (frozen itself)


def some_hardness(rng: Generator) -> float:
    """How hard photos are in life: most somewhat, few very."""
    return float(rng.beta(2, 3))


def strike_pose(rng: Generator, hardness: float, angle_deg: float | None = None) -> Pose:
    """A pose: side views a little more often than fronts and backs, since that is how people take photos."""
    staging = one_of(rng, ("standing", "standing", "standing", "lying", "held"))
    if angle_deg is None:
        side = rng.normal(0, 35) + (0 if rng.random() < 0.5 else 180)
        angle_deg = side if rng.random() < 0.5 else rng.uniform(0, 360)
    tilt = {"standing": 4 + 8 * hardness, "lying": 10 + 25 * hardness, "held": 8 + 18 * hardness}[staging]
    elevation = {"standing": (2, 45), "lying": (20, 50), "held": (0, 35)}[staging]
    return Pose(
        staging=staging,
        angle_deg=float(angle_deg % 360),
        elevation_deg=float(rng.uniform(*elevation)),
        roll_deg=float(np.clip(rng.normal(0, tilt / 1.5), -35, 35)),
        share=float(rng.uniform(0.8 - 0.5 * hardness, 0.92 - 0.15 * hardness)),
        light=Light(
            key=float(rng.uniform(0.35, 0.7)),
            ambient=float(rng.uniform(0.3, 0.5)),
            azimuth_deg=float(rng.uniform(-75, 75)),
            elevation_deg=float(rng.uniform(30, 75)),
        ),
    )
