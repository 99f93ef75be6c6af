"""Panels of the upper and patterns of the sole, as masks over their patches of the design sheet."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.mesh import PATCHES
from demo.shape import RING, Form, upper_points

Field = NDArray[np.float32]
Mask = NDArray[np.bool_]
PIXELS = 1000  # of the side view's canvas, per shoe length


@dataclass(frozen=True)
class Cloth:
    """Where each spot of the upper's patch lies: x, y, z, height h above the sole, p, v; rim: way to the opening."""

    x: Field
    y: Field
    z: Field
    h: Field
    p: Field
    v: Field
    rim: Field
    throat: tuple[float, float]
    top: float  # height of the heel above the sole


def cloth_of(form: Form) -> Cloth:
    """The upper's patch, measured on the shoe itself."""
    _, _, width, height = PATCHES["upper"]
    rows, half = 49, RING // 2
    surface = upper_points(form, np.linspace(0, 1, rows))[:, : half + 1]
    steps = np.linalg.norm(np.diff(surface, axis=0), axis=2)
    rim = np.concatenate([np.cumsum(steps[::-1], axis=0)[::-1], np.zeros((1, half + 1))])
    p = np.clip((np.arange(width) - 1.5) / (width - 4), 0, 1)
    v = np.clip((np.arange(height) - 1.5) / (height - 4), 0, 1)
    at = np.meshgrid((p * half).astype(np.float32), (v * (rows - 1)).astype(np.float32))
    above = surface[..., 2] - form.foot[: half + 1, 2]
    fields = [np.asarray(plane, np.float32) for plane in (*np.moveaxis(surface, -1, 0), above, rim)]
    x, y, z, h, way = (np.asarray(cv2.remap(plane, at[0], at[1], cv2.INTER_LINEAR), np.float32) for plane in fields)
    pp, vv = np.meshgrid(p.astype(np.float32), v.astype(np.float32))
    return Cloth(x, np.abs(y), z, h, pp, vv, way, form.throat, form.silhouette.heel)


def side_canvas() -> NDArray[np.uint8]:
    """An empty side view: x -0.1..1.1 to the right, height above the sole -0.1..0.8 upwards."""
    return np.zeros((int(0.9 * PIXELS), int(1.2 * PIXELS)), np.uint8)


def on_canvas(x: float, h: float) -> tuple[float, float]:
    return (x + 0.1) * PIXELS, (0.8 - h) * PIXELS


def from_canvas(canvas: NDArray[np.uint8], cloth: Cloth) -> Mask:
    """What was drawn in the side view, as a mask on the upper's patch."""
    return np.asarray(cv2.remap(canvas, (cloth.x + 0.1) * PIXELS, (0.8 - cloth.h) * PIXELS, cv2.INTER_LINEAR) > 127)


UPPER_PANELS: dict[str, Callable[[Cloth, float], Mask]] = {
    "toe_cap": lambda c, a: c.x > 1 - a * (1 - 0.35 * np.clip(c.y / 0.17, 0, 1) ** 2),
    "round_cap": lambda c, a: (c.p < 0.2) & (c.v < a + 0.12 * np.cos(c.p * 12)),
    "wing_tip": lambda c, a: (
        c.x > 1 - a - 0.22 * np.clip(c.y / 0.17, 0, 1) ** 1.5 - 0.07 * np.exp(-((c.y / 0.03) ** 2))
    ),
    "toe_point": lambda c, a: c.x - 1.1 * (0.16 - c.y) > 1 - a,
    "moc": lambda c, a: (c.p < c.throat[0] + 0.1) & (c.v > a) & (c.rim > 0.0) & (c.x > 0.5),
    "mudguard": lambda c, a: c.h < a * (0.75 + 0.5 * np.sin((c.x - 0.25) * 7) ** 2) * np.clip((c.x - 0.35) * 6, 0, 1),
    "foxing": lambda c, a: c.h < a,
    "wave_guard": lambda c, a: c.h < a + 0.035 * np.sin(c.x * 20),
    "teeth_guard": lambda c, a: c.h < a + 0.05 * np.abs(((c.p * 9) % 1) * 2 - 1),
    "toe_stripe": lambda c, a: (c.y < a) & (c.x > 0.6),
    "toe_bars": lambda c, a: (c.x > 0.7) & (np.abs(((c.x - 0.7) / a) % 1 - 0.5) < 0.28) & (c.x < 0.97),
    "eyestay": lambda c, a: (c.rim < a) & (c.p < c.throat[1] + 0.03),
    "eyestay_wide": lambda c, a: (
        (c.rim < a * (0.6 + 1.2 * np.clip((c.p - c.throat[0]) / 0.25, 0, 1))) & (c.p < c.throat[1] + 0.06)
    ),
    "collar": lambda c, a: (c.rim < a) & (c.p > c.throat[1]),
    "collar_deep": lambda c, a: (
        (c.rim < a * (0.5 + 0.9 * np.clip((c.p - c.throat[1]) / 0.35, 0, 1))) & (c.p > c.throat[1] - 0.02)
    ),
    "heel_counter": lambda c, a: c.x < a - 0.55 * c.h,
    "heel_swept": lambda c, a: c.x < a - 1.3 * np.abs(c.h - 0.09),
    "heel_scoop": lambda c, a: (c.h < 0.03 + 0.2 * np.sqrt(np.clip((a - c.x) / a, 0, 1))) & (c.x < a),
    "heel_tab": lambda c, a: (c.p > 0.94 - 0.1 * a) & (c.rim < a),
    "heel_strip": lambda c, a: c.p > 1 - a,
    "heel_bars": lambda c, a: (c.p > 0.84) & ((c.h / a) % 1 < 0.5) & (c.h > 0.02),
    "heel_triangle": lambda c, a: c.x < 0.02 + a * (1 - c.h / max(c.top, 0.1)),
    "heel_wedge": lambda c, a: c.x < 0.02 + a * c.h / max(c.top, 0.1),
    "saddle": lambda c, a: (c.x - 0.25 * c.h > 0.42 - a) & (c.x + 0.15 * c.h < 0.46 + a) & (c.v < 0.97),
    "quarter": lambda c, a: c.x < a - 0.3 * c.h,
    "quarter_curve": lambda c, a: c.x < a - 3.2 * (c.h - 0.12) ** 2 * np.sign(0.12 - c.h) * 2,
    "swept_back": lambda c, a: c.h > a + 0.9 * (c.x - 0.35),
    "swept_front": lambda c, a: (c.h > a - 0.55 * (c.x - 0.2)) & (c.x < 0.75),
    "split_diagonal": lambda c, a: c.x < a + 0.9 * (c.h - 0.1),
    "cage": lambda c, a: (np.abs(((c.x + 0.6 * c.h) / a) % 1 - 0.5) < 0.2) & (c.x > 0.25) & (c.x < 0.72) & (c.h > 0.01),
    "net": lambda c, a: (
        (np.minimum(np.abs(((c.x + 0.9 * c.h) / a) % 1 - 0.5), np.abs(((c.x - 0.9 * c.h) / a) % 1 - 0.5)) < 0.12)
        & (c.x > 0.27) & (c.x < 0.7) & (c.h > 0.01)
    ),
    "echo": lambda c, a: (np.abs((np.hypot(c.x - 0.08, c.h + 0.02) / a) % 1 - 0.5) < 0.2) & (c.x > 0.26) & (c.x < 0.72),
    "ribs": lambda c, a: (np.abs((c.h / a) % 1 - 0.5) < 0.25) & (c.x < 0.62) & (c.x > 0.1),
    "web": lambda c, a: (np.abs((c.p / a + 0.5 * c.v) % 1 - 0.5) < 0.16) & (c.p > 0.18) & (c.p < 0.85),
    "gore": lambda c, a: (np.abs(c.p - c.throat[1] - 0.03) < a * (0.35 + 0.75 * c.v)) & (c.v > 0.45),
    "zip": lambda c, a: np.abs(c.x - 0.34 - 0.1 * (c.v - 0.5)) < a,
    "vamp": lambda c, a: (c.x > a) & (c.h > 0.035),
    "halo": lambda c, a: np.abs(c.h - a - 0.05 * np.cos(c.x * 6.3)) < 0.022,
    "collar_stripes": lambda c, a: (c.rim < a) & ((c.rim / a * 2.5) % 1 < 0.5) & (c.p > c.throat[1]),
    "all": lambda c, a: np.ones_like(c.x, bool),
}  # fmt: skip


def eyelets(cloth: Cloth, rows: int) -> Mask:
    """The holes that the laces go through."""
    front, top = cloth.throat
    share = (cloth.p - front * 0.8) / (top - front * 0.8)
    row = np.clip(np.round((share - 0.1) / 0.86 * (rows - 1)), 0, rows - 1)
    aside = (share - 0.1 - 0.86 * row / (rows - 1)) * (top - front * 0.8)
    return np.asarray(np.hypot(aside * 1.15, cloth.rim - 0.018) < 0.0055)


@dataclass(frozen=True)
class WallSpots:
    """Where each spot of the sole's wall lies: p (0 toe, 1 heel), w (0 ground, 1 top) and x."""

    p: Field
    w: Field
    x: Field


def wall_spots(form: Form) -> WallSpots:
    _, _, width, height = PATCHES["wall"]
    p = np.clip((np.arange(width, dtype=np.float32) - 1.5) / (width - 4), 0, 1)
    v = np.clip((np.arange(height, dtype=np.float32) - 1.5) / (height - 4), 0, 1)
    half = RING // 2
    x = np.interp(p, form.p[: half + 1], form.foot[: half + 1, 0]).astype(np.float32)
    pp, vv = np.meshgrid(p.astype(np.float32), v.astype(np.float32))
    return WallSpots(pp, np.asarray((1 - vv) / 0.94, np.float32), np.broadcast_to(x, pp.shape))


def _cells(s: WallSpots, count: float) -> Field:
    return np.asarray((s.p * count) % 1)


WALL_PATTERNS: dict[str, Callable[[WallSpots], Mask]] = {
    "plain": lambda s: np.zeros_like(s.p, bool),
    "stripe": lambda s: np.abs(s.w - 0.66) < 0.09,
    "two_stripes": lambda s: (np.abs(s.w - 0.5) < 0.06) | (np.abs(s.w - 0.8) < 0.06),
    "blocks": lambda s: (_cells(s, 12) < 0.5) & (s.w > 0.32) & (s.w < 0.8),
    "columns": lambda s: (_cells(s, 26) < 0.5) & (s.w > 0.2),
    "zigzag": lambda s: np.abs(s.w - 0.38 - 0.42 * np.abs(_cells(s, 10) * 2 - 1)) < 0.13,
    "teeth": lambda s: s.w < 0.2 + 0.62 * np.abs(_cells(s, 11) * 2 - 1),
    "fangs": lambda s: s.w > 0.95 - 0.6 * np.abs(_cells(s, 8) * 2 - 1),
    "wave": lambda s: s.w < 0.55 + 0.25 * np.sin(s.p * 6 * np.pi),
    "swell": lambda s: np.abs(s.w - 0.55 - 0.22 * np.sin(s.p * 8 * np.pi)) < 0.12,
    "split": lambda s: s.x < 0.42 + 0.2 * s.w,
    "thirds": lambda s: (s.x < 0.3) | (s.x > 0.74),
    "bubbles": lambda s: ((_cells(s, 13) - 0.5) / 0.4) ** 2 + ((s.w - 0.56) / 0.24) ** 2 < 1,
    "pods": lambda s: ((_cells(s, 6) - 0.5) / 0.44) ** 2 + ((s.w - 0.45) / 0.42) ** 2 < 1,
    "checker": lambda s: ((_cells(s, 18) < 0.5) ^ (s.w > 0.55)) & (s.w > 0.25) & (s.w < 0.85),
    "plate": lambda s: np.abs(s.w - 0.9 + 0.75 * s.x) < 0.13,
    "bumper": lambda s: (s.p < 0.2) | ((s.p > 0.86) & (s.w > 0.45)),
    "diamonds": lambda s: np.abs(_cells(s, 9) - 0.5) / 0.42 + np.abs(s.w - 0.56) / 0.34 < 1,
    "ribs": lambda s: ((s.w * 4.2) % 1 < 0.45) & (s.w > 0.2),
    "upper_half": lambda s: s.w > 0.56,
    "heel_window": lambda s: (s.x < 0.36) & (s.x > 0.04) & (np.abs(s.w - 0.52) < 0.22),
    "fore_window": lambda s: (s.x > 0.55) & (s.x < 0.86) & (np.abs(s.w - 0.55) < 0.25),
    "dashes": lambda s: (_cells(s, 9) < 0.66) & (np.abs(s.w - 0.62) < 0.13),
    "slants": lambda s: (((s.p * 15) + s.w * 0.9) % 1 < 0.45) & (s.w > 0.3) & (s.w < 0.92),
    "arches": lambda s: np.abs(np.hypot((_cells(s, 7) - 0.5) * 1.9, s.w - 0.2) - 0.52) < 0.12,
    "dots": lambda s: ((_cells(s, 24) - 0.5) / 0.3) ** 2 + ((s.w - 0.6) / 0.13) ** 2 < 1,
}  # fmt: skip
