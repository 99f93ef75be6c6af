"""Studio light on a shoe: key, fill, sky, a little shine, dark creases, and the soft shadow on the ground."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.camera import DISTANCE, Buffers, Camera
from demo.shape import Form, bend
from demo.sheet import Sheet

Field = NDArray[np.float32]


@dataclass(frozen=True)
class Light:
    """Strengths, and where the key light stands as seen from the camera (azimuth to the right, elevation up)."""

    key: float = 0.62
    fill: float = 0.2
    ambient: float = 0.36
    specular: float = 0.22
    azimuth_deg: float = -38.0
    elevation_deg: float = 52.0
    warmth: float = 0.0  # -1 blue .. 1 orange
    shadow: float = 1.0

    def tint(self) -> tuple[float, float, float]:
        return 1.0 + 0.18 * self.warmth, 1.0 + 0.02 * self.warmth, 1.0 - 0.22 * self.warmth

    def direction(self) -> NDArray[np.float32]:
        turn, tilt = np.deg2rad(self.azimuth_deg), np.deg2rad(self.elevation_deg)
        return np.array([np.sin(turn) * np.cos(tilt), np.sin(tilt), np.cos(turn) * np.cos(tilt)], np.float32)


def lit(buffers: Buffers, sheet: Sheet, light: Light) -> tuple[Field, Field]:
    """Diffuse light and shine of every fine pixel of the crop, 0 outside the shoe."""
    x, y = buffers.sheet_x, buffers.sheet_y
    height = np.asarray(cv2.remap(sheet.height, x, y, cv2.INTER_LINEAR), np.float32)
    gloss = np.asarray(cv2.remap(sheet.gloss, x, y, cv2.INTER_LINEAR), np.float32)
    normals = _bumped(buffers, height)
    key = light.direction()
    half = key + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    fill = np.array([0.75, 0.2, 0.63], np.float32)
    sky = np.array([0, 0.32 * light.ambient, 0], np.float32)
    bare = np.stack([key * light.key / 1.25, fill * light.fill, sky, half])
    offsets = [light.key / 5, 0.0, 0.68 * light.ambient, 0.0]
    planes = cv2.split(cv2.transform(normals, np.column_stack([bare, offsets])))
    toward, side, above, facing = (np.asarray(plane, np.float32) for plane in planes)
    diffuse = np.maximum(toward, 0) + np.maximum(side, 0) + above
    broad = cv2.pow(np.maximum(facing, 0), 8)
    sharp = cv2.pow(broad, 4)
    rim = cv2.pow(1 - normals[..., 2], 4)
    shine = gloss * (0.22 * broad + 0.9 * sharp) + 0.05 * rim
    hidden = buffers.shade * _creases(buffers) * buffers.mask
    return np.asarray(diffuse * hidden, np.float32), np.asarray(
        shine * (hidden * np.float32(light.specular)), np.float32
    )


def _bumped(buffers: Buffers, height: Field) -> Field:
    """The normals (h, w, 3), tilted where the sheet's relief rises on the screen."""
    limit = 0.32
    slope_x = np.clip(cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=0.2), -limit, limit)
    slope_y = np.clip(cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=0.2), -limit, limit)
    nx, ny, nz = buffers.normals[0] - slope_x, buffers.normals[1] + slope_y, buffers.normals[2]
    length = cv2.magnitude(cv2.magnitude(nx, ny), nz) + np.float32(1e-6)
    return np.asarray(cv2.merge([nx / length, ny / length, nz / length]), np.float32)


def _creases(buffers: Buffers) -> Field:
    """1 in the open, less where nearer surface lies around: the depth compared with its own blur, at half size."""
    size = buffers.depth.shape[::-1]
    small = (max(1, size[0] // 2), max(1, size[1] // 2))
    mask = cv2.resize(buffers.mask.astype(np.float32), small, interpolation=cv2.INTER_AREA)
    depth = cv2.resize(np.where(buffers.mask, buffers.depth, 0), small, interpolation=cv2.INTER_AREA)
    seen = depth / np.maximum(mask, 1e-3)
    dark = np.zeros_like(seen)
    for radius, strength in ((max(3, size[0] // 220) | 1, 9.0), (max(5, size[0] // 60) | 1, 3.5)):
        around = cv2.blur(depth, (radius, radius)) / np.maximum(cv2.blur(mask, (radius, radius)), 1e-3)
        dark += np.clip(strength * (seen - around), 0, 0.35)
    open_sky = 1 - np.clip(dark, 0, 0.55)
    return np.asarray(cv2.resize(open_sky, size, interpolation=cv2.INTER_LINEAR), np.float32)


def shadow(form: Form, view: Camera, light: Light) -> Field:
    """How dark the ground is, (H, W) in 0..1: a tight contact shadow within a wide soft one."""
    width, height = view.size
    ring = bend(form.foot)
    scale = view.focal / DISTANCE
    small = (max(8, width // 3), max(8, height // 3))
    shrink = np.array(small) / (width, height)
    dark = np.zeros(small[::-1], np.float32)
    for grow, blur, strength in ((0.97, 0.012, 0.42), (1.06, 0.045, 0.33), (1.12, 0.1, 0.16)):
        ground = np.column_stack([(ring[:, 0] - 0.48) * grow + 0.48, ring[:, 1] * grow, np.zeros(len(ring))])
        spot = np.zeros(small[::-1], np.float32)
        outline = np.round((view.project(ground) + 0.5) * shrink * 16 - 8).astype(np.int32)
        cv2.fillPoly(spot, [outline], strength, cv2.LINE_AA, shift=4)
        sigma = max(0.6, blur * scale * shrink[0])
        dark += cv2.GaussianBlur(spot, (0, 0), sigmaX=sigma, sigmaY=sigma * 0.7)
    whole = cv2.resize(dark, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(whole * light.shadow, 0, 0.85), np.float32)
