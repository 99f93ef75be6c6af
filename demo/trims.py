"""What closes a shoe: tongue, laces, straps and pull tabs, as parts of the mesh."""

import numpy as np

from demo.curves import Floats, ramp, through
from demo.mesh import Part
from demo.shape import RING, Form, upper_points


def throat_line(form: Form, share: Floats) -> tuple[Floats, Floats]:
    """Middle of the throat and half its width, at shares 0 (front) .. 1 (collar): ((K, 3), (K,))."""
    front, top = form.throat
    half = RING // 2
    p = front * 0.8 + (top - front * 0.8) * share
    edge = np.stack([np.interp(p, form.p[:half], form.opening[:half, axis]) for axis in range(3)], axis=1)
    width = np.abs(edge[:, 1])
    return edge * [1, 0, 1], width


def tongue_part(form: Form, crown: float = 0.014, cover: float = 0.02) -> Part:
    """A padded tongue under the throat that stands `silhouette.tongue` above the collar."""
    s = form.silhouette
    share = np.concatenate([np.linspace(-0.12, 1, 22), np.linspace(1.03, 1.3, 10)])
    middle, width = throat_line(form, np.clip(share, 0, 1))
    slope = middle[21] - middle[14]
    slope /= np.linalg.norm(slope)
    beyond = np.clip(share - 1, 0, None)[:, None] / 0.3
    lean = slope * [0.55, 0, 1]
    middle = middle + lean / np.linalg.norm(lean) * s.tongue * beyond
    middle[share < 0] += (np.array([[-0.12]]) * 0) + np.clip(-share[share < 0], 0, 1)[:, None] * [0.22, 0, -0.1]
    middle[:, 2] -= 0.006 * (1 - beyond[:, 0])
    half = width + cover * ramp(share, -0.1, 0.2) + 0.012 * beyond[:, 0]
    end = np.sqrt(np.clip(1 - np.clip((share - 1.2) / 0.1, 0, 1) ** 2, 0, 1))
    half = half * (0.72 + 0.28 * end)
    thick = through([-0.12, 0.6, 1, 1.2, 1.3], [0.004, 0.007, 0.012, 0.013, 0.002], share)
    normal = np.array([-slope[2], 0.0, slope[0]])
    normal *= np.sign(normal[2])
    turn = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    across, through_it = np.cos(turn), np.sin(turn)
    rows = middle[:, None] + (half[:, None] * across)[..., None] * [0, 1, 0]
    arch = crown * (1 - across**2) - 0.02 * across**2 * ramp(share, -0.1, 0.3)[:, None]
    rows = rows + (arch + thick[:, None] * through_it)[..., None] * normal
    u = 0.5 + 0.5 * across * np.where(through_it >= -0.3, 1, 0.3)
    shade = 0.55 + 0.45 * ramp(share, 0.8, 1.1)[:, None] * np.ones(28) - 0.2 * (np.abs(across) > 0.8)
    v = np.linspace(1, 0, len(share))[:, None]
    return Part("tongue", rows, u[None], v, shade, True)


def _tube(path: Floats, breadth: Floats, thickness: float, up: Floats, patch: str, u: Floats, shade: float) -> Part:
    """A band swept along path (K, 3): breadth (K, 3) is half its width as a vector, `up` (K, 3) where it is thick."""
    turn = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    ring = breadth[:, None] * np.cos(turn)[:, None] + up[:, None] * (thickness * np.sin(turn))[:, None]
    v = 0.5 + 0.5 * np.cos(turn)[None]
    points = path[:, None] + ring
    return Part(patch, points, u[:, None], v, np.full((1, 1), shade), True)


def lace_parts(form: Form, style: str, rows: int) -> list[Part]:
    """Flat laces over the tongue: "straight", "cross", "ghillie" or "toggle"; an empty list for other styles."""
    if style not in ("straight", "cross", "ghillie", "toggle"):
        return []
    share = np.linspace(0.1, 0.96, rows)
    middle, width = throat_line(form, share)
    slope = np.gradient(middle, axis=0)
    slope /= np.linalg.norm(slope, axis=1, keepdims=True)
    normal = np.column_stack([-slope[:, 2], np.zeros(rows), slope[:, 0]])
    normal *= np.sign(normal[:, 2:3])
    reach = width + 0.017
    thin = style in ("ghillie", "toggle")
    size = 0.0045 if thin else min(0.011, 0.26 * float(np.linalg.norm(middle[-1] - middle[0])) / rows)
    pairs = [(k, k, 0.0) for k in range(rows)]
    if style != "straight":
        pairs = [(k, k + 1, 0.002) for k in range(rows - 1)] + [(k + 1, k, -0.001) for k in range(rows - 1)]
        pairs.append((rows - 1, rows - 1, 0.0))
    parts = [_lace(middle, reach, normal, slope, pair, size, thin) for pair in pairs]
    if style == "toggle":
        return parts
    return parts + bow(middle[-1] + normal[-1] * 0.03, slope[-1], normal[-1], 0.0045 if thin else 0.007)


def _lace(
    middle: Floats, reach: Floats, normal: Floats, slope: Floats, pair: tuple[int, int, float], size: float, thin: bool
) -> Part:
    left, right, lift = pair
    t = np.linspace(-1, 1, 22)
    mix = (t + 1)[:, None] / 2
    path = middle[left] * (1 - mix) + middle[right] * mix
    path[:, 1] = t * (reach[left] * (1 - mix[:, 0]) + reach[right] * mix[:, 0])
    up = normal[left] * (1 - mix) + normal[right] * mix
    arch = 0.022 * (1 - t**2) + lift - 0.012 * np.abs(t) ** 6
    path = path + up * (arch + 0.006)[:, None]
    tilt = up - t[:, None] * np.array([0.0, -0.35, 0.0])
    along = np.broadcast_to(slope[left], path.shape)
    return _tube(path, along * size, 0.006 if thin else 0.0048, tilt, "laces", (t + 1) / 2, 1.0)


def bow(knot: Floats, slope: Floats, normal: Floats, size: float) -> list[Part]:
    """A bow: two loops and two ends that hang to the sides."""
    parts = []
    aside = np.array([0.0, 1.0, 0.0])
    t = np.linspace(0, 1, 26)
    for side in (-1.0, 1.0):
        swing = np.sin(np.pi * t)[:, None]
        loop = (
            knot
            + side * aside * swing * 0.066
            - slope * (np.sin(2 * np.pi * t)[:, None] * 0.022 + swing * 0.022)
            + normal * (0.012 * np.sin(np.pi * t)[:, None] - 0.028 * swing**2)
        )
        end = (
            knot
            + side * aside * (0.055 * t**0.8)[:, None]
            - slope * (0.07 * t)[:, None]
            + normal * (0.014 * np.sin(np.pi * t) - 0.022 * t)[:, None]
        )
        for path in (loop, end):
            step = np.gradient(path, axis=0)
            step /= np.linalg.norm(step, axis=1, keepdims=True)
            flat = np.cross(step, normal)
            flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9)
            up = np.cross(flat, step)
            parts.append(_tube(path, flat * size, 0.0035, up, "laces", t, 0.95))
    centre = np.linspace(-1, 1, 8)
    path = knot + slope * (centre * 0.011)[:, None] + normal * 0.004
    swell = np.sqrt(np.clip(1.05 - centre**2, 0, 1))[:, None]
    parts.append(_tube(path, aside * 0.012 * swell, 0.009, normal * swell, "laces", centre * 0.1 + 0.5, 0.95))
    return parts


def strap_parts(form: Form, count: int) -> list[Part]:
    """`count` broad bands over the throat, each from low on one side to low on the other."""
    front, top = form.throat
    if count == 0:
        return []
    places = np.linspace(front + 0.055, top - 0.03, count) if count > 1 else np.array([(front + top) / 2 + 0.01])
    half_width = 0.041 if count > 1 else 0.056
    return [_strap(form, place, half_width) for place in places]


def _strap(form: Form, place: float, half_width: float) -> Part:
    """A band of even width: along the side of the upper, in a bridge over the throat, and down the other side."""
    half, v = RING // 2, np.linspace(0.36, 1.0, 16)
    side = upper_points(form, v)[:, : half + 1]
    speed = np.linalg.norm(_at(side, place + 0.01) - _at(side, place - 0.01), axis=1) / 0.02
    edges = []
    for share in np.linspace(-1, 1, 9):
        edge = _at(side, place + share * half_width / np.maximum(speed, 0.3))
        across = np.linspace(-0.9, 0.9, 9)
        end = edge[-1]
        bridge = np.column_stack([np.full(9, end[0]), across * abs(end[1]), end[2] + 0.03 * (1 - across**2)])
        edges.append(np.concatenate([edge, bridge, (edge * [1, -1, 1])[::-1]]))
    walk = np.stack(edges, axis=1)
    for _ in range(3):
        walk[1:-1] = 0.25 * walk[:-2] + 0.5 * walk[1:-1] + 0.25 * walk[2:]
    normal = np.cross(np.gradient(walk, axis=1), np.gradient(walk, axis=0))
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    if normal[len(walk) // 2, :, 2].mean() < 0:
        normal = -normal
    rim = np.array([0.0, 0.75, 1, 1, 1, 1, 1, 0.75, 0.0])
    ends = ramp(np.linspace(-1, 1, len(walk)), -1.0, -0.93) * ramp(np.linspace(-1, 1, len(walk)), 1.0, 0.93)
    raised = walk + normal * (0.001 + 0.009 * rim * ends[:, None])[..., None]
    u, v = np.linspace(0, 1, len(walk))[:, None], np.linspace(0, 1, 9)[None]
    return Part("strap", raised, u, v, np.full((1, 1), 1.0), False)


def _at(side: Floats, p: Floats | float) -> Floats:
    """One point per row of a side (rows, positions, 3), at the ring position p of that row."""
    rows = np.arange(len(side))
    k = np.clip(np.broadcast_to(p, len(side)) * (side.shape[1] - 1), 0, side.shape[1] - 1.001)
    low = k.astype(int)
    share = (k - low)[:, None]
    return np.asarray(side[rows, low] * (1 - share) + side[rows, low + 1] * share)


def tab_parts(form: Form, style: str) -> list[Part]:
    """A pull tab at the heel ("loop") or none."""
    if style != "loop":
        return []
    top = form.opening[RING // 2]
    t = np.linspace(0, np.pi, 20)
    path = top + np.column_stack(
        [-0.024 * np.cos(t) * 0.9 - 0.004, np.zeros(20), 0.05 * np.sin(t) - 0.035 + 0.035 * np.sin(t)]
    )
    step = np.gradient(path, axis=0)
    up = np.column_stack([step[:, 2], np.zeros(20), -step[:, 0]])
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    return [_tube(path, np.broadcast_to([0.0, 0.017, 0.0], path.shape), 0.004, up, "tab", np.linspace(0, 1, 20), 1.0)]
