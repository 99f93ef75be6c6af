"""What a mask keeps of a plain backdrop around the shoe: a rim of it, and the dark of its old shadow below the sole.

On their own backdrop nobody sees either; on a colour, or beside a new shadow, both shine.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.fit import Picture
from ml.imaging.regions import Floats, lab_of, soften

_RIM = 0.012
"""How far in from a mask's edge a rim of backdrop is looked for, as a share of the long side."""
_ALIKE = 2.5
"""CIE76 from the backdrop within which a pixel of the rim is backdrop; white soles are some 4 off white."""
_SHADOW = 0.05
"""How far up from a mask's lower edge its old shadow is looked for, as a share of the long side."""
_GREY = 5.0
"""How much more coloured than the backdrop a shadow on it may be, in CIE76."""
_SLOWEST, _FASTEST = 0.25, 5.0
"""How much darker a shadow becomes in a pixel towards the sole, in L*: flat is a sole, a step its edge."""


def trimmed(picture: Picture, opacity: Floats, colour: NDArray[np.uint8]) -> Floats:
    """The opacity (H, W) of a shoe before a backdrop of that colour (3,), less what is rim or old shadow."""
    lab = lab_of(picture)
    difference = lab - lab_of(colour[None, None])[0, 0]
    outside = _rim(difference, opacity) | _old_shadow(soften(difference, 0.7), opacity)
    return np.asarray(np.minimum(opacity, 1 - cv2.GaussianBlur(outside.astype(np.float32), (0, 0), 0.7)), np.float32)


def _rim(difference: Floats, opacity: Floats) -> NDArray[np.bool_]:
    """What has the backdrop's colour, near the edge and open to the outside."""
    reach = max(1, round(_RIM * max(opacity.shape)))
    inner = cv2.erode((opacity > 0.5).astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
    alike = (np.linalg.norm(difference, axis=2) < _ALIKE) & ~inner
    passable = np.pad((alike | (opacity < 0.05)).astype(np.uint8), 1, constant_values=1)
    _, parts = cv2.connectedComponents(passable)
    return np.asarray((parts == parts[0, 0])[1:-1, 1:-1])


def _old_shadow(difference: Floats, opacity: Floats) -> NDArray[np.bool_]:
    """From below, column by column: as long as it is grey and becomes darker steadily."""
    height = len(opacity)
    shadow = np.zeros(opacity.shape, bool)
    columns = np.flatnonzero((opacity > 0.05).any(axis=0))
    rows = height - 1 - (opacity[::-1, columns] > 0.05).argmax(axis=0)
    for _ in range(max(2, round(_SHADOW * max(opacity.shape)))):
        here, above = difference[rows, columns], difference[np.maximum(rows - 1, 0), columns]
        darker = here[:, 0] - above[:, 0]
        grey = np.hypot(here[:, 1], here[:, 2]) < _GREY
        goes_on = grey & (darker > _SLOWEST) & (darker < _FASTEST) & (rows > 0)
        columns, rows = columns[goes_on], rows[goes_on]
        shadow[rows, columns] = True
        rows = rows - 1
    return shadow
