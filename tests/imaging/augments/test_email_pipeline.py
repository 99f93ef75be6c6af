"""The published pipeline: each step by its chance, the same for the same generator, corners of the background."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from numpy.random import default_rng

from ml.imaging.augments.email_pipeline import EMAIL_PIPELINE, EmailPipeline, disturb
from tests.imaging.augments.pictures import GREY, corners, shoe_in_a_room, shoe_on

NEVER = EmailPipeline(0, 0, 0, 0, 0, 0, 0)
ALWAYS = EmailPipeline(1, 1, 1, 1, 1, 1, 1)
STEPS = [field.name for field in fields(EmailPipeline)]


def test_the_chances_are_the_published_ones() -> None:
    assert [getattr(EMAIL_PIPELINE, step) for step in STEPS] == [0.5, 0.5, 0.2, 0.2, 0.2, 0.3, 0.3]


def test_nothing_happens_by_no_chance() -> None:
    picture = shoe_on()
    variant = disturb(picture, default_rng(0), NEVER)
    assert np.array_equal(variant, picture) and not np.shares_memory(variant, picture)


@pytest.mark.parametrize("step", STEPS)
def test_each_step_changes_the_picture_and_follows_its_generator(step: str) -> None:
    picture, how = shoe_in_a_room(), replace(NEVER, **{step: 1.0})
    seen = set()
    for seed in range(12):
        variant = disturb(picture, default_rng(seed), how)
        assert variant.dtype == np.uint8 and variant.flags.c_contiguous
        assert variant.shape == ((320, 240, 3) if step == "transpose" else picture.shape)
        assert variant.shape != picture.shape or (variant != picture).any()
        assert np.array_equal(variant, disturb(picture, default_rng(seed), how))
        seen.add(variant.tobytes())
    assert len(seen) == {"transpose": 1, "flip": 3}.get(step, 12) or step == "blur"
    assert len(seen) > 1 or step == "transpose"


def test_steps_happen_about_as_often_as_they_should() -> None:
    picture = shoe_on(size=(64, 48))
    unchanged = sum(np.array_equal(disturb(picture, default_rng(seed)), picture) for seed in range(800))
    expected = 0.5 * 0.5 * 0.8**3 * 0.7**2
    assert unchanged / 800 == pytest.approx(expected, abs=0.03)


def test_corners_that_come_into_view_hold_the_background() -> None:
    how = replace(NEVER, shift_scale_rotate=1.0)
    for seed in range(8):
        assert np.abs(corners(disturb(shoe_on(), default_rng(seed), how)) - GREY).max() < 3
        assert corners(disturb(shoe_in_a_room(), default_rng(seed), how)).max(axis=1).min() > 50


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (3, 200), (7, 7)])
def test_odd_shapes_pass(shape: tuple[int, int]) -> None:
    picture = default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    for seed in range(10):
        assert disturb(picture, default_rng(seed), ALWAYS).shape == (shape[1], shape[0], 3)
