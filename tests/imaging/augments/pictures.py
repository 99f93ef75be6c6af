"""Pictures that the tests of augments share: a drawn shoe before several backgrounds, with its exact mask."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.cutout import Cutout, from_alpha
from tests.drawn_shoes import SHOES, Colour, draw_shoe

Picture = NDArray[np.uint8]
GREY: Colour = (214, 216, 220)


def shoe_on(background: Colour = GREY, size: tuple[int, int] = (320, 240)) -> Picture:
    """A red shoe with a light sole, some room around it; `size` is (width, height)."""
    width, height = size
    small = draw_shoe(SHOES["vello_dart_low"], (width * 3 // 4, height * 3 // 4), background)
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = background
    picture[height // 8 : height // 8 + len(small), width // 8 : width // 8 + small.shape[1]] = small
    return picture


def cutout_of(size: tuple[int, int] = (320, 240)) -> Cutout:
    """The exact cut-out of `shoe_on`."""
    inked = shoe_on((0, 0, 255), size).astype(int)
    mask = np.where(np.abs(inked - (0, 0, 255)).sum(axis=2) > 60, 255, 0).astype(np.uint8)
    cutout = from_alpha(mask)
    assert cutout is not None
    return cutout


def shoe_in_a_room(size: tuple[int, int] = (320, 240)) -> Picture:
    """The same shoe before a wall and on boards, with grain."""
    width, height = size
    room = np.empty((height, width, 3), np.uint8)
    room[: height // 2], room[height // 2 :] = (120, 150, 160), (150, 110, 70)
    room[height // 2 :, ::24] = (90, 60, 40)
    room = cv2.add(room, np.random.default_rng(0).integers(0, 12, room.shape, np.uint8))
    mask = cutout_of(size).mask > 127
    room[mask] = shoe_on(size=size)[mask]
    return room


def corners(picture: Picture) -> NDArray[np.float64]:
    """(4, 3): the mean colours of the four corners."""
    side = max(1, min(picture.shape[:2]) // 24)
    cuts = (slice(None, side), slice(-side, None))
    return np.array([picture[rows, columns].reshape(-1, 3).mean(axis=0) for rows in cuts for columns in cuts])
