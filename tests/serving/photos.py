"""Painted shoes for the tests of serving: what `on_white` makes of them is what the tiny bundle was taught."""

from __future__ import annotations

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.imaging.cutout import cut_out, on_white

Colour = tuple[int, int, int]
COLOURS: dict[str, Colour] = {"red_dart": (200, 30, 40), "green_dart": (20, 130, 60), "blue_dart": (30, 50, 190)}
OUTLINE = np.array([[60, 190], [100, 180], [150, 130], [190, 110], [230, 115], [255, 135], [260, 200], [65, 205]])


def shop_picture(colour: Colour) -> NDArray[np.uint8]:
    """A shoe in one colour with a dark sole on white, (300, 400, 3)."""
    image = np.full((300, 400, 3), 255, np.uint8)
    cv2.fillPoly(image, [OUTLINE], colour)
    cv2.rectangle(image, (62, 192), (260, 205), (40, 40, 40), -1)
    return image


def shoe(colour: Colour) -> NDArray[np.uint8]:
    """The same, cut out."""
    image = shop_picture(colour)
    return on_white(image, cut_out(image))


def photo(colour: Colour) -> bytes:
    """The same as a JPEG file."""
    file = io.BytesIO()
    Image.fromarray(shop_picture(colour)).save(file, "JPEG", quality=92)
    return file.getvalue()
