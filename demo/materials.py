"""From a design to the painted sheet, and from sheet and colorway to colours."""

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.design import Design
from demo.marks import draw_mark
from demo.mesh import PATCHES
from demo.panels import (
    PIXELS,
    UPPER_PANELS,
    WALL_PATTERNS,
    Cloth,
    cloth_of,
    eyelets,
    from_canvas,
    on_canvas,
    side_canvas,
    wall_spots,
)
from demo.shape import Form
from demo.sheet import ROLES, Painter, Sheet

Rgb = tuple[int, int, int]


def paint(form: Form, design: Design) -> Sheet:
    """The design sheet of a shoe. The grain of its materials comes from one fixed seed."""
    painter = Painter()
    _paint_upper(painter, cloth_of(form), design)
    _paint_wall(painter, form, design)
    painter.fill("lining", "lining", "felt")
    painter.fill("under", "outsole", "rubber")
    painter.fill("laces", "laces", "canvas")
    painter.fill("strap", design.strap_role, "leather")
    painter.fill("tab", "mark", "canvas")
    _paint_tongue(painter, design)
    _paint_strap(painter, design)
    return painter.sheet()


def colour(sheet: Sheet, design: Design, tones: dict[str, Rgb]) -> NDArray[np.float32]:
    """The sheet in linear light, (H, W, 3) float32 in 0..1: each role in the colour of its tone."""
    palette = np.array([tones[design.tone(role)] for role in ROLES], np.float32) / 255
    linear = np.clip(palette, 0.02, 0.97) ** 2.0
    return np.asarray(linear[sheet.role] * sheet.texture[..., None], np.float32)


def _paint_upper(painter: Painter, cloth: Cloth, design: Design) -> None:
    painter.fill("upper", "base", design.base)
    for panel in design.panels:
        mask = UPPER_PANELS[panel.kind](cloth, panel.measure)
        painter.panel("upper", mask, panel.role, panel.material, panel.thickness, panel.stitched)
    if design.lacing != "none":
        painter.groove("upper", eyelets(cloth, design.rows), 2.0)
    mark = design.mark
    if mark.kind == "none":
        return
    canvas = side_canvas()
    draw_mark(
        canvas,
        mark.kind,
        on_canvas(mark.x, mark.h),
        (mark.half_width * PIXELS, mark.half_height * PIXELS),
        mark.turn_deg,
    )
    below_rim = (cloth.rim > 0.004) & (cloth.x < 0.93)
    painter.panel("upper", from_canvas(canvas, cloth) & below_rim, mark.role, "leather", 0.8, False)
    if design.heel_mark:
        mark_mask = _heel_mark(cloth, mark.kind)
        painter.panel("upper", mark_mask, _badge_on(painter, design, mark_mask), "leather", 0.6, False)


def _badge_on(painter: Painter, design: Design, mask: NDArray[np.bool_]) -> str:
    """The badge role that stands out from what lies under most of the mask."""
    _, _, width, height = PATCHES["upper"]
    under = painter.role[:height, :width][mask]
    ground = ROLES[int(np.bincount(under).argmax())] if len(under) else "base"
    return "badge" if design.tone(ground) in ("L", "M", "W", "G") else "badge_light"


def _heel_mark(cloth: Cloth, kind: str) -> NDArray[np.bool_]:
    """The mark once more, small, on the back of the heel (drawn on both halves of the seam)."""
    canvas = np.zeros((300, 300), np.uint8)
    draw_mark(canvas, kind, (150.0, 150.0), (46.0, 46.0))
    across, up = cloth.y * 1600, (cloth.h - cloth.top * 0.52) * 1600
    mask = cv2.remap(canvas, (150 + across).astype(np.float32), (150 - up).astype(np.float32), cv2.INTER_LINEAR) > 127
    return np.asarray(mask & (cloth.p > 0.9))


def _paint_wall(painter: Painter, form: Form, design: Design) -> None:
    spots = wall_spots(form)
    painter.fill("wall", "sole", "foam")
    painter.panel("wall", WALL_PATTERNS[design.wall](spots), "pattern", "rubber", design.wall_relief, False)
    if design.outsole > 0:
        painter.panel("wall", spots.w < design.outsole, "outsole", "rubber", 0.5, False)
    painter.groove("wall", np.abs(spots.w - 0.93) < 0.012, 0.5)


def _paint_tongue(painter: Painter, design: Design) -> None:
    painter.fill("tongue", "tongue", design.base if design.base in ("mesh", "knit") else "canvas")
    _, _, width, height = PATCHES["tongue"]
    canvas = np.zeros((height, width), np.uint8)
    draw_mark(canvas, design.mark.kind, (width / 2, 20.0), (52.0, 12.0))
    y, x = np.indices(canvas.shape)
    label = (np.abs(x - width / 2) < 90) & (np.abs(y - 20) < 15)
    painter.panel("tongue", label, "heel", "canvas", 0.4, True)
    light_label = design.tone("heel") in ("L", "M", "W", "G")
    painter.panel("tongue", canvas > 127, "badge" if light_label else "badge_light", "leather", 0.3, False)


def _paint_strap(painter: Painter, design: Design) -> None:
    _, _, width, height = PATCHES["strap"]
    y, x = np.indices((height, width))
    inner = (np.abs(y - height / 2) < height * 0.4) & (np.abs(x - width / 2) < width * 0.47)
    painter.panel("strap", inner, design.strap_role, "leather", 0.4, True)
    canvas = np.zeros((height, width), np.uint8)
    draw_mark(canvas, design.mark.kind, (width / 2, height / 2), (34.0, 16.0))
    light_strap = design.tone(design.strap_role) in ("L", "M", "W", "G")
    painter.panel("strap", canvas > 127, "badge" if light_strap else "badge_light", "leather", 0.4, False)
