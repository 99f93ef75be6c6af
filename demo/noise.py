"""Noise and colours that the demo world's surfaces, objects and cameras are made of.

Pictures in the making are float32 arrays (H, W, 3), RGB, 0..1; shapes are (height, width).
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Canvas = NDArray[np.float32]
Colour = tuple[float, float, float]
Choice = TypeVar("Choice")


def one_of(rng: Generator, choices: Sequence[Choice]) -> Choice:
    """One of the choices, each as likely as the next."""
    return choices[int(rng.integers(len(choices)))]


def floats(pixels: Any) -> Canvas:
    """What OpenCV gave back, as the float32 array that it is."""
    return np.asarray(pixels, dtype=np.float32)


def to_picture(canvas: Canvas) -> Picture:
    """0..1 floats as 8-bit pixels; what lies outside is clipped."""
    return np.asarray(np.clip(canvas * 255.0 + 0.5, 0, 255), dtype=np.uint8)


def to_canvas(picture: Picture) -> Canvas:
    """8-bit pixels as 0..1 floats."""
    return np.asarray(picture, dtype=np.float32) / np.float32(255.0)


def smooth_noise(rng: Generator, shape: tuple[int, int], cells: tuple[int, int]) -> Canvas:
    """One octave of noise, about 0..1, with `cells` (down, across) bumps over `shape`."""
    grid = rng.random((max(2, cells[0]), max(2, cells[1])), dtype=np.float32)
    return floats(cv2.resize(grid, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC))


def fractal(rng: Generator, shape: tuple[int, int], cells: int = 3, octaves: int = 4, gain: float = 0.5) -> Canvas:
    """Clouds: octaves of noise, each twice as fine and `gain` times as strong; about 0..1 with mean 0.5."""
    total = np.zeros(shape, np.float32)
    weight, weights = 1.0, 0.0
    for octave in range(octaves):
        across = cells << octave
        down = max(2, round(across * shape[0] / shape[1]))
        total += np.float32(weight) * smooth_noise(rng, shape, (down, across))
        weights += weight
        weight *= gain
    return total / np.float32(weights)


def grain(rng: Generator, shape: tuple[int, int], sigma: float) -> Canvas:
    """White noise (H, W, 1) of standard deviation `sigma` around 0, cheaply: a table of bytes, not real Gaussians."""
    raw = np.frombuffer(rng.bytes(2 * shape[0] * shape[1]), np.uint8).reshape(2, *shape)
    spread = raw[0].astype(np.float32) + raw[1] - np.float32(255.0)
    return np.asarray(spread * np.float32(sigma / 104.0), np.float32)[..., None]


def colour(
    rng: Generator,
    hue: tuple[float, float] = (0.0, 1.0),
    saturation: tuple[float, float] = (0.1, 0.8),
    value: tuple[float, float] = (0.2, 0.95),
) -> Colour:
    """A random colour within ranges of hue, saturation and value (each 0..1)."""
    return colorsys.hsv_to_rgb(rng.uniform(*hue) % 1.0, rng.uniform(*saturation), rng.uniform(*value))


def jitter(rng: Generator, tint: Colour, amount: float) -> Colour:
    """A colour near `tint`: somewhat lighter or darker, a little off in hue."""
    light = 1.0 + rng.uniform(-amount, amount)
    red, green, blue = (min(1.0, max(0.0, part * light + rng.uniform(-amount, amount) * 0.15)) for part in tint)
    return red, green, blue


def mix(first: Canvas | Colour, second: Canvas | Colour, share: Canvas | float) -> Canvas:
    """`first` where `share` is 0, `second` where it is 1; `share` may be (H, W)."""
    a, b = np.asarray(first, np.float32), np.asarray(second, np.float32)
    weight = np.asarray(share, np.float32)
    if weight.ndim == 2:
        weight = weight[..., None]
    return np.asarray(a + (b - a) * weight, np.float32)


def plain(shape: tuple[int, int], tint: Colour) -> Canvas:
    """A canvas of one colour."""
    return np.full((*shape, 3), np.asarray(tint, np.float32), np.float32)


def coordinates(shape: tuple[int, int]) -> tuple[Canvas, Canvas]:
    """Row and column of each pixel as two broadcastable arrays (H, 1) and (1, W), 0..1 over the longer side."""
    longest = np.float32(max(shape))
    return (
        np.arange(shape[0], dtype=np.float32)[:, None] / longest,
        np.arange(shape[1], dtype=np.float32)[None, :] / longest,
    )


def gradient(rng: Generator, shape: tuple[int, int], low: float = 0.0, high: float = 1.0) -> Canvas:
    """A linear ramp (H, W) from `low` to `high` in a random direction."""
    y, x = coordinates(shape)
    turn = rng.uniform(0, 2 * np.pi)
    ramp = y * np.float32(np.sin(turn)) + x * np.float32(np.cos(turn))
    ramp = (ramp - ramp.min()) / max(1e-6, float(np.ptp(ramp)))
    return np.asarray(low + (high - low) * ramp, np.float32)
