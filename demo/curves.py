"""Smooth curves through a few points: what a shoe's outline, collar and sole are drawn with."""

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def through(knots: ArrayLike, values: ArrayLike, at: ArrayLike) -> Floats:
    """Value at `at` of the monotone cubic (Fritsch-Carlson) through (knots, values): smooth, and never overshoots."""
    x, y, q = (np.asarray(a, np.float64) for a in (knots, values, at))
    h = np.diff(x)
    slope = np.diff(y) / h
    tangent = np.zeros_like(y)
    same = slope[:-1] * slope[1:] > 0
    inner = np.zeros(len(slope) - 1)
    w1, w2 = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    inner[same] = (w1 + w2)[same] / (w1[same] / slope[:-1][same] + w2[same] / slope[1:][same])
    tangent[1:-1], tangent[0], tangent[-1] = inner, slope[0], slope[-1]
    q = np.clip(q, x[0], x[-1])
    k = np.clip(np.searchsorted(x, q, side="right") - 1, 0, len(x) - 2)
    t = (q - x[k]) / h[k]
    t2, t3 = t * t, t * t * t
    curve: Floats = (
        (2 * t3 - 3 * t2 + 1) * y[k]
        + (t3 - 2 * t2 + t) * h[k] * tangent[k]
        + (3 * t2 - 2 * t3) * y[k + 1]
        + (t3 - t2) * h[k] * tangent[k + 1]
    )
    return curve


def even_steps(points: Floats, count: int) -> Floats:
    """The polyline (M, D) walked in `count` points of equal arc length, both ends included."""
    walked = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    goal = np.linspace(0.0, walked[-1], count)
    return np.stack([np.interp(goal, walked, column) for column in points.T], axis=1)


def soften_ring(ring: Floats, sigma: float) -> Floats:
    """A closed curve (N, D) with its kinks rounded by a Gaussian of `sigma` points."""
    pad = int(4 * sigma) + 1
    wrapped = np.concatenate([ring[-pad:], ring, ring[:pad]])
    return np.asarray(cv2.GaussianBlur(wrapped, (1, 2 * pad + 1), sigmaX=0.1, sigmaY=sigma)[pad:-pad], np.float64)


def ring_normals(ring: Floats) -> Floats:
    """Unit normals (N, 2) in the ground plane of a closed curve, pointing away from its inside."""
    step = np.roll(ring[:, :2], -1, axis=0) - np.roll(ring[:, :2], 1, axis=0)
    normal = np.stack([step[:, 1], -step[:, 0]], axis=1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    area = np.sum(ring[:, 0] * np.roll(ring[:, 1], -1) - np.roll(ring[:, 0], -1) * ring[:, 1])
    return np.asarray(normal if area > 0 else -normal)


def ramp(x: ArrayLike, start: float, end: float) -> Floats:
    """0 before start, 1 after end, smooth between (start may lie after end)."""
    t = np.clip((np.asarray(x, np.float64) - start) / (end - start), 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t))
