"""Pictures with no shoe in them, as different from each other as can be: what the identifier must say no to.

Places, things and people in places, things and torn pieces of places on white (what a cut-out makes of such a photo),
landscapes, graphics. Photographed as badly as the shoes are, so that a bad photo alone is no sign of a shoe.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from demo import backgrounds
from demo.graphics import GRAPHICS
from demo.living import LIVING
from demo.masks import on_white, patch_mask, worn
from demo.noise import Canvas, Picture, floats, one_of, plain, to_canvas, to_picture
from demo.phone_camera import crush, snap
from demo.sketch import paste
from demo.things import THINGS

Maker = Callable[[Generator, tuple[int, int]], Canvas]


def non_shoe(rng: Generator, size: tuple[int, int] = (320, 240)) -> Picture:
    """A picture, `size` (width, height), of anything but a shoe."""
    hardness = float(rng.beta(2, 2))
    makers, photographed = one_of(rng, KINDS)
    scene = np.ascontiguousarray(one_of(rng, makers)(rng, (size[1], size[0])))
    if photographed and rng.random() < 0.9:
        return snap(rng, scene, hardness)
    return crush(rng, to_picture(scene), hardness * 0.7)


def subject(rng: Generator, shape: tuple[int, int]) -> Canvas:
    """One thing, person or animal, large, in some place."""
    scene = backgrounds.place(rng, shape, float(rng.uniform(0, 0.8)))
    if rng.random() < 0.5:
        scene = floats(cv2.GaussianBlur(scene, (0, 0), shape[1] * rng.uniform(0.005, 0.03)))
    _pose_before(rng, scene)
    return scene


def on_plain(rng: Generator, shape: tuple[int, int]) -> Canvas:
    """Things as a shop shows them: on white or a pale ground, with a faint shadow."""
    pale = rng.uniform(0.9, 1.0)
    scene = plain(shape, (1.0, 1.0, 1.0) if rng.random() < 0.7 else (pale, pale, pale))
    for _ in range(int(rng.choice((1, 1, 1, 2, 4)))):
        _pose_before(rng, scene)
    return scene


def cut_thing(rng: Generator, shape: tuple[int, int]) -> Canvas:
    """A photo of a thing, cut out as badly as shoes are: on white, with a rim of its background."""
    side = min(shape)
    sheet = _drawn(rng, int(side * rng.uniform(0.6, 1.0)))
    layer = np.zeros((*shape, 4), np.float32)
    top, left = (shape[0] - sheet.shape[0]) // 2, (shape[1] - sheet.shape[1]) // 2
    layer[top : top + sheet.shape[0], left : left + sheet.shape[1]] = sheet
    scene = backgrounds.place(rng, shape)
    paste(scene, layer, 0, 0)
    photo = snap(rng, scene, float(rng.beta(2, 2)))
    return to_canvas(on_white(rng, photo, worn(rng, to_picture(layer[..., 3])), shape))


def torn_place(rng: Generator, shape: tuple[int, int]) -> Canvas:
    """A piece of some place on white: what a cut-out makes of a photo without any subject."""
    photo = snap(rng, backgrounds.place(rng, shape, float(rng.random())), float(rng.beta(2, 2)))
    return to_canvas(on_white(rng, photo, worn(rng, patch_mask(rng, shape)), shape))


def close_up(rng: Generator, shape: tuple[int, int]) -> Canvas:
    """A surface or a part of a thing, very near."""
    side = int(max(shape) * rng.uniform(1.5, 3))
    scene = backgrounds.from_above(rng, shape, 0.2)
    paste(scene, _drawn(rng, side), int(-side * rng.uniform(0.2, 0.6)), int(-side * rng.uniform(0.2, 0.6)))
    return scene


def graphic(rng: Generator, shape: tuple[int, int]) -> Canvas:
    """A flag, chart, page, pattern, noise, plain colour."""
    return one_of(rng, GRAPHICS)(rng, shape)


def _place(rng: Generator, shape: tuple[int, int]) -> Canvas:
    return backgrounds.place(rng, shape, float(rng.random()))


def _drawn(rng: Generator, side: int) -> Canvas:
    return backgrounds.draw(rng, side, LIVING if rng.random() < 0.45 else THINGS)


def _pose_before(rng: Generator, scene: Canvas) -> None:
    """Put one large drawn thing, perhaps turned or squeezed, into the scene."""
    height, width = scene.shape[:2]
    side = int(min(height, width) * rng.uniform(0.45, 1.15))
    sheet = _drawn(rng, side)
    high = max(8, int(side * rng.uniform(0.6, 1.0)))
    if rng.random() < 0.4:
        sheet = floats(cv2.resize(sheet, (side, high), interpolation=cv2.INTER_AREA))
    turn = cv2.getRotationMatrix2D((sheet.shape[1] / 2, sheet.shape[0] / 2), rng.normal(0, 15), 1.0)
    sheet = floats(cv2.warpAffine(sheet, turn, (sheet.shape[1], sheet.shape[0])))
    paste(scene, sheet, int((width - side) * rng.uniform(0.1, 0.9)), int((height - sheet.shape[0]) * rng.uniform(0, 1)))


# How often each kind comes, and whether it was photographed. Cut-outs come often: the identifier looks at one of
# every photo.
KINDS: tuple[tuple[tuple[Maker, ...], bool], ...] = (
    ((_place,), True),
    ((_place,), True),
    ((subject,), True),
    ((subject,), True),
    ((on_plain,), True),
    ((on_plain, cut_thing), False),
    ((cut_thing,), False),
    ((torn_place,), False),
    ((cut_thing, torn_place), False),
    ((torn_place, close_up), True),
    ((graphic,), False),
    ((graphic, subject), True),
)
