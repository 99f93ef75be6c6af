"""Imperfect masks, as a cut-out of a phone photo has them, and the cut-out on white that they give."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from demo.noise import Canvas, Picture, floats, fractal, smooth_noise, to_canvas, to_picture


def worn(rng: Generator, mask: Picture, wear: float | None = None) -> Picture:
    """The mask (H, W) as GrabCut might have found it: grown or shrunk, with bites, leftovers and a soft rim.

    `wear` 0 leaves it exact, 1 ruins it; without one, most masks come out good and a few bad, as in life.
    """
    amount = float(rng.beta(1.2, 3)) if wear is None else wear
    share = to_canvas(mask)
    extent = float(np.sqrt(max(16.0, share.sum())))
    # Moving the threshold of a blurred mask to and fro by noise eats bites here and adds lumps there.
    soft = floats(cv2.GaussianBlur(share, (0, 0), max(0.6, extent * 0.10 * amount)))
    wobble = smooth_noise(rng, (mask.shape[0], mask.shape[1]), (7, 9)) - 0.5
    found = soft - 0.5 - np.float32(rng.normal(0, 0.18) * amount) + wobble * np.float32(1.1 * amount)
    cut = floats(np.clip(found * 6 / max(0.15, amount) + 0.5, 0, 1))
    for _ in range(int(rng.poisson(1.4 * amount))):
        cut = _bitten(rng, cut, extent) if rng.random() < 0.55 else np.maximum(cut, _leftover(rng, cut, extent))
    return to_picture(floats(cv2.GaussianBlur(cut, (0, 0), max(0.4, extent * 0.008))))


def patch_mask(rng: Generator, shape: tuple[int, int]) -> Picture:
    """A random piece of a picture: clouds cut at a level, within a rounded box."""
    height, width = shape
    box = np.zeros(shape, np.float32)
    axes = (int(width * rng.uniform(0.25, 0.48)), int(height * rng.uniform(0.2, 0.48)))
    cv2.ellipse(box, (width // 2, height // 2), axes, rng.uniform(-25, 25), 0, 360, 1.0, -1)
    clouds = fractal(rng, shape, int(rng.integers(2, 7)), 3)
    return to_picture(box * (clouds > rng.uniform(0.3, 0.5)).astype(np.float32))


def on_white(rng: Generator, photo: Picture, mask: Picture, shape: tuple[int, int]) -> Picture:
    """What the mask leaves of the photo on white, cropped to it with a margin and fitted into `shape`."""
    rows, columns = np.nonzero(mask > 128)
    if rows.size < 30:
        return np.full((*shape, 3), 255, np.uint8)
    share = to_canvas(mask)[..., None]
    clean = floats(photo) * share + 255 * (1 - share)
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    crop = clean[top:bottom, left:right]
    margin = rng.uniform(0.02, 0.12)
    scale = min(shape[1] / crop.shape[1], shape[0] / crop.shape[0]) * (1 - 2 * margin)
    size = (max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    fitted = floats(cv2.resize(crop, size, interpolation=method))
    sheet = np.full((*shape, 3), 255, np.float32)
    y, x = (shape[0] - size[1]) // 2, (shape[1] - size[0]) // 2
    sheet[y : y + size[1], x : x + size[0]] = fitted
    return np.asarray(np.clip(sheet + 0.5, 0, 255), np.uint8)


def _bitten(rng: Generator, cut: Canvas, extent: float) -> Canvas:
    """The mask with a chunk missing near its rim."""
    return floats(cut * (1 - _chunk(rng, cut, extent, rng.uniform(0.08, 0.25))))


def _leftover(rng: Generator, cut: Canvas, extent: float) -> Canvas:
    """A piece of background that was taken for the shoe."""
    return _chunk(rng, cut, extent, rng.uniform(0.08, 0.3))


def _chunk(rng: Generator, cut: Canvas, extent: float, size: float) -> Canvas:
    """A rounded piece, `size` of the extent, around a random point of the mask's rim."""
    rim = np.asarray(cv2.morphologyEx((cut > 0.5).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)))
    rows, columns = np.nonzero(rim)
    chunk = np.zeros(cut.shape, np.float32)
    if rows.size:
        at = int(rng.integers(rows.size))
        axes = (max(1, int(extent * size)), max(1, int(extent * size * rng.uniform(0.3, 1))))
        centre = (int(columns[at]), int(rows[at]))
        cv2.ellipse(chunk, centre, axes, rng.uniform(0, 180), 0, 360, 1.0, -1)
    return chunk
