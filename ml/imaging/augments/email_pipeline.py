"""The random disturbances of the second published model, for training pictures: an option beside ml.training.augment.

The steps, their order and their numbers are those of the example in Albumentations' documentation ("strong_aug",
https://albumentations.readthedocs.io/en/latest/examples.html), less its quarter turns and distortions, which the
published model leaves out. Where the example says nothing, the numbers are the defaults of version 0.4. Its corners are
mirrored; ours take a plain backdrop's colour where there is one. The library itself is no longer maintained.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from ml.imaging.augments.ground import plain_colour
from ml.imaging.fit import Picture
from ml.imaging.regions import Floats

Step = Callable[[Picture, Generator], Picture]


@dataclass(frozen=True)
class EmailPipeline:
    """The probability of each step. The first two are Flip's and Transpose's defaults, the others the example's."""

    flip: float = 0.5
    transpose: float = 0.5
    noise: float = 0.2
    blur: float = 0.2
    shift_scale_rotate: float = 0.2
    tone: float = 0.3
    hue_saturation_value: float = 0.3


EMAIL_PIPELINE = EmailPipeline()

SHIFT, SCALE, ROTATE_DEG = 0.0625, 0.2, 45.0
"""From the example: at most so far, as a share of the sides, so much larger or smaller, and turned."""
NOISE_VARIANCE = (10.0, 50.0)
"""GaussNoise's default, in grey levels squared."""
MOTION_KERNELS, KERNEL = (3, 5, 7), 3
"""Pixels: MotionBlur's default; blur_limit=3 in the example for the other two."""
BLUR_SHARES = (0.5, 0.25, 0.25)
"""Motion, median and plain blur: the example's 0.2, 0.1 and 0.1, made to sum to 1 as OneOf does."""
CLAHE_CLIP, CLAHE_TILES = (1.0, 2.0), (8, 8)
"""clip_limit=2 in the example; CLAHE's default grid."""
MIXED_IN, SHARPEN_LIGHTNESS, EMBOSS_STRENGTH = (0.2, 0.5), (0.5, 1.0), (0.2, 0.7)
"""IAASharpen's and IAAEmboss's defaults."""
BRIGHTNESS, CONTRAST = 0.2, 0.2
"""RandomBrightnessContrast's defaults."""
HUE, SATURATION, VALUE = 20.0, 30.0, 20.0
"""HueSaturationValue's defaults, on OpenCV's scales: hue 0 to 180, the others 0 to 255."""


def disturb(picture: Picture, random: Generator, how: EmailPipeline = EMAIL_PIPELINE) -> Picture:
    """A random variant of an (H, W, 3) picture, or of (W, H, 3) where it was transposed; uint8 RGB.

    The same generator state gives the same variant.
    """
    steps: tuple[tuple[float, Step], ...] = (
        (how.flip, _flip),
        (how.transpose, lambda variant, _: variant.transpose(1, 0, 2)),
        (how.noise, _noise),
        (
            how.blur,
            lambda variant, chances: _one_of((_motion_blur, _median, _blur), chances, BLUR_SHARES)(variant, chances),
        ),
        (how.shift_scale_rotate, _shift_scale_rotate),
        (
            how.tone,
            lambda variant, chances: _one_of((_clahe, _sharpen, _emboss, _brightness), chances)(variant, chances),
        ),
        (how.hue_saturation_value, _hue_saturation_value),
    )
    variant = picture.copy()
    for chance, step in steps:
        if random.random() < chance:
            variant = np.ascontiguousarray(step(variant, random))
    return variant


def _one_of(steps: tuple[Step, ...], random: Generator, shares: tuple[float, ...] | None = None) -> Step:
    return steps[int(random.choice(len(steps), p=shares))]


def _flip(picture: Picture, random: Generator) -> Picture:
    """Left to right, top to bottom or both, one as often as another."""
    across, down = ((-1, 1), (1, -1), (-1, -1))[int(random.integers(3))]
    return picture[::down, ::across]


def _noise(picture: Picture, random: Generator) -> Picture:
    spread = math.sqrt(random.uniform(*NOISE_VARIANCE))
    return _picture(picture + spread * random.standard_normal(picture.shape, np.float32))


def _motion_blur(picture: Picture, random: Generator) -> Picture:
    """Along a random direction through the middle of the kernel."""
    side = int(random.choice(MOTION_KERNELS))
    turn, middle = random.uniform(0, math.pi), side // 2
    reach = (round(middle * math.cos(turn)), round(middle * math.sin(turn)))
    kernel = np.zeros((side, side), np.float32)
    cv2.line(kernel, (middle - reach[0], middle - reach[1]), (middle + reach[0], middle + reach[1]), 1.0)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE), np.uint8)


def _median(picture: Picture, _: Generator) -> Picture:
    return np.asarray(cv2.medianBlur(picture, KERNEL), np.uint8)


def _blur(picture: Picture, _: Generator) -> Picture:
    return np.asarray(cv2.blur(picture, (KERNEL, KERNEL), borderType=cv2.BORDER_REPLICATE), np.uint8)


def _shift_scale_rotate(picture: Picture, random: Generator) -> Picture:
    """In one resampling; a plain backdrop goes on in the corners, another background is mirrored."""
    height, width = picture.shape[:2]
    turn, scale = random.uniform(-ROTATE_DEG, ROTATE_DEG), random.uniform(1 - SCALE, 1 + SCALE)
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), turn, scale), np.float64)
    matrix[:, 2] += random.uniform(-SHIFT, SHIFT, 2) * np.array([width, height])
    colour = plain_colour(picture)
    border = cv2.BORDER_REFLECT_101 if colour is None else cv2.BORDER_CONSTANT
    value = (0, 0, 0) if colour is None else tuple(int(channel) for channel in colour)
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), borderMode=border, borderValue=value), np.uint8)


def _clahe(picture: Picture, random: Generator) -> Picture:
    """Contrast limited adaptive histogram equalisation of the lightness (Zuiderveld, 1994)."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(random.uniform(*CLAHE_CLIP), CLAHE_TILES).apply(np.ascontiguousarray(lab[..., 0]))
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)


def _sharpen(picture: Picture, random: Generator) -> Picture:
    effect = np.full((3, 3), -1, np.float32)
    effect[1, 1] = 8 + random.uniform(*SHARPEN_LIGHTNESS)
    return _mixed(picture, effect, random)


def _emboss(picture: Picture, random: Generator) -> Picture:
    strength = random.uniform(*EMBOSS_STRENGTH)
    slope = np.array([[-1, -1, 0], [-1, 0, 1], [0, 1, 1]], np.float32) * strength
    return _mixed(picture, slope + np.diag([-1, 1, 1]).astype(np.float32), random)


def _mixed(picture: Picture, effect: Floats, random: Generator) -> Picture:
    share = random.uniform(*MIXED_IN)
    kernel = share * effect
    kernel[1, 1] += 1 - share
    return np.asarray(cv2.filter2D(picture, -1, kernel, borderType=cv2.BORDER_REPLICATE), np.uint8)


def _brightness(picture: Picture, random: Generator) -> Picture:
    gain, lift = 1 + random.uniform(-CONTRAST, CONTRAST), 255 * random.uniform(-BRIGHTNESS, BRIGHTNESS)
    return _picture(picture * np.float32(gain) + np.float32(lift))


def _hue_saturation_value(picture: Picture, random: Generator) -> Picture:
    hue, saturation, value = (random.uniform(-limit, limit) for limit in (HUE, SATURATION, VALUE))
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV).astype(np.float32) + np.array([hue, saturation, value], np.float32)
    hsv[..., 0] %= 180
    return np.asarray(cv2.cvtColor(_picture(hsv), cv2.COLOR_HSV2RGB), np.uint8)


def _picture(values: Floats) -> Picture:
    return np.clip(values.round(), 0, 255).astype(np.uint8)
