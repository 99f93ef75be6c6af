"""One triangle mesh per shoe, with the place of every vertex on its design sheet (the texture atlas)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.curves import Floats, ramp, through
from demo.shape import PROFILES, RING, Form, bend, sole_bottom, upper_points

Patch = tuple[int, int, int, int]  # left, top, width, height on the design sheet
SHEET_SIZE = (1024, 800)
PATCHES: dict[str, Patch] = {
    "upper": (0, 0, 1024, 320),
    "wall": (0, 320, 1024, 192),
    "lining": (0, 512, 1024, 64),
    "tongue": (0, 576, 448, 128),
    "strap": (448, 576, 448, 64),
    "laces": (448, 640, 448, 64),
    "tab": (896, 576, 128, 128),
    "under": (0, 704, 1024, 96),
}


@dataclass(frozen=True)
class Mesh:
    vertices: NDArray[np.float32]  # (N, 3)
    normals: NDArray[np.float32]  # (N, 3) unit, outward
    sheet: NDArray[np.float32]  # (N, 2) pixel on the design sheet
    shade: NDArray[np.float32]  # (N,) 1 open to the light, 0 hidden from it
    triangles: NDArray[np.int32]  # (M, 3)


@dataclass(frozen=True)
class Part:
    """A grid of points (rows, columns, 3) with its coordinates u, v in 0..1 on one patch of the sheet."""

    patch: str
    points: Floats
    u: Floats
    v: Floats
    shade: Floats
    closed: bool  # the last column joins the first
    facing: str = "out"  # "out" from the middle of each row (closed) or of all points (open), "in", or "down"


def mesh_of(parts: list[Part]) -> Mesh:
    """All parts in one mesh. Parts share no vertices, so nothing bleeds from one patch into another."""
    pieces = [_grid_mesh(part) for part in parts]
    offsets = np.cumsum([0] + [len(piece.vertices) for piece in pieces])
    return Mesh(
        np.concatenate([piece.vertices for piece in pieces]),
        np.concatenate([piece.normals for piece in pieces]),
        np.concatenate([piece.sheet for piece in pieces]),
        np.concatenate([piece.shade for piece in pieces]),
        np.concatenate([piece.triangles + start for piece, start in zip(pieces, offsets, strict=False)]).astype(
            np.int32
        ),
    )


def _grid_mesh(part: Part) -> Mesh:
    rows, columns = part.points.shape[:2]
    points = bend(part.points)
    normals = _grid_normals(points, part)
    index = np.arange(rows * columns).reshape(rows, columns)
    right = np.roll(index, -1, axis=1)
    if not part.closed:
        index, right = index[:, :-1], right[:, :-1]
    a, b, c, d = index[:-1], right[:-1], index[1:], right[1:]
    triangles = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([b, d, c], -1).reshape(-1, 3)])
    left, top, width, height = PATCHES[part.patch]
    shape = (rows, columns)
    sheet_x = left + 1.5 + np.broadcast_to(part.u, shape) * (width - 4)
    sheet_y = top + 1.5 + np.broadcast_to(part.v, shape) * (height - 4)
    return Mesh(
        points.reshape(-1, 3).astype(np.float32),
        normals.reshape(-1, 3).astype(np.float32),
        np.stack([sheet_x, sheet_y], -1).reshape(-1, 2).astype(np.float32),
        np.broadcast_to(part.shade, shape).reshape(-1).astype(np.float32),
        triangles.astype(np.int32),
    )


def _grid_normals(points: Floats, part: Part) -> Floats:
    down = np.gradient(points, axis=0)
    around = np.pad(points, ((0, 0), (1, 1), (0, 0)), mode="wrap" if part.closed else "edge")
    along = around[:, 2:] - around[:, :-2]
    normal = np.cross(along, down)
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-12)
    away = points - points.mean(axis=1 if part.closed else (0, 1), keepdims=True)
    looks_out = -np.sum(normal[..., 2]) if part.facing == "down" else np.sum(normal * away)
    return np.asarray(normal if (looks_out < 0) == (part.facing == "in") else -normal)


def upper_part(form: Form, rows: int = 34) -> Part:
    v = np.linspace(0, 1, rows)
    points = upper_points(form, v)
    above = (points[..., 2] - form.foot[:, 2]) / 0.05
    return Part("upper", points, form.p[None], v[:, None], 0.62 + 0.38 * ramp(above, -0.2, 0.6), True)


def lining_part(form: Form) -> Part:
    """The padded rim of the opening, and from there down to the footbed."""
    s = form.silhouette
    front, top = form.throat
    radius = through([0, front, top - 0.03, top + 0.05, 1], [0.005, 0.005, 0.006, s.padding, s.padding], form.p)
    depth = through([0, front, top, top + 0.1, 1], [0.03, 0.03, 0.08, 1.0, 1.0], form.p) * (
        form.opening[:, 2] - form.foot[:, 2] - 0.01
    )
    inward = np.column_stack([form.inward, np.zeros(RING)])
    up = np.array([0.0, 0.0, 1.0])
    rows, shades = [], []
    for turn in np.linspace(0, np.pi, 9):
        over = inward * (1 - np.cos(turn)) + up * np.sin(turn)
        rows.append(form.opening + over * radius[:, None])
        shades.append(1.0 - 0.35 * turn / np.pi)
    for fall in np.linspace(0.08, 1, 8):
        rows.append(form.opening + inward * (2 + 0.6 * fall) * radius[:, None] - up * (fall * depth)[:, None])
        shades.append(0.65 - 0.45 * fall)
    floor = rows[-1].copy()
    floor[:, 1] *= 0.02
    rows.append(floor)
    shades.append(0.2)
    v = np.linspace(0, 1, len(rows))[:, None]
    return Part("lining", np.stack(rows), form.p[None], v, np.array(shades)[:, None], True, "in")


def wall_parts(form: Form) -> list[Part]:
    """The sole: its side wall with the ledge on top, and the underside."""
    t = form.tooling
    profile = np.array(PROFILES[t.profile])
    steps = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(profile[:, 0]) * t.lip, np.diff(profile[:, 1]) * 0.08))])
    w = np.linspace(0, 1, 23)
    off = np.interp(w, steps / steps[-1], profile[:, 0]) * t.lip
    high = np.interp(w, steps / steps[-1], profile[:, 1])
    x = form.foot[:, 0]
    bottom = sole_bottom(x, t)
    if t.lugs:
        tread = (np.floor(form.p * t.lugs * 2) % 2) * t.lug_depth
        bottom = bottom + tread[None, :] * (high < 0.12)[:, None]
    bottom = np.broadcast_to(bottom, (len(w), RING))
    flare = t.flare * ramp(x, 0.3, 0.0) * (1 - high[:, None])
    out = np.column_stack([form.outward, np.zeros(RING)])
    points = form.foot * [1, 1, 0] + (off[:, None] + flare)[..., None] * out
    points[..., 2] = bottom + (form.foot[:, 2] - bottom) * high[:, None]
    ledge = form.foot - out * 0.02 - [0, 0, 0.004]
    points = np.concatenate([points, ledge[None]])
    v = np.append(1 - 0.94 * w, 0.0)[:, None]
    shade = np.append(0.72 + 0.28 * ramp(high, 0, 0.4), 0.6)[:, None]
    middle = points[0] * [1, 0.02, 1] + [0, 0, 0.004]
    under = np.stack([middle, points[0] - out * 0.03 + [0, 0, 0.006], points[0]])
    return [
        Part("wall", points, form.p[None], v, shade, True),
        Part(
            "under",
            under,
            form.p[None],
            np.array([[0.0], [0.7], [1.0]]),
            np.array([[0.25], [0.3], [0.5]]),
            True,
            "down",
        ),
    ]
