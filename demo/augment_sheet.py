"""Every augment of a few demo shoes on one page: the figure of docs/augments.md."""

from __future__ import annotations

import cv2
import numpy as np

from demo.contact_sheet import in_rows, named
from demo.models import MODELS
from demo.noise import Picture
from demo.photos import phone_photo
from demo.render import render
from ml.imaging.augments.table import AUGMENTS, make_augment
from ml.imaging.cutout import cut_out

_SIZE = (480, 320)
_CELL = (300, 200)
_COLUMNS = 5
_PAGE = 238
_PHOTO = 11  # a phone photo of which much is to be seen


def augment_sheet(seed: int = 1) -> Picture:
    """Two shop pictures and a phone photo, two rows each, with the augments' titles: one RGB picture."""
    cells = []
    for picture in _pictures():
        cutout = cut_out(picture)
        for name, augment in AUGMENTS.items():
            cells.append(named(_fitted(make_augment(name, picture, cutout, seed)), augment.title))
    return in_rows(cells, _COLUMNS)


def _pictures() -> tuple[Picture, ...]:
    white, grey, busy = MODELS[2], MODELS[9], MODELS[10]
    photo = phone_photo(busy, busy.colorways[0], np.random.default_rng(_PHOTO), _SIZE, hardness=0.1)
    return (
        render(white, white.colorways[0], 0, size=_SIZE).image,
        render(grey, grey.colorways[1], 20, size=_SIZE, background=(226, 228, 232)).image,
        photo.image,
    )


def _fitted(picture: Picture) -> Picture:
    """In the middle of a cell, with a little room at its foot for the name."""
    width, height = _CELL
    scale = min((width - 8) / picture.shape[1], (height - 24) / picture.shape[0])
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    cell = np.full((height, width, 3), _PAGE, np.uint8)
    left, top = (width - size[0]) // 2, (height - 20 - size[1]) // 2
    cell[top : top + size[1], left : left + size[0]] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return cell
