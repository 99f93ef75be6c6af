"""Pictures of the demo shoes: one geometry per model and angle, coloured as often as there are colorways.

Angle 0 shows the lateral side with the toe to the right, 90 the toe, 180 the medial side, 270 the heel. The same
arguments always give the same picture, and mask and angle are exact because they come from the geometry.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.camera import SUPERSAMPLING, Buffers, Camera, camera, rasterise
from demo.light import Light, lit, shadow
from demo.materials import colour, paint
from demo.mesh import Mesh, lining_part, mesh_of, upper_part, wall_parts
from demo.models import Colorway, ShoeModel
from demo.shape import Form, form_of
from demo.sheet import Sheet
from demo.trims import lace_parts, strap_parts, tab_parts, tongue_part

Picture = NDArray[np.uint8]
Field = NDArray[np.float32]
Rgb = tuple[int, int, int]
ANGLES = tuple(range(0, 360, 10))


@dataclass(frozen=True)
class Rendering:
    image: Picture  # (H, W, 3) RGB
    mask: Picture  # (H, W) 0..255, the share of each pixel that the shoe covers
    angle_deg: float


@dataclass(frozen=True)
class View:
    """One model seen from one side, lit, without colour."""

    buffers: Buffers
    diffuse: Field  # (h, w, 3) light on each fine pixel of the crop
    shine: Field  # (h, w, 3)
    coverage: Field  # (H, W) of the whole picture, 0..1
    shadow: Field  # (H, W), 0 none .. 1 black


def render(
    model: ShoeModel,
    colorway: Colorway,
    angle_deg: float,
    *,
    size: tuple[int, int] = (480, 320),
    elevation_deg: float = 8.0,
    light: Light | None = None,
    background: Rgb = (255, 255, 255),
) -> Rendering:
    """The shoe with its soft shadow on a plain background; size is (width, height)."""
    light = light or Light()
    view = view_of(model.slug, float(angle_deg) % 360, float(elevation_deg), size, light)
    shoe = _premultiplied(model, colorway, view)
    ground = (np.array(background, np.float32) / 255) ** 2
    behind = (1 - view.shadow) * (1 - view.coverage)
    shoe += cv2.merge([behind * channel for channel in ground])
    return Rendering(_to_bytes(shoe), _to_mask(view.coverage), float(angle_deg) % 360)


def cutout_rgba(
    model: ShoeModel,
    colorway: Colorway,
    angle_deg: float,
    *,
    size: tuple[int, int] = (480, 320),
    elevation_deg: float = 8.0,
    light: Light | None = None,
) -> Picture:
    """The shoe alone, (H, W, 4) RGBA with straight alpha and no shadow, for pasting on any background."""
    light = light or Light()
    view = view_of(model.slug, float(angle_deg) % 360, float(elevation_deg), size, light)
    shoe = _premultiplied(model, colorway, view)
    straight = np.asarray(shoe / np.maximum(view.coverage, 1e-3)[..., None], np.float32)
    return np.dstack([_to_bytes(straight), _to_mask(view.coverage)])


def render_sequence(model: ShoeModel, colorway: Colorway, size: tuple[int, int] = (480, 320)) -> Iterator[Rendering]:
    """The 36 pictures of a 360 degree view, in the order of ANGLES."""
    for angle in ANGLES:
        yield render(model, colorway, angle, size=size)


def render_colorways(model: ShoeModel, angle_deg: float, size: tuple[int, int] = (480, 320)) -> list[Rendering]:
    """One angle in every colorway: the cheapest order to render a whole model in."""
    return [render(model, colorway, angle_deg, size=size) for colorway in model.colorways]


@lru_cache(maxsize=8)
def view_of(slug: str, angle_deg: float, elevation_deg: float, size: tuple[int, int], light: Light) -> View:
    mesh, sheet, form = _built(slug)
    view = camera(angle_deg, elevation_deg, float(mesh.vertices[:, 2].max()), size)
    buffers = rasterise(mesh, view)
    diffuse, shine = lit(buffers, sheet, light)
    coverage = _whole(buffers, buffers.mask.astype(np.float32), size)
    tint = light.tint()
    coloured = [
        np.asarray(cv2.merge([plane * strength for strength in tint]), np.float32) for plane in (diffuse, shine)
    ]
    return View(buffers, coloured[0], coloured[1], coverage, shadow(form, view, light))


@lru_cache(maxsize=4)
def _built(slug: str) -> tuple[Mesh, Sheet, Form]:
    model = model_by_slug(slug)
    form = form_of(model.silhouette, model.tooling)
    design = model.design
    parts = [upper_part(form), lining_part(form), *wall_parts(form), tongue_part(form)]
    parts += [
        *lace_parts(form, design.lacing, design.rows),
        *strap_parts(form, design.straps),
        *tab_parts(form, design.tab),
    ]
    return mesh_of(parts), paint(form, design), form


def model_by_slug(slug: str) -> ShoeModel:
    """The model of this slug; KeyError when there is none."""
    from demo.models import MODELS

    return {model.slug: model for model in MODELS}[slug]


@lru_cache(maxsize=6)
def _colours(slug: str, colorway: Colorway) -> Field:
    return colour(_built(slug)[1], model_by_slug(slug).design, colorway.tones())


def _premultiplied(model: ShoeModel, colorway: Colorway, view: View) -> Field:
    """Linear colour times coverage, (H, W, 3)."""
    buffers = view.buffers
    colours = _colours(model.slug, colorway)
    fine = np.asarray(cv2.remap(colours, buffers.sheet_x, buffers.sheet_y, cv2.INTER_LINEAR), np.float32)
    cv2.multiply(fine, view.diffuse, dst=fine)
    cv2.add(fine, view.shine, dst=fine)
    height, width = view.coverage.shape
    return _whole(buffers, fine, (width, height))


def _whole(buffers: Buffers, fine: Field, size: tuple[int, int]) -> Field:
    """A field of the crop, averaged down and set into the whole picture (0 outside)."""
    left, top, right, bottom = (edge // SUPERSAMPLING for edge in buffers.crop)
    small = cv2.resize(fine, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    whole = np.zeros((size[1], size[0], *fine.shape[2:]), np.float32)
    whole[top:bottom, left:right] = small
    return whole


def _to_bytes(linear: Field) -> Picture:
    return np.asarray(cv2.convertScaleAbs(cv2.sqrt(np.clip(linear, 0, 1)), alpha=255), np.uint8)


def _to_mask(coverage: Field) -> Picture:
    return (coverage * 255 + 0.5).astype(np.uint8)


__all__ = ["ANGLES", "Camera", "Light", "Rendering", "cutout_rgba", "render", "render_colorways", "render_sequence"]
