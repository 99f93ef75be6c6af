"""Where a shoe is seen from, and the picture's buffers: normals, place on the design sheet, depth."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.mesh import Mesh

DISTANCE = 4.2
FOV_WIDTH = 1.19  # shoe lengths across the picture at the middle of the shoe
SUPERSAMPLING = 2
NEAR, FAR = 1.0, 9.0


@dataclass(frozen=True)
class Camera:
    """World to camera, for a picture of (width, height): x right, y up, z towards the viewer."""

    size: tuple[int, int]
    rotation: NDArray[np.float64]  # (3, 3)
    shift: NDArray[np.float64]  # (3,)
    focal: float  # in pixels

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels (N, 2) of world points (N, 3)."""
        seen = points @ self.rotation.T + self.shift
        scale = self.focal / -seen[:, 2]
        return np.column_stack([self.size[0] / 2 + seen[:, 0] * scale, self.size[1] / 2 - seen[:, 1] * scale])


def camera(angle_deg: float, elevation_deg: float, height: float, size: tuple[int, int]) -> Camera:
    """A camera that looks at the middle of a shoe of this height: 0 lateral side, 90 toe, 180 medial side, 270 heel."""
    turn, tilt = np.deg2rad(-angle_deg), np.deg2rad(elevation_deg)
    spin = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    look = np.array([[1, 0, 0], [0, np.sin(tilt), np.cos(tilt)], [0, -np.cos(tilt), np.sin(tilt)]])
    rotation = look @ spin
    middle = np.array([0.5, 0.0, height * 0.47])
    shift = -rotation @ middle - np.array([0.0, 0.0, DISTANCE])
    tall = max(FOV_WIDTH * 2 / 3, 1.15 * (np.sin(tilt) + 0.42 * np.cos(tilt)))
    pixels_per_shoe = min(size[0] / FOV_WIDTH, size[1] / tall)
    return Camera(size, rotation, shift, float(pixels_per_shoe * DISTANCE))


@dataclass(frozen=True)
class Buffers:
    """What the camera sees, cropped to the shoe, at SUPERSAMPLING times the picture's size."""

    crop: tuple[int, int, int, int]  # left, top, right, bottom, multiples of SUPERSAMPLING
    mask: NDArray[np.bool_]
    normals: NDArray[np.float32]  # (h, w, 3) in camera axes
    sheet: NDArray[np.float32]  # (h, w, 2)
    shade: NDArray[np.float32]
    depth: NDArray[np.float32]


def rasterise(mesh: Mesh, view: Camera) -> Buffers:
    """Draw the mesh. The same mesh and camera give the same buffers."""
    scale = SUPERSAMPLING
    width, height = view.size[0] * scale, view.size[1] * scale
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = view.rotation, view.shift
    fov = 2 * np.arctan(view.size[1] / 2 / view.focal)
    settings = cv2.TriangleRasterizeSettings()
    settings.setShadingType(cv2.RASTERIZE_SHADING_SHADED)
    settings.setCullingMode(cv2.RASTERIZE_CULLING_NONE)
    places = np.column_stack([mesh.sheet / 1024, mesh.shade]).astype(np.float32)
    seen = (mesh.normals @ view.rotation.T.astype(np.float32)) * 0.5 + 0.5
    drawn = []
    for attributes in (places, np.ascontiguousarray(seen, np.float32)):
        blank, far = np.zeros((height, width, 3), np.float32), np.full((height, width), FAR, np.float32)
        drawn.append(
            cv2.triangleRasterize(mesh.vertices, mesh.triangles, attributes, blank, far, pose, fov, NEAR, FAR, settings)
        )
    (place, depth), (normal, _) = drawn
    mask = depth < FAR * 0.999
    box = _box(mask, scale)
    cut = np.s_[box[1] : box[3], box[0] : box[2]]
    place, normal = place[cut], normal[cut] * 2 - 1
    return Buffers(box, mask[cut], normal, place[..., :2] * 1024, place[..., 2], depth[cut])


def _box(mask: NDArray[np.bool_], step: int) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return 0, 0, step, step
    left, top = columns[0] // step * step, rows[0] // step * step
    return int(left), int(top), int(-(-(columns[-1] + 1) // step) * step), int(-(-(rows[-1] + 1) // step) * step)
