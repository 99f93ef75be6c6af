"""The shadow on the floor below a shoe: close under the sole, and a wide one around it, as under a soft box."""

from __future__ import annotations

import cv2
import numpy as np

from ml.imaging.augments.scene import Matrix, Scene, lowest_rows
from ml.imaging.augments.shoe import Shoe
from ml.imaging.regions import Floats

_CONTACT, _AROUND = 0.5, 0.28
"""How dark each of the two is; together two thirds, which is still a product photo."""
_HALF_WIDTH = 0.17
"""Half a shoe's width as a share of its length (size 42: 10 by 29 cm)."""
_LIFT = 0.05
"""The height over the floor, as a share of the shoe's, at which its shadow has faded to a third: toes bend upwards."""
_LUG = 0.06
"""The width of gaps in a tread, as a share of the shoe's length, that the shadow knows nothing of."""
_WALL = 0.02
"""How far the shadow around a card reaches, as a share of the picture's long side."""
_COLUMNS, _ROWS, _BESIDE = 192, 48, 0.15
"""The raster that the floor is drawn in, coarse because it is soft, and how far it goes beyond the shoe's ends."""


def shadow_of(scene: Scene, placed: Matrix | None = None) -> Floats:
    """(H, W), 0 none to 1 black: the shadow of the scene's shoe; `placed` (3, 3) moves and scales what is seen."""
    height, width = scene.shoe.opacity.shape
    left, _, right, _ = scene.shoe.box
    beside, deep = _BESIDE * (right - left), 2 * _HALF_WIDTH * scene.length
    across, along = (right - left + 2 * beside) / _COLUMNS, 2 * deep / _ROWS
    to_floor = np.array([[across, 0, -(right - left) / 2 - beside], [0, along, -deep], [0, 0, 1]])
    matrix = scene.floor_to_picture() @ to_floor
    seen = cv2.warpPerspective(
        _darkness(scene), matrix if placed is None else placed @ matrix, (width, height), flags=cv2.INTER_LINEAR
    )
    return np.asarray(cv2.GaussianBlur(seen, (0, 0), max(0.3, 0.006 * scene.length)), np.float32)


def shadow_around(shoe: Shoe) -> Floats:
    """(H, W): the shadow of a flat thing just before a wall, all around it: a white card on white is seen by it."""
    spread = max(0.3, _WALL * max(shoe.opacity.shape))
    return np.asarray(_CONTACT * cv2.GaussianBlur(shoe.opacity, (0, 0), spread), np.float32)


def _darkness(scene: Scene) -> Floats:
    """The floor from above, (_ROWS, _COLUMNS): a band as broad as a shoe, where the shoe is near the floor."""
    touching = _touching(scene)[None]
    touched = cv2.dilate(touching, np.ones((1, max(1, round(_LUG * touching.shape[1]))), np.uint8))
    beside = round(_BESIDE * touched.shape[1])
    along = cv2.resize(np.pad(touched, ((0, 0), (beside, beside))), (_COLUMNS, 1), interpolation=cv2.INTER_AREA)
    across = np.abs(np.linspace(-2, 2, _ROWS))[:, None] < 1
    footprint = (along * across).astype(np.float32)
    near, around = (cv2.GaussianBlur(footprint, (0, 0), spread) for spread in (1.5, 7.0))
    return np.asarray(1 - (1 - _CONTACT * near) * (1 - _AROUND * around), np.float32)


def _touching(scene: Scene) -> Floats:
    """(columns of the box,): 1 where the shoe stands on the floor, less where it bends away from it, 0 beside it."""
    left, top, right, bottom = scene.shoe.box
    row, fall = scene.floor_line
    floor = row - 1 + fall * (np.arange(left, right) - (left + right) / 2)
    gap = np.maximum(floor - lowest_rows(scene.shoe), 0) / (bottom - top)
    return np.asarray(np.nan_to_num(np.exp(-gap / _LIFT)), np.float32)
