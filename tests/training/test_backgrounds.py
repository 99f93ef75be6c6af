"""Shoes on white are set into scenes; photos stay as they are."""

from __future__ import annotations

import numpy as np
from numpy.random import default_rng

from ml.training.augment import STRONG, Augmentation, augment
from ml.training.backgrounds import set_into, shoe_mask

SCENE = np.full((64, 64, 3), (10, 120, 200), np.uint8)


def disc_on(ground: int) -> np.ndarray:
    rows, columns = np.mgrid[:64, :64]
    picture = np.full((64, 64, 3), ground, np.uint8)
    picture[(rows - 32) ** 2 + (columns - 32) ** 2 < 18**2] = (200, 30, 30)
    return picture


def test_the_mask_is_what_stands_on_white() -> None:
    mask = shoe_mask(disc_on(255))
    assert mask is not None
    assert mask[32, 32] == 1
    assert mask[2, 2] == 0
    assert abs(mask.mean() - np.pi * 17**2 / 64**2) < 0.03


def test_photos_and_empty_pictures_have_none() -> None:
    assert shoe_mask(disc_on(128)) is None
    assert shoe_mask(np.full((64, 64, 3), 255, np.uint8)) is None


def test_the_shoe_stays_and_the_ground_changes() -> None:
    picture = disc_on(255)
    mask = shoe_mask(picture)
    assert mask is not None
    placed = set_into(picture, mask, SCENE, default_rng(0))
    assert (placed[32, 32] == picture[32, 32]).all()
    assert placed[2, 2, 2] > placed[2, 2, 0] + 60


def test_augmentation_sets_shoes_into_scenes_when_asked() -> None:
    only_scenes = Augmentation(0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, scene_chance=1, repaint_chance=0)
    scenes = SCENE[None]
    assert augment(disc_on(255), default_rng(0), only_scenes, scenes)[2, 2].max() < 250
    assert (augment(disc_on(128), default_rng(0), only_scenes, scenes)[2, 2] == 128).all()
    assert augment(disc_on(255), default_rng(0), only_scenes)[2, 2].min() >= 254
    assert STRONG.scene_chance > 0
