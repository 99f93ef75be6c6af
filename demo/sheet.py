"""The design sheet of a shoe: role, relief, gloss and fine texture of each spot of its surface, before any colour."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.mesh import PATCHES, SHEET_SIZE

ROLES = (
    "base", "overlay", "second", "mark", "toe", "heel", "sole", "outsole", "pattern", "lining", "tongue", "laces",
    "stitch", "badge", "badge_light",
)  # fmt: skip
Mask = NDArray[np.bool_]
Field = NDArray[np.float32]
SEED = 20
GLOSS = {
    "leather": 0.3,
    "patent": 1.0,
    "suede": 0.0,
    "mesh": 0.04,
    "knit": 0.02,
    "canvas": 0.03,
    "rubber": 0.18,
    "foam": 0.1,
    "felt": 0.0,
}


@dataclass(frozen=True)
class Sheet:
    """Per pixel of the sheet: role (index into ROLES), texture (a factor on the colour), height (relief), gloss."""

    role: NDArray[np.uint8]
    texture: Field
    height: Field
    gloss: Field


class Painter:
    """Paints one patch after another; later panels lie over earlier ones."""

    def __init__(self) -> None:
        width, height = SHEET_SIZE
        self.role = np.zeros((height, width), np.uint8)
        self.texture = np.ones((height, width), np.float32)
        self.height = np.zeros((height, width), np.float32)
        self.gloss = np.zeros((height, width), np.float32)

    def sheet(self) -> Sheet:
        return Sheet(self.role, self.texture, self.height, self.gloss)

    def fill(self, patch: str, role: str, material: str) -> None:
        """The ground of a patch."""
        _, _, width, height = PATCHES[patch]
        self._lay(patch, np.ones((height, width), bool), role, material)

    def panel(
        self, patch: str, mask: Mask, role: str, material: str, thickness: float = 1.0, stitched: bool = True
    ) -> None:
        """A piece laid on a patch: raised, with a dark line where it ends and a row of stitches within its edge."""
        if not mask.any() or mask.all():
            return self._lay(patch, mask, role, material) if mask.any() else None
        inside, outside = _to_edge(mask), _to_edge(~mask)
        self._lay(patch, mask, role, material)
        cut = self._cut(patch)
        self.height[cut] += thickness * np.clip(inside / 4, 0, 1)
        self.texture[cut] *= 1 - 0.34 * thickness * np.exp(-outside / 3.5) * ~mask
        self.texture[cut] *= 1 - 0.12 * np.exp(-inside / 1.2) * mask
        if stitched:
            self._stitch(patch, inside)
        return None

    def groove(self, patch: str, mask: Mask, depth: float = 1.0) -> None:
        """A line pressed into the surface."""
        soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.2)
        cut = self._cut(patch)
        self.height[cut] -= depth * soft
        self.texture[cut] *= 1 - 0.3 * depth * soft

    def _stitch(self, patch: str, inside: Field) -> None:
        rows, columns = np.indices(inside.shape)
        line = (inside > 6.0) & (inside < 8.2)
        dash = ((columns + rows) % 9) < 6
        cut = self._cut(patch)
        self.role[cut][line & dash] = ROLES.index("stitch")
        self.texture[cut] *= 1 - 0.18 * (line & ~dash)
        self.height[cut] -= 0.25 * np.exp(-((inside - 7.0) ** 2) / 4)

    def _lay(self, patch: str, mask: Mask, role: str, material: str) -> None:
        cut = self._cut(patch)
        texture, relief = _weave(material, patch)
        self.role[cut][mask] = ROLES.index(role)
        self.texture[cut][mask] = texture[mask]
        self.height[cut] = np.where(mask, self._under(patch) + relief, self.height[cut])
        self.gloss[cut][mask] = GLOSS[material]

    def _under(self, patch: str) -> Field:
        return np.asarray(cv2.blur(self.height[self._cut(patch)], (9, 9)), np.float32)

    def _cut(self, patch: str) -> tuple[slice, slice]:
        left, top, width, height = PATCHES[patch]
        return np.s_[top : top + height, left : left + width]


@lru_cache(maxsize=1)
def _noise() -> tuple[Field, Field, Field]:
    """Fine, middle and broad clouds over the sheet, mean 0 and deviation 1; the same for every shoe."""
    width, height = SHEET_SIZE
    fine = np.random.default_rng(SEED).standard_normal((height, width)).astype(np.float32)
    clouds = []
    for size in (1, 3, 10):  # blurring the small is as good as blurring the large, and cheaper
        coarse = fine[: height // size + 1, : width // size + 1]
        soft = cv2.resize(cv2.GaussianBlur(coarse, (0, 0), 1.0), (width, height), interpolation=cv2.INTER_CUBIC)
        clouds.append(np.asarray(soft / soft.std(), np.float32))
    return clouds[0], clouds[1], clouds[2]


@lru_cache(maxsize=64)
def _weave(material: str, patch: str) -> tuple[Field, Field]:
    """The texture (a factor) and relief of a material over a whole patch."""
    left, top, width, height = PATCHES[patch]
    fine, grain, broad = (noise[top : top + height, left : left + width] for noise in _noise())
    y, x = np.indices(fine.shape, dtype=np.float32)
    texture, relief = 1 + 0.006 * broad, 0.01 * broad
    if material == "mesh":
        holes = np.clip(np.sin(x * 0.7) * np.sin(y * 0.7 + np.floor(x / 9) * 1.5) * 1.6 - 0.3, 0, 1)
        texture, relief = 1 - 0.42 * holes + 0.01 * broad, -0.35 * holes
    elif material == "knit":
        rib = np.sin(x * 0.8 + 1.4 * np.abs((y % 14) / 7 - 1)) * 0.5 + np.sin(y * 0.9) * 0.3
        texture, relief = 1 + 0.09 * rib + 0.015 * broad, 0.25 * rib
    elif material == "canvas":
        weave = np.sin(x * 1.3) * np.sin(y * 1.3)
        texture, relief = 1 + 0.07 * weave + 0.02 * grain, 0.1 * weave
    elif material == "suede":
        texture, relief = 1 + 0.035 * fine + 0.03 * broad, 0.05 * fine
    elif material == "felt":
        texture, relief = 1 + 0.04 * grain + 0.03 * broad, 0.08 * grain
    elif material == "leather":
        texture, relief = 1 + 0.012 * grain + 0.012 * broad, 0.06 * grain + 0.05 * broad
    elif material == "foam":
        texture, relief = 1 + 0.01 * fine, 0.02 * fine
    return texture.astype(np.float32), relief.astype(np.float32)


def _to_edge(mask: Mask) -> Field:
    """Distance in pixels from each spot of the mask to the nearest spot outside it."""
    return np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3), np.float32)
