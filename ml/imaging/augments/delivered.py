"""Make every variant of a picture, each as an e-mail delivers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import cv2
import numpy as np

from ml.imaging.augments.table import AUGMENTS, make_augment
from ml.imaging.cutout import Cutout
from ml.imaging.email import Delivered, encode_for_email
from ml.imaging.fit import Picture

WORKED_ON_SIDE = 720
"""Pixels of the long side while augments are made: an e-mail shows at most 600 of width."""
CROPS = ("square_crop",)
"""These show a part of the picture, and are made of all its pixels."""


def make_variants(
    picture: Picture, cutout: Cutout, names: Iterable[str] = tuple(AUGMENTS), turned: Picture | None = None
) -> Mapping[str, Delivered]:
    """The augments of an (H, W, 3) RGB picture by name, in the order asked for; the same for the same arguments.

    `turned` is a real view of the shoe from 30 degrees further on: it stands for the swivel, which else is computed.
    """
    small, its_cutout = _shrunk(picture, cutout)
    variants = {}
    for name in names:
        if name == "swivel" and turned is not None:
            variants[name] = encode_for_email(turned)
        else:
            shown = (picture, cutout) if name in CROPS else (small, its_cutout)
            variants[name] = encode_for_email(make_augment(name, *shown))
    return variants


def _shrunk(picture: Picture, cutout: Cutout) -> tuple[Picture, Cutout]:
    height, width = picture.shape[:2]
    scale = WORKED_ON_SIDE / max(height, width)
    if scale >= 1:
        return picture, cutout
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    mask = np.asarray(cv2.resize(cutout.mask, size, interpolation=cv2.INTER_AREA), np.uint8)
    x0, y0, x1, y1 = cutout.box
    box = (int(x0 * scale), int(y0 * scale), min(size[0], -int(-x1 * scale // 1)), min(size[1], -int(-y1 * scale // 1)))
    return small, replace(cutout, mask=mask, box=box)
