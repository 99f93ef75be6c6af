"""Cluttered places that photos are taken in: floors, tables, shelves, rooms, streets, and plain jumble.

A place is a Canvas (H, W, 3) made from a generator, a shape (height, width) and `clutter`, 0..1: how much lies around.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from demo.living import OUTDOORS
from demo.noise import Canvas, Colour, colour, floats, fractal, gradient, jitter, mix, one_of, plain
from demo.sketch import Sketch, paste
from demo.surfaces import FLOORS, SURFACES, WALLS, Surface
from demo.things import SMALL, THINGS, Drawer

Place = Callable[[Generator, tuple[int, int], float], Canvas]


def floor(
    rng: Generator,
    shape: tuple[int, int],
    clutter: float,
    elevation_deg: float = 15.0,
    metres: float = 0.6,
    feet: float = 0.7,
) -> Canvas:
    """A floor that runs back to a wall; the camera looks down by `elevation_deg` on a strip `metres` wide.

    Wherever the wall is, there is floor at `feet`, a share of the height counted from the top.
    """
    height, width = shape
    pitch = np.radians(max(4.0, elevation_deg))
    wall_at = rng.uniform(1.4, 4.0)
    edge = height / 2 + width * 1.1 * float(
        (np.cos(pitch) - wall_at * np.sin(pitch)) / (wall_at * np.cos(pitch) + np.sin(pitch))
    )
    texture = _texture(rng, FLOORS, max(shape))
    to_texture = _ground_homography(shape, pitch, rng.uniform(-60, 60), metres, texture.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    scene = floats(
        cv2.warpPerspective(texture, to_texture, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    )
    edge = min(edge, height * min(0.55, feet - 0.15))
    if edge > 2:
        _raise_wall(rng, scene, int(edge), clutter)
    near = np.clip((np.arange(height, dtype=np.float32) - max(edge, 0)) / (0.35 * height), 0, 1)[:, None]
    blurred = floats(cv2.GaussianBlur(scene, (0, 0), max(0.6, width * rng.uniform(0.002, 0.012))))
    scene = mix(blurred, scene, np.repeat(near, width, axis=1))
    scatter(rng, scene, round(clutter * rng.uniform(0, 5)), (0.1, 0.3), lying=False, rows=(max(edge / height, 0.25), 1))
    return scene


def from_above(rng: Generator, shape: tuple[int, int], clutter: float) -> Canvas:
    """A floor, bed or table seen from straight above, with things lying on it."""
    texture = _texture(rng, SURFACES, max(shape))
    scene = _turned(rng, texture, shape, np.hypot(*shape) / texture.shape[0] * rng.uniform(1.0, 1.8))
    if rng.random() < 0.35:
        _lay_sheet(rng, scene)
    scatter(rng, scene, round(clutter * rng.uniform(0, 9)), (0.12, 0.45), lying=True)
    return scene


def room(rng: Generator, shape: tuple[int, int], clutter: float) -> Canvas:
    """A room far out of focus: walls, a window or lamps, furniture as soft blocks."""
    small = (max(24, shape[0] // 3), max(24, shape[1] // 3))
    scene = plain(small, colour(rng, saturation=(0.0, 0.35), value=(0.35, 0.9)))
    scene = scene * gradient(rng, small, 0.6, 1.15)[..., None]
    height, width = small
    for _ in range(int(rng.integers(2, 5 + round(9 * clutter)))):
        left, top = rng.uniform(-0.2, 0.9) * width, rng.uniform(0.0, 0.9) * height
        right, bottom = left + rng.uniform(0.08, 0.6) * width, top + rng.uniform(0.1, 0.8) * height
        corners = ((int(left), int(top)), (int(right), int(bottom)))
        cv2.rectangle(scene, *corners, colour(rng, saturation=(0.0, 0.7), value=(0.08, 1.0)), -1)
    scatter(rng, scene, round(clutter * 6), (0.15, 0.5), lying=False)
    for _ in range(int(rng.integers(0, 8))):
        at = (int(rng.integers(width)), int(rng.integers(height // 2 + 1)))
        lamp = colour(rng, (0.08, 0.16), (0.0, 0.5), (0.9, 1.2))
        cv2.circle(scene, at, max(1, int(width * rng.uniform(0.01, 0.05))), lamp, -1)
    scene = floats(cv2.GaussianBlur(scene, (0, 0), width * rng.uniform(0.006, 0.05)))
    return floats(cv2.resize(scene, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC))


def shelf(rng: Generator, shape: tuple[int, int], clutter: float) -> Canvas:
    """Boards one above the other, things standing on them."""
    height, width = shape
    scene = _turned(rng, _texture(rng, WALLS, max(shape)), shape, 2.0) * np.float32(rng.uniform(0.5, 1.0))
    boards = np.linspace(rng.uniform(0.2, 0.4), 1.0, int(rng.integers(2, 5)))
    tint = jitter(rng, (0.6, 0.5, 0.4), 0.6)
    for board in boards.tolist():
        stands = int(board * height)
        for _ in range(round((2 + 6 * clutter) * rng.random())):
            size = max(8, int(height * rng.uniform(0.15, 0.4)))
            paste(scene, draw(rng, size), int(rng.uniform(-0.1, 1.0) * width), stands - size)
        cv2.rectangle(scene, (0, stands), (width, stands + max(2, height // 30)), tint, -1)
        shade = scene[stands + max(2, height // 30) : stands + height // 8]
        shade *= np.linspace(0.6, 1.0, len(shade), dtype=np.float32)[:, None, None]
    return scene


def street(rng: Generator, shape: tuple[int, int], clutter: float) -> Canvas:
    """Sky, a row of trees, houses and cars, and the ground before them."""
    height, width = shape
    horizon = int(height * rng.uniform(0.3, 0.7))
    sky = colour(rng, (0.52, 0.64), (0.05, 0.6), (0.6, 1.0))
    fade = np.linspace(1, 0, height, dtype=np.float32)[:, None] * np.ones((1, width), np.float32)
    scene = mix((0.95, 0.93, 0.9), sky, fade)
    scene = mix(scene, (1, 1, 1), np.clip(fractal(rng, shape, 3, 4) * 2 - 1.1, 0, 1))
    ground = _texture(rng, FLOORS, max(shape))
    to_texture = _ground_homography(shape, 0.06, rng.uniform(-40, 40), 1.2, ground.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    below = floats(cv2.warpPerspective(ground, to_texture, (width, height), flags=flags, borderMode=cv2.BORDER_WRAP))
    scene[horizon:] = below[height - (height - horizon) :]
    for _ in range(int(rng.integers(3, 6 + round(8 * clutter)))):
        size = max(8, int(height * rng.uniform(0.12, 0.6)))
        sheet = draw(rng, size, OUTDOORS)
        paste(scene, sheet, int(rng.uniform(-0.15, 1.0) * width), horizon + int(size * rng.uniform(-0.95, -0.75)))
    return scene


def jumble(rng: Generator, shape: tuple[int, int], clutter: float) -> Canvas:
    """Shapes of all sizes and surfaces over each other, as statistics of nature have it: few big, many small."""
    height, width = shape
    scene = plain(shape, colour(rng))
    patches = [_turned(rng, _texture(rng, SURFACES, max(shape)), shape, 1 + max(shape) / 900) for _ in range(2)]
    for _ in range(int(20 + 90 * clutter)):
        radius = width * min(0.4, 0.03 / (rng.random() + 0.05))
        around = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 12))))
        outline = np.stack([np.cos(around), np.sin(around)], axis=1) * radius
        outline = (outline + rng.random(2) * (width, height)).astype(np.int32)
        if rng.random() < 0.8:
            cv2.fillPoly(scene, [outline], colour(rng, saturation=(0.0, 0.8), value=(0.05, 1.0)), cv2.LINE_AA)
            continue
        inside = np.zeros(shape, np.uint8)
        cv2.fillPoly(inside, [outline], 1)
        np.copyto(scene, patches[int(rng.integers(2))], where=inside[..., None].astype(bool))
    return scene * gradient(rng, shape, 0.7, 1.15)[..., None]


PLACES: tuple[Place, ...] = (floor, floor, from_above, from_above, room, shelf, street, jumble)


def place(rng: Generator, shape: tuple[int, int], clutter: float = 0.6) -> Canvas:
    """Some place."""
    kind = one_of(rng, PLACES)
    if kind is floor:
        return floor(rng, shape, clutter, rng.uniform(0, 50), rng.uniform(0.4, 1.4))
    return kind(rng, shape, clutter)


def draw(rng: Generator, side: int, drawers: tuple[Drawer, ...] = THINGS) -> Canvas:
    """Some thing, or what the drawers draw, on a transparent sheet (side, side, 4), premultiplied."""
    sketch = Sketch(side)
    one_of(rng, drawers)(rng, sketch)
    return sketch.lit(rng, rng.uniform(0.2, 0.6), rng.uniform(0.05, 0.3))


def scatter(
    rng: Generator,
    scene: Canvas,
    count: int,
    sizes: tuple[float, float],
    *,
    lying: bool,
    rows: tuple[float, float] = (0.0, 1.0),
) -> None:
    """Put `count` things into the scene, `sizes` of its width, their feet within `rows`; lying ones are turned."""
    height, width = scene.shape[:2]
    for _ in range(count):
        size = max(10, int(width * rng.uniform(*sizes)))
        sheet = draw(rng, size, SMALL)
        foot = rng.uniform(*rows) * height
        if lying:
            turn = cv2.getRotationMatrix2D((size / 2, size / 2), rng.uniform(0, 360), 0.85)
            sheet = floats(cv2.warpAffine(sheet, turn, (size, size)))
        x, y = int(rng.uniform(-0.3, 1.0) * width), int(foot - size * (0.5 if lying else 0.95))
        shadow = np.zeros_like(sheet)
        shadow[..., 3] = cv2.GaussianBlur(sheet[..., 3], (0, 0), max(0.6, size * 0.04)) * np.float32(0.45)
        paste(scene, shadow, x + size // 25, y + size // 25)
        paste(scene, sheet, x, y)


def _texture(rng: Generator, surfaces: tuple[Surface, ...], longest: int) -> Canvas:
    """A surface, fine enough for a picture of that size but never slow to make."""
    return one_of(rng, surfaces)(rng, int(np.clip(longest * 1.2, 160, 900)))


def _ground_homography(
    shape: tuple[int, int], pitch: float, yaw_deg: float, metres: float, side: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """From pixels to texture pixels of a ground seen under `pitch` (radians); a texture is 1.5 m wide."""
    height, width = shape
    focal = 1.1 * width
    sight = np.array([[1 / focal, 0, -width / 2 / focal], [0, 1 / focal, -height / 2 / focal], [0, 0, 1]])
    sine, cosine = np.sin(pitch), np.cos(pitch)
    onto_ground = np.array([[1, 0, 0], [0, -sine, cosine], [0, cosine, sine]])
    stands = 1.1 * metres * max(sine, 0.12) * side / 1.5
    yaw = np.radians(yaw_deg)
    on_texture = np.array(
        [
            [stands * np.cos(yaw), -stands * np.sin(yaw), side / 2],
            [stands * np.sin(yaw), stands * np.cos(yaw), side / 2],
            [0, 0, 1],
        ]
    )
    return np.asarray(on_texture @ onto_ground @ sight, np.float64)


def _raise_wall(rng: Generator, scene: Canvas, edge: int, clutter: float) -> None:
    """Fill the rows above `edge` with a wall, a skirting board, and things that stand before it."""
    width = scene.shape[1]
    scene[:edge] = _turned(rng, _texture(rng, WALLS, width), (edge, width), 1.3, upright=True)
    scene[:edge] *= np.linspace(1.05, 0.75, edge, dtype=np.float32)[:, None, None]
    if rng.random() < 0.6:
        tint: Colour = one_of(rng, ((0.93, 0.92, 0.9), (0.4, 0.3, 0.22), (0.15, 0.15, 0.15)))
        cv2.rectangle(scene, (0, edge - max(1, width // 40)), (width, edge), jitter(rng, tint, 0.1), -1)
    for _ in range(round(clutter * rng.uniform(0, 6))):
        size = max(10, int(width * rng.uniform(0.12, 0.5)))
        stands = edge + int(size * rng.uniform(0.0, 0.15))
        paste(scene, draw(rng, size), int(rng.uniform(-0.1, 0.95) * width), stands - size)


def _turned(rng: Generator, texture: Canvas, shape: tuple[int, int], scale: float, upright: bool = False) -> Canvas:
    """A piece of a texture, turned at random unless `upright`, enlarged by `scale`."""
    turn = rng.normal(0, 2) if upright else rng.uniform(0, 360)
    side = texture.shape[0]
    affine = cv2.getRotationMatrix2D((side / 2, side / 2), turn, scale)
    affine[:, 2] += (shape[1] / 2 - side / 2, shape[0] / 2 - side / 2)
    size = (shape[1], shape[0])
    return floats(cv2.warpAffine(texture, affine, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101))


def _lay_sheet(rng: Generator, scene: Canvas) -> None:
    """Lay a rug, a sheet of paper or a table's edge over part of the scene."""
    height, width = scene.shape[:2]
    sheet = _turned(rng, _texture(rng, SURFACES, max(height, width)), (height, width), 1.5)
    middle = rng.random(2) * (width, height)
    turn, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 0.8, 2) * width
    along = np.array([np.cos(turn), np.sin(turn)]) * reach[0]
    across = np.array([-np.sin(turn), np.cos(turn)]) * reach[1]
    corners = np.array(
        [middle + along + across, middle + along - across, middle - along - across, middle - along + across]
    )
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [corners.astype(np.int32)], 255, cv2.LINE_AA)
    share = floats(inside) / 255
    shadow = floats(cv2.GaussianBlur(share, (0, 0), max(0.8, width * 0.008)))
    scene *= (1 - 0.4 * shadow)[..., None]
    scene += (sheet - scene) * share[..., None]
