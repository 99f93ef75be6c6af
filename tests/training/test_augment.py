"""Augmentation keeps the form of pictures, changes their content, and follows its generator."""

from __future__ import annotations

import time

import numpy as np
from numpy.random import default_rng

from ml.training.augment import STRONG, Augmentation, augment, augment_batch
from tests.training.shapes import shape_picture

PICTURES = np.stack([shape_picture("red_disc", default_rng(number), 64) for number in range(40)])


def test_variants_have_the_form_of_their_pictures_and_differ_from_them() -> None:
    variants = augment_batch(PICTURES, default_rng(0))
    assert variants.shape == PICTURES.shape
    assert variants.dtype == np.uint8
    assert all((variant != picture).any() for variant, picture in zip(variants, PICTURES, strict=True))


def test_the_same_chances_give_the_same_variant() -> None:
    assert (augment_batch(PICTURES, default_rng(4)) == augment_batch(PICTURES, default_rng(4))).all()
    assert (augment_batch(PICTURES, default_rng(4)) != augment_batch(PICTURES, default_rng(5))).any()


def test_nothing_is_changed_where_nothing_is_asked() -> None:
    nothing = Augmentation(0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert np.abs(augment(PICTURES[0], default_rng(0), nothing).astype(int) - PICTURES[0]).max() <= 1


def test_what_is_bent_less_stays_nearer() -> None:
    def distance(how: Augmentation) -> float:
        return float(np.abs(augment_batch(PICTURES, default_rng(1), how).astype(int) - PICTURES).mean())

    gentle = Augmentation(0.5, 6.0, 0.9, 1.1, 0.04, 0.05, 0.15, 0.15, 0.03, 0.15, 0.1, 0.1, 0.1, 0.0, 0.25, 0.0)
    assert distance(gentle) < distance(STRONG)


def test_repainting_turns_hues_and_leaves_greys() -> None:
    repaint = Augmentation(0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, repaint_chance=1)
    grey, red = np.full((64, 64, 3), 90, np.uint8), np.full((64, 64, 3), (200, 60, 60), np.uint8)
    assert np.abs(augment(grey, default_rng(2), repaint).astype(int) - 90).max() <= 1
    painted = {tuple(augment(red, default_rng(seed), repaint)[9, 9].argsort()) for seed in range(12)}
    assert len(painted) > 2


def test_it_keeps_up_with_training() -> None:
    """A 64-pixel picture takes some 20 ms to learn from on one core; its variant must cost a small part of that."""
    started = time.process_time()
    for seed in range(3):
        augment_batch(PICTURES, default_rng(seed))
    assert (time.process_time() - started) / (3 * len(PICTURES)) < 0.004
