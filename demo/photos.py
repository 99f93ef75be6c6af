"""Phone photos of demo shoes: the shoe standing, lying or held somewhere cluttered, badly lit, tilted, blurred.

Everything follows from the generator: the same generator state gives the same photo.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from demo import backgrounds
from demo.camera import FOV_WIDTH
from demo.colours import Colorway
from demo.coverings import cover
from demo.models import ShoeModel
from demo.noise import Canvas, Picture, floats, one_of, to_canvas, to_picture
from demo.phone_camera import snap
from demo.poses import Pose, some_hardness, strike_pose
from demo.render import cutout_rgba
from demo.sketch import paste

SHOE_METRES = 0.3
TALLEST = 0.65  # no shoe is taller, in shoe lengths


@dataclass(frozen=True)
class PhonePhoto:
    """A photo and what is true about it: `mask` is 255 where the shoe is to be seen (0..255 at its rim)."""

    image: Picture
    mask: Picture
    slug: str
    colorway: str
    angle_deg: float
    pose: Pose


def phone_photo(
    model: ShoeModel,
    colorway: Colorway,
    rng: Generator,
    size: tuple[int, int] = (320, 240),
    hardness: float | None = None,
    pose: Pose | None = None,
) -> PhonePhoto:
    """A photo, `size` (width, height), of a shoe of this model; `hardness` 0 (a tidy day) .. 1 (hopeless)."""
    width, height = size
    hard = some_hardness(rng) if hardness is None else hardness
    pose = pose or strike_pose(rng, hard)
    shoe = _shoe_layer(model, colorway, pose, size)
    placement, feet = _placement(rng, shoe, pose, size, hard)
    scene = _scene(rng, pose, (height, width), hard, feet)
    if pose.staging != "held":
        scene *= (1 - _warped(_shadow(rng, shoe, pose), placement, size))[..., None]
    layer = _warped(shoe, placement, size)
    covering = cover(rng, scene, layer, pose, hard)
    paste(scene, layer, 0, 0)
    visible = layer[..., 3]
    if covering is not None:
        paste(scene, covering, 0, 0)
        visible = visible * (1 - covering[..., 3])
    image = snap(rng, scene, hard)
    return PhonePhoto(image, to_picture(visible), model.slug, colorway.slug, pose.angle_deg, pose)


def _shoe_layer(model: ShoeModel, colorway: Colorway, pose: Pose, size: tuple[int, int]) -> Canvas:
    """The shoe (h, w, 4), premultiplied, about as large as it will be in the photo, with room for its shadow."""
    across = int(np.clip(pose.share * size[0] * FOV_WIDTH * 1.1, 96, 1400))
    # Tall enough that the renderer never zooms out, so that a shoe length is always as many pixels.
    tilt = np.radians(pose.elevation_deg)
    high = int(across * max(2 / 3, 1.17 * (1.05 * np.sin(tilt) + TALLEST * np.cos(tilt)) / FOV_WIDTH))
    rendered = to_canvas(
        cutout_rgba(
            model, colorway, pose.angle_deg, size=(across, high), elevation_deg=pose.elevation_deg, light=pose.light
        )
    )
    rendered[..., :3] *= rendered[..., 3:]
    return np.ascontiguousarray(np.pad(rendered, ((across // 12,) * 2, (across // 12,) * 2, (0, 0))))


def _scene(rng: Generator, pose: Pose, shape: tuple[int, int], hardness: float, feet: float) -> Canvas:
    """Where the shoe is; a standing shoe's floor is seen from as high as the shoe, and reaches further back than it."""
    clutter = float(np.clip(hardness + rng.normal(0, 0.2), 0.05, 1))
    if pose.staging == "lying":
        return backgrounds.from_above(rng, shape, clutter)
    if pose.staging == "held":
        far = (backgrounds.room, backgrounds.room, backgrounds.street, backgrounds.shelf)
        return one_of(rng, (*far, backgrounds.jumble) if hardness > 0.5 else far)(rng, shape, clutter)
    scene = backgrounds.floor(rng, shape, clutter, pose.elevation_deg, SHOE_METRES / pose.share, feet)
    turn = cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), pose.roll_deg, 1 + abs(pose.roll_deg) / 60)
    return floats(cv2.warpAffine(scene, turn, (shape[1], shape[0]), borderMode=cv2.BORDER_REFLECT_101))


def _placement(
    rng: Generator, shoe: Canvas, pose: Pose, size: tuple[int, int], hardness: float
) -> tuple[Canvas, float]:
    """The affine map (2, 3) from the shoe's layer to the photo, and how far down (0..1) the shoe then reaches.

    All of the shoe, or nearly all, comes to lie inside.
    """
    width, height = size
    rows, columns = np.nonzero(shoe[..., 3] > 0.05)
    corners = np.array([[x, y] for x in (columns.min(), columns.max()) for y in (rows.min(), rows.max())], np.float64)
    length = shoe.shape[1] / (1 + 2 / 12) / FOV_WIDTH
    turn = cv2.getRotationMatrix2D((0, 0), pose.roll_deg, pose.share * width / length)
    turned = corners @ turn[:, :2].T
    spread = np.ptp(turned, axis=0)
    fit = min(1.0, 0.94 * width / spread[0], 0.94 * height / spread[1])
    turn[:, :2] *= fit
    low, high = turned.min(axis=0) * fit, turned.max(axis=0) * fit
    out = 0.08 * hardness * spread * fit * (rng.random() < 0.3)
    free = np.array([width, height]) - (high - low) + 2 * out
    at = rng.beta(2.2, 2.2, 2) if pose.staging != "standing" else np.array([rng.beta(2.2, 2.2), rng.beta(3.2, 2.0)])
    turn[:, 2] = at * free - out - low
    return floats(turn), float((turn[1, 2] + high[1]) / height)


def _warped(layer: Canvas, placement: Canvas, size: tuple[int, int]) -> Canvas:
    scale = float(np.hypot(placement[0, 0], placement[0, 1]))
    if scale < 0.7:
        layer = floats(cv2.GaussianBlur(layer, (0, 0), 0.35 / scale))
    return floats(cv2.warpAffine(layer, placement, size, flags=cv2.INTER_LINEAR))


def _shadow(rng: Generator, shoe: Canvas, pose: Pose) -> Canvas:
    """How much light (h, w), 0..1, the shoe takes from what it stands or lies on, in its own layer."""
    alpha = shoe[..., 3]
    width = alpha.shape[1]
    across, down = rng.uniform(-0.05, 0.05) * width, rng.uniform(0.0, 0.03) * width
    soft = _moved(floats(cv2.GaussianBlur(alpha, (0, 0), rng.uniform(0.015, 0.04) * width)), across, down)
    if pose.staging == "lying":
        return soft * np.float32(rng.uniform(0.3, 0.65))
    height = alpha.shape[0]
    covered = alpha > 0.4
    lowest = np.where(covered.any(axis=0), height - 1 - np.argmax(covered[::-1], axis=0), -width).astype(np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None]
    thick = np.float32(0.035 * width)
    contact = np.exp(-(((rows - lowest[None, :] - 0.002 * width) / thick) ** 2))
    contact = floats(cv2.GaussianBlur(floats(contact), (0, 0), 0.008 * width))
    lower_half = np.clip((rows - height * 0.45) / (height * 0.3), 0, 1)
    return floats(np.minimum(0.9, contact * np.float32(rng.uniform(0.45, 0.8)) + soft * lower_half * np.float32(0.3)))


def _moved(layer: Canvas, across: float, down: float) -> Canvas:
    affine = np.asarray([[1, 0, across], [0, 1, down]], np.float32)
    return floats(cv2.warpAffine(layer, affine, (layer.shape[1], layer.shape[0])))
