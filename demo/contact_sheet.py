"""Many renderings on one page, to be looked at."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.models import MODELS, ShoeModel
from demo.render import render

Picture = NDArray[np.uint8]


def contact_sheet(
    models: Sequence[ShoeModel] = MODELS,
    *,
    angles: Sequence[float] = (0,),
    colorways: int = 1,
    size: tuple[int, int] = (240, 160),
    columns: int = 6,
) -> Picture:
    """Every model in its first `colorways` colorways from every angle, with its name: one RGB picture."""
    cells = [
        named(render(model, colorway, angle, size=size).image, f"{model.brand} {model.name}")
        for model in models
        for colorway in model.colorways[:colorways]
        for angle in angles
    ]
    return in_rows(cells, columns)


def named(picture: Picture, name: str) -> Picture:
    """The picture with a name at its foot."""
    named = picture.copy()
    scale = picture.shape[1] / 640
    cv2.putText(named, name, (6, picture.shape[0] - 5), cv2.FONT_HERSHEY_SIMPLEX, scale, (90, 90, 90), 1, cv2.LINE_AA)
    return named


def in_rows(cells: Iterable[Picture], columns: int) -> Picture:
    """Pictures of one size beside and below each other; what is left over of the last row is white."""
    pictures = list(cells)
    blank = np.full_like(pictures[0], 255)
    pictures += [blank] * (-len(pictures) % columns)
    rows = [np.hstack(pictures[start : start + columns]) for start in range(0, len(pictures), columns)]
    return np.vstack(rows)
