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
    tall = max(FOV_WIDTH * 2 / 3, 1.16 * (1.05 * np.sin(tilt) + max(height, 0.4) * np.cos(tilt)))
    pixels_per_shoe = min(size[0] / FOV_WIDTH, size[1] / tall)
    return Camera(size, rotation, shift, float(pixels_per_shoe * DISTANCE))


@dataclass(frozen=True)
class Buffers:
    """What the camera sees, cropped to the shoe, at SUPERSAMPLING times the picture's size."""

    crop: tuple[int, int, int, int]  # left, top, right, bottom, multiples of SUPERSAMPLING
    mask: NDArray[np.bool_]
    normals: list[NDArray[np.float32]]  # x, y, z in camera axes, (h, w) each
    sheet_x: NDArray[np.float32]
    sheet_y: NDArray[np.float32]
    shade: NDArray[np.float32]
    depth: NDArray[np.float32]


def rasterise(mesh: Mesh, view: Camera) -> Buffers:
    """Draw the mesh. The same mesh and camera give the same buffers."""
    rotation, shift = view.rotation.astype(np.float32), view.shift.astype(np.float32)
    normals = mesh.normals @ rotation.T
    seen = mesh.vertices @ rotation.T + shift
    facing = np.einsum("ij,ij->i", normals, seen) < 0.03
    triangles = mesh.triangles[facing[mesh.triangles].any(axis=1)]
    window = _window(seen, view)
    places = np.column_stack([mesh.sheet / 1024, mesh.shade]).astype(np.float32)
    placed, depth = _draw(mesh.vertices, triangles, places, view, window)
    turned, _ = _draw(mesh.vertices, triangles, normals * 0.5 + 0.5, view, window)
    mask = depth < FAR * 0.999
    top, bottom, left, right = _bounds(mask)
    cut = np.s_[top:bottom, left:right]
    aside, above = view.size[0] - window[0] // 2, view.size[1] - window[1] // 2
    box = (left + aside, top + above, right + aside, bottom + above)
    x, y, shade = (np.asarray(plane, np.float32) for plane in cv2.split(placed[cut]))
    towards = [np.asarray(plane, np.float32) * 2 - 1 for plane in cv2.split(turned[cut])]
    return Buffers(box, mask[cut], towards, x * 1024, y * 1024, shade, depth[cut])


def _window(seen: NDArray[np.float32], view: Camera) -> tuple[int, int]:
    """The smallest window (width, height) in fine pixels, in the middle of the picture, that holds the shoe."""
    window = []
    for axis, size in enumerate(view.size):
        reach = np.abs(seen[:, axis] / seen[:, 2]).max() * view.focal * SUPERSAMPLING + 2
        margin = max(0, size - int(np.ceil(reach))) // SUPERSAMPLING * SUPERSAMPLING
        window.append(2 * (size - margin))
    return window[0], window[1]


def _draw(
    vertices: NDArray[np.float32],
    triangles: NDArray[np.int32],
    colours: NDArray[np.float32],
    view: Camera,
    window: tuple[int, int],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One pass of the rasteriser: the interpolated vertex colours (0..1) and the depth."""
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = view.rotation, view.shift
    fov = 2 * np.arctan(window[1] / 2 / (view.focal * SUPERSAMPLING))
    settings = cv2.TriangleRasterizeSettings()
    settings.setShadingType(cv2.RASTERIZE_SHADING_SHADED)
    settings.setCullingMode(cv2.RASTERIZE_CULLING_NONE)
    blank = np.zeros((window[1], window[0], 3), np.float32)
    far = np.full((window[1], window[0]), FAR, np.float32)
    drawn, depth = cv2.triangleRasterize(vertices, triangles, colours, blank, far, pose, fov, NEAR, FAR, settings)
    return np.asarray(drawn), np.asarray(depth)


def _bounds(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Top, bottom, left, right of the shoe, on whole pixels of the picture (even fine pixels)."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return 0, SUPERSAMPLING, 0, SUPERSAMPLING
    step = SUPERSAMPLING
    top, left = rows[0] // step * step, columns[0] // step * step
    return int(top), int(rows[-1] // step * step + step), int(left), int(columns[-1] // step * step + step)
