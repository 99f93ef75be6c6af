"""Every augment, whatever the picture: its form, its seed, its corners."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from ml.imaging.augments.table import AUGMENTS, PUBLISHED, make_augment
from ml.imaging.cutout import Cutout, cut_out, whole_picture
from ml.imaging.decode import DecodeError, decode_with_alpha
from ml.imaging.email import encode_for_email
from tests.imaging.augments.pictures import GREY, Picture, corners, cutout_of, shoe_in_a_room, shoe_on

NAMES = tuple(AUGMENTS)


def test_the_published_six_come_first() -> None:
    assert PUBLISHED == NAMES[:6] == ("original", "brighter", "darker", "rotate", "sketch", "swivel")
    assert set(NAMES[6:]) == {"background_colour", "shoe_colour", "soft_shadow", "square_crop"}
    assert all(augment.name == name and augment.title and augment.description for name, augment in AUGMENTS.items())


def has_the_right_form(name: str, variant: Picture, picture: Picture) -> bool:
    height, width = picture.shape[:2]
    if variant.dtype != np.uint8 or variant.ndim != 3 or variant.size == 0:
        return False
    if name == "square_crop":
        return variant.shape == (len(variant), len(variant), 3)
    return variant.shape == ((width, height, 3) if name == "rotate" else (height, width, 3))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("picture", [shoe_on(), shoe_in_a_room()], ids=["plain", "room"])
def test_the_same_seed_gives_the_same_picture(name: str, picture: Picture) -> None:
    before, cutout = picture.copy(), cutout_of()
    variant = make_augment(name, picture, cutout, seed=5)
    assert has_the_right_form(name, variant, picture)
    assert np.array_equal(variant, make_augment(name, picture, cutout, seed=5))
    assert np.array_equal(picture, before), "the caller's picture is left alone"
    assert not np.shares_memory(variant, picture)
    assert name == "original" or variant.shape != picture.shape or (variant != picture).any()


@pytest.mark.parametrize("name", ["sketch", "swivel", "background_colour", "shoe_colour"])
def test_other_seeds_give_other_pictures(name: str) -> None:
    variants = {make_augment(name, shoe_on(), cutout_of(), seed).tobytes() for seed in range(8)}
    assert len(variants) > 1


@pytest.mark.parametrize("name", NAMES)
def test_corners_hold_the_background(name: str) -> None:
    found = corners(make_augment(name, shoe_on(), cutout_of(), seed=1))
    expected = {
        "brighter": corners(make_augment("brighter", np.full((9, 9, 3), GREY, np.uint8)))[0],
        "darker": corners(make_augment("darker", np.full((9, 9, 3), GREY, np.uint8)))[0],
        "soft_shadow": np.array([255, 255, 255]),
    }
    if name == "background_colour":
        assert np.ptp(found, axis=0).max() < 3 and found.min() > 150
    elif name == "sketch":
        assert found.min() > 170, "paper"
    else:
        assert np.abs(found - expected.get(name, np.array(GREY))).max() < 3


@pytest.mark.parametrize("name", NAMES)
def test_nothing_black_comes_into_a_room(name: str) -> None:
    for seed in range(3):
        found = corners(make_augment(name, shoe_in_a_room(), cutout_of(), seed))
        assert found.max(axis=1).min() > 50


@pytest.mark.parametrize("name", NAMES)
def test_the_shoe_is_cut_out_where_nobody_did(name: str) -> None:
    alone = make_augment(name, shoe_on(), None, 2)
    assert np.array_equal(alone, make_augment(name, shoe_on(), cut_out(shoe_on()), 2))


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_that_was_not_cut_out_stands_for_the_shoe(name: str) -> None:
    picture = shoe_in_a_room()
    variant = make_augment(name, picture, whole_picture(picture, "No shoe."), 2)
    assert has_the_right_form(name, variant, picture)


def odd_pictures() -> dict[str, Picture]:
    random = np.random.default_rng(1)
    sides = [(1, 1), (1, 2), (2, 1), (3, 3), (1, 400), (400, 1), (5, 200), (600, 20)]
    noise = {
        f"noise {height} x {width}": random.integers(0, 256, (height, width, 3), np.uint8) for height, width in sides
    }
    grey = random.integers(0, 256, (60, 80, 1), np.uint8).repeat(3, axis=2)
    plain = {name: np.full((48, 64, 3), level, np.uint8) for name, level in (("black", 0), ("white", 255))}
    return {**noise, **plain, "grey": grey}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("odd", odd_pictures())
def test_odd_pictures_have_augments_too(odd: str, name: str) -> None:
    picture = odd_pictures()[odd]
    height, width = picture.shape[:2]
    dot = np.zeros((height, width), np.uint8)
    dot[height // 2, width // 2] = 255
    box = (width // 2, height // 2, width // 2 + 1, height // 2 + 1)
    cutouts = (None, whole_picture(picture, "Odd."), Cutout(dot, 1 / dot.size, fallback=False, box=box))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for cutout in cutouts:
            assert has_the_right_form(name, make_augment(name, picture, cutout, 3), picture)


def test_what_cannot_be_is_said() -> None:
    with pytest.raises(ValueError, match="no augment 'upside_down', only original, brighter"):
        make_augment("upside_down", shoe_on())
    with pytest.raises(ValueError, match="uint8 array of"):
        make_augment("brighter", np.zeros((4, 4, 3), np.float32))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="uint8 array of"):
        make_augment("brighter", np.zeros((4, 4), np.uint8))
    with pytest.raises(ValueError, match="not of"):
        make_augment("swivel", shoe_on(size=(64, 48)), cutout_of())


@pytest.mark.data
def test_real_pictures_and_hostile_ones_have_augments(shared_data: Path) -> None:
    files = [
        *sorted(shared_data.glob("restocks7/*/*"))[::240],
        *sorted(shared_data.glob("footlocker/images/*/*"))[::800],
        *sorted(shared_data.glob("sneakers50/*/*"))[::1200],
        *sorted(shared_data.glob("hostile_sample/*.*"))[::12],
    ]
    for file in files:
        try:
            photo = decode_with_alpha(file.read_bytes())
        except DecodeError:
            continue
        cutout = cut_out(photo.image, photo.alpha)
        for name in NAMES:
            variant = make_augment(name, photo.image, cutout, 1)
            assert has_the_right_form(name, variant, photo.image), (file, name)
            assert encode_for_email(variant).pixels.size
