"""Random variants of training pictures: what a phone, a shelf and a JPEG do to a shoe.

Works on squares of uint8 RGB, one at a time, in OpenCV: about 0.2 ms a picture at 64 pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ml.training.backgrounds import set_into, shoe_mask

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Augmentation:
    """How far pictures are bent: angles in degrees, shifts as a share of the side, the rest as a share of the range.

    Each `..._chance` is the probability that the step happens at all.
    """

    flip_chance: float = 0.5
    rotation_deg: float = 15.0
    smallest_zoom: float = 0.75
    largest_zoom: float = 1.35
    squeeze: float = 0.12
    shift: float = 0.12
    brightness: float = 0.3
    contrast: float = 0.3
    tint: float = 0.08
    saturation: float = 0.3
    blur_chance: float = 0.2
    noise_chance: float = 0.2
    jpeg_chance: float = 0.2
    erase_chance: float = 0.25
    scene_chance: float = 0.5
    repaint_chance: float = 0.3


STRONG = Augmentation()


def augment(
    picture: Picture, random: Generator, how: Augmentation = STRONG, scenes: NDArray[np.uint8] | None = None
) -> Picture:
    """A random variant of an (S, S, 3) picture; the same generator state gives the same variant.

    Where `scenes` (N, S, S, 3) are given, a shoe on white may be set into one of them.
    """
    variant = _bend(picture, random, how, scenes if random.random() < how.scene_chance else None)
    variant = _recolour(variant, random, how)
    if random.random() < how.blur_chance:
        spread = random.uniform(0.3, 1.2) * len(picture) / 96
        variant = np.asarray(cv2.GaussianBlur(variant, (0, 0), spread), np.uint8)
    if random.random() < how.noise_chance:
        grain = random.normal(0, random.uniform(2, 10), variant.shape[:2]).astype(np.int16)[..., None]
        variant = np.clip(variant.astype(np.int16) + grain, 0, 255).astype(np.uint8)
    if random.random() < how.jpeg_chance:
        variant = _crush(variant, int(random.integers(25, 80)))
    if random.random() < how.erase_chance:
        variant = _erase(variant, random)
    return np.asarray(variant, np.uint8)


def augment_batch(
    pictures: NDArray[np.uint8],
    random: Generator,
    how: Augmentation = STRONG,
    scenes: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """A variant of each picture of (N, S, S, 3)."""
    return np.stack([augment(picture, random, how, scenes) for picture in pictures])


def _bend(picture: Picture, random: Generator, how: Augmentation, scenes: NDArray[np.uint8] | None) -> Picture:
    """Flip, turn, zoom, squeeze and shift in one resampling; the border's own colours fill what comes into view.

    A shoe on white may get a scene behind it that stays where it is.
    """
    matrix, size = _random_map(len(picture), random, how), (len(picture), len(picture))
    bent = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = shoe_mask(picture) if scenes is not None and len(scenes) else None
    if mask is None or scenes is None:
        return np.asarray(bent, np.uint8)
    bent_mask = np.asarray(cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_LINEAR), np.float32)
    return set_into(np.asarray(bent, np.uint8), bent_mask, scenes[random.integers(len(scenes))], random)


def _random_map(size: int, random: Generator, how: Augmentation) -> NDArray[np.float64]:
    """An affine map (2, 3) of a square onto itself."""
    zoom = math.exp(random.uniform(math.log(how.smallest_zoom), math.log(how.largest_zoom)))
    squeeze = 1 + random.uniform(-how.squeeze, how.squeeze)
    angle = math.radians(random.uniform(-how.rotation_deg, how.rotation_deg))
    mirror = -1.0 if random.random() < how.flip_chance else 1.0
    stretch = np.diag([mirror * zoom * squeeze, zoom / squeeze])
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    linear = turn @ stretch
    middle = np.full(2, (size - 1) / 2)
    offset = middle + random.uniform(-how.shift, how.shift, 2) * size - linear @ middle
    return np.column_stack([linear, offset])


def _recolour(picture: Picture, random: Generator, how: Augmentation) -> Picture:
    """Saturation, brightness, contrast and a tint of the light, as one matrix on RGB.

    Now and then all hues are turned, as in another colorway: a model is known by its form.
    """
    saturation = 1 + random.uniform(-how.saturation, how.saturation)
    contrast = 1 + random.uniform(-how.contrast, how.contrast)
    brightness = random.uniform(-how.brightness, how.brightness) * 128
    tints = 1 + random.uniform(-how.tint, how.tint, 3)
    grey = np.tile([0.299, 0.587, 0.114], (3, 1))
    colours = (saturation * np.eye(3) + (1 - saturation) * grey) * contrast * tints[:, None]
    shift = (1 - contrast) * 128 + brightness
    if random.random() < how.repaint_chance:
        colours = colours @ _turned_hues(random.uniform(0, 2 * math.pi))
    matrix = np.column_stack([colours, np.full(3, shift)]).astype(np.float32)
    return np.asarray(cv2.transform(picture, matrix), np.uint8)


def _turned_hues(angle: float) -> NDArray[np.float64]:
    """(3, 3): RGB turned around the grey axis, in radians; greys stay as they are."""
    along, across = math.cos(angle), math.sin(angle) / math.sqrt(3)
    circular = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
    return along * np.eye(3) + (1 - along) / 3 * np.ones((3, 3)) + across * circular


def _crush(picture: Picture, quality: int) -> Picture:
    """Through JPEG and back. The bytes are our own: nothing foreign reaches OpenCV's decoder."""
    _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


def _erase(picture: Picture, random: Generator) -> Picture:
    """A rectangle of one random colour, 2 to 15 % of the picture, as if something stood before it."""
    size = len(picture)
    area, shape = random.uniform(0.02, 0.15) * size * size, math.exp(random.uniform(-1, 1))
    height = min(size, max(1, round(math.sqrt(area * shape))))
    width = min(size, max(1, round(math.sqrt(area / shape))))
    top, left = int(random.integers(0, size - height + 1)), int(random.integers(0, size - width + 1))
    erased = picture.copy()
    erased[top : top + height, left : left + width] = random.integers(0, 256, 3)
    return erased
