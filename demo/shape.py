"""The form of a shoe: last, opening, upper and sole as smooth surfaces.

Axes: x from heel (0) to toe (1), y to the sides (lateral side negative), z up; the unit is the length of the shoe.
Everything is a ring around the foot: ring position i runs from the toe along the lateral side to the heel and back
along the medial side, and `p` says how far along one side it is (0 toe, 1 heel). The upper is the ring surface between
the sole and the opening (throat and collar), `v` from 0 (sole) to 1 (opening).
"""

from dataclasses import dataclass

import numpy as np

from demo.curves import Floats, even_steps, ramp, ring_normals, soften_ring, through

RING = 272


@dataclass(frozen=True)
class Silhouette:
    """What the upper looks like from the side and from above; lengths in shoe lengths."""

    width: float = 0.345
    toe_round: float = 0.86  # 1 round, less: squarer
    toe_height: float = 0.135  # height of the toe box above the sole
    throat_front: float = 0.69  # x where the laces begin
    throat_top: float = 0.385  # x where the throat meets the collar
    vamp: float = 0.165  # heights above the sole, from here on
    front: float = 0.325
    dip: float = 0.25
    heel: float = 0.315
    tongue: float = 0.055  # how far the tongue stands above the front of the collar
    gap: float = 0.036  # half the width of the throat
    padding: float = 0.013  # radius of the collar's rim
    heel_lean: float = 0.045  # how far the heel's top leans forward


@dataclass(frozen=True)
class Tooling:
    """The sole: heights, profile of its side wall, and how it leaves the ground."""

    heel: float = 0.095
    fore: float = 0.07
    spring: float = 0.045  # toe lifted from the ground
    bevel: float = 0.012  # heel lifted from the ground
    flare: float = 0.0  # wider at the bottom of the heel
    profile: str = "cup"
    lip: float = 0.012  # how far the wall stands out from the upper
    cradle: float = 0.0  # the wall climbs around the heel
    bumper: float = 0.0  # the wall climbs over the toe
    arch: float = 0.0  # lifted under the waist
    lugs: int = 0  # treads along one side, cut into the bottom
    lug_depth: float = 0.018
    wave: float = 0.0  # the top line rises and falls
    block: float = 0.0  # a raised heel block of this height


PROFILES: dict[str, tuple[tuple[float, float], ...]] = {
    # (stands out by, height fraction) from the ground up
    "cup": ((0.0, 0.0), (0.9, 0.02), (1.0, 0.1), (1.0, 0.5), (1.0, 0.92), (0.6, 1.0)),
    "vulc": ((0.4, 0.0), (1.0, 0.05), (1.0, 0.5), (0.9, 0.95), (0.5, 1.0)),
    "runner": ((0.2, 0.0), (1.5, 0.06), (1.3, 0.25), (0.4, 0.5), (0.5, 0.75), (1.1, 0.95), (0.5, 1.0)),
    "chunky": (
        (0.5, 0.0), (1.9, 0.04), (2.2, 0.14), (1.2, 0.26), (1.2, 0.3), (2.5, 0.4), (2.4, 0.56), (1.0, 0.66), (1.0, 0.7),
        (1.9, 0.8), (1.6, 0.95), (0.5, 1.0),
    ),
    "balloon": ((0.0, 0.0), (1.6, 0.08), (2.6, 0.3), (2.8, 0.5), (2.3, 0.75), (1.2, 0.96), (0.4, 1.0)),
    "wedge": ((0.6, 0.0), (2.4, 0.03), (2.2, 0.2), (1.5, 0.6), (0.9, 0.96), (0.4, 1.0)),
    "steps": (
        (0.4, 0.0), (2.4, 0.03), (2.4, 0.3), (1.5, 0.34), (1.5, 0.62), (0.8, 0.66), (0.8, 0.96), (0.4, 1.0),
    ),
    "shell": ((0.2, 0.0), (1.2, 0.05), (1.6, 0.4), (1.4, 0.8), (0.7, 1.0)),
}  # fmt: skip


@dataclass(frozen=True)
class Form:
    """The rings that all parts of one shoe are hung on (each (RING, 3), or (RING,) for p)."""

    silhouette: Silhouette
    tooling: Tooling
    p: Floats
    side: Floats  # -1 lateral, +1 medial, 0 on the middle line
    foot: Floats  # where the upper meets the sole
    opening: Floats  # edge of throat and collar
    outward: Floats  # (RING, 2) away from the foot ring
    inward: Floats  # (RING, 2) into the opening
    throat: tuple[float, float]  # p where the throat's front arc ends, and where the collar begins


def form_of(silhouette: Silhouette, tooling: Tooling) -> Form:
    """The rings of a shoe. Pure arithmetic: the same numbers give the same rings."""
    half = RING // 2
    step = np.arange(RING)
    p = np.where(step <= half, step, RING - step) / half
    side = np.where(step < half, -1.0, 1.0)
    side[[0, half]] = 0.0
    outline = _half_outline(silhouette, half + 1)[np.where(step <= half, step, RING - step)]
    foot = np.column_stack([outline[:, 0], outline[:, 1] * side, np.zeros(RING)])
    foot = soften_ring(foot, 1.5)
    foot[:, 2] = sole_top(foot[:, 0], tooling)
    throat = _throat_span(silhouette)
    opening = _opening(silhouette, tooling, p, side, throat)
    return Form(silhouette, tooling, p, side, foot, opening, ring_normals(foot), -ring_normals(opening), throat)


def _half_outline(silhouette: Silhouette, count: int) -> Floats:
    """(count, 2) from the tip of the toe to the back of the heel, y >= 0."""
    turn = np.linspace(0.0, np.pi, 400)
    x = 0.5 + 0.5 * np.cos(turn)
    width = through([0, 0.13, 0.4, 0.68, 0.9, 1], [0.8, 0.79, 0.83, 1.0, 0.97, 0.92], x) * silhouette.width / 2
    power = 0.8 + (silhouette.toe_round - 0.8) * ramp(x, 0.45, 0.8)
    return even_steps(np.column_stack([x, width * np.abs(np.sin(turn)) ** power]), count)


def _throat_span(silhouette: Silhouette) -> tuple[float, float]:
    front = 0.2 + 0.62 * (0.72 - silhouette.throat_front)
    top = 0.5 + 0.62 * (0.385 - silhouette.throat_top)
    return front, max(top, front + 0.06)


def _opening(s: Silhouette, tooling: Tooling, p: Floats, side: Floats, throat: tuple[float, float]) -> Floats:
    front, top = throat
    steep = np.clip((s.front - 0.28) / 0.18, 0, 1)  # a high shaft rises steeply above the instep
    instep = s.throat_front + (0.53 + 0.15 * steep) * (s.throat_top - s.throat_front)
    back = 0.012 + s.heel_lean
    middle = (s.throat_top + back) / 2
    knots = [0.0, front * 0.55, front, (front + top) / 2, top, (top + 1) / 2, 0.86, 0.945, 1.0]
    x = through(
        knots,
        [s.throat_front, s.throat_front - 0.006, s.throat_front - 0.03, instep, s.throat_top, middle, back + 0.07,
         back + 0.018, back],
        p,
    )  # fmt: skip
    y = through(
        knots, [0, s.gap * 0.75, s.gap, s.gap * 1.12, s.gap * 1.45, 0.098 * s.width / 0.345, 0.083, 0.05, 0.0], p
    )
    between = s.vamp + (s.front - s.vamp) * (0.52 - 0.13 * steep)
    z = through(
        knots, [s.vamp, s.vamp, s.vamp + 0.012, between, s.front, s.dip, (s.dip + s.heel) / 2, s.heel, s.heel], p
    )
    ground = sole_top(np.array([0.35]), tooling)[0]
    return soften_ring(np.column_stack([x, y * side, z + ground]), 3.0)


def sole_top(x: Floats, t: Tooling) -> Floats:
    """Height of the sole's top line at x."""
    top = through([0.0, 0.3, 0.6, 1.0], [t.heel, t.heel, t.fore + 0.25 * (t.heel - t.fore), t.fore], x)
    top = top + t.spring * ramp(x, 0.66, 1.08) * 1.05
    top = top + t.cradle * ramp(x, 0.24, 0.0) + t.bumper * ramp(x, 0.84, 1.0)
    return np.asarray(top + t.wave * np.sin(x * 4 * np.pi) * ramp(x, 0.02, 0.2) * ramp(x, 0.98, 0.8))


def sole_bottom(x: Floats, t: Tooling) -> Floats:
    """Height of the sole's underside at x (0 where it stands on the ground)."""
    toe = t.spring * np.clip((x - 0.68) / 0.32, 0, 1) ** 2
    heel = t.bevel * np.clip((0.12 - x) / 0.12, 0, 1) ** 2
    arch = (t.arch + t.block) * ramp(x, 0.27, 0.33 + 0.06 * (t.block == 0)) * ramp(x, 0.68, 0.52)
    return np.asarray(toe + heel + arch)


def upper_points(form: Form, v: Floats) -> Floats:
    """The upper's surface, (len(v), RING, 3): a Bezier from the foot ring to the opening for every ring position."""
    s, p = form.silhouette, form.p
    front, top = form.throat
    rise = form.opening[:, 2] - form.foot[:, 2]
    start = form.foot - np.array([0, 0, 0.012])
    knots = [0.0, front, (front + top) / 2, top, 0.8, 1.0]
    out = np.column_stack([form.outward, np.zeros(RING)])
    away = np.column_stack([-form.inward, np.zeros(RING)])
    up = np.array([0.0, 0.0, 1.0])
    toe_lift = s.toe_height * 1.05
    lift = through(knots, [toe_lift, toe_lift * 1.06, rise.max() * 0.42, rise.max() * 0.4, 0.12, 0.11], p)
    lift = np.minimum(lift, np.maximum(rise * 0.85, toe_lift * (p < front)))
    bulge = through(knots, [0.0, 0.006, 0.008, 0.008, 0.012, 0.03], p)
    reach = np.linalg.norm(form.foot[:, :2] - form.opening[:, :2], axis=1)
    lean = through(knots, [0.62, 0.62, 0.55, 0.2, 0.12, 0.03], p) * reach
    fall = 0.045 + np.clip(
        3.5 * (s.vamp - s.toe_height - 0.04), 0, 0.5
    )  # a high vamp comes down to the toe in a hollow curve
    drop = through(knots, [fall, 0.02 + 0.6 * (fall - 0.045), 0.05, 0.3, 0.42, 0.45], p) * np.maximum(rise, 0.05)
    first = form.foot + lift[:, None] * up + bulge[:, None] * out
    second = form.opening + lean[:, None] * away - drop[:, None] * up
    first, second = soften_ring(first, 3.0), soften_ring(second, 4.0)
    t = v[:, None, None]
    points = (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * first + 3 * (1 - t) * t**2 * second + t**3 * form.opening
    return np.asarray(points)


def bend(points: Floats) -> Floats:
    """The curve of a foot: the waist lies further out on the lateral side."""
    bent = points.copy()
    x = np.clip(points[..., 0], -0.1, 1.1)
    bent[..., 1] -= 0.02 * np.sin(np.pi * np.clip(x, 0, 1)) - 0.012
    return bent
