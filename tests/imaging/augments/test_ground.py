"""What is behind the shoe is told apart, filled and carried on."""

from __future__ import annotations

import numpy as np

from ml.imaging.augments.ground import blurred, extended, plain_colour, without_shoe
from ml.imaging.augments.trim import trimmed
from tests.imaging.augments.pictures import GREY, cutout_of, shoe_in_a_room, shoe_on


def test_a_plain_backdrop_has_a_colour_and_a_room_has_none() -> None:
    colour = plain_colour(shoe_on())
    assert colour is not None and tuple(colour) == GREY
    assert plain_colour(shoe_in_a_room()) is None


def test_a_shoe_at_the_border_is_no_background() -> None:
    picture, mask = shoe_on()[60:150, 60:250], cutout_of().mask[60:150, 60:250]
    colour = plain_colour(picture, mask)
    assert colour is not None and tuple(colour) == GREY
    assert plain_colour(picture, np.full(picture.shape[:2], 255, np.uint8)) is None


def test_the_place_of_the_shoe_takes_the_colours_around_it() -> None:
    filled = without_shoe(shoe_on(), cutout_of().mask / np.float32(255))
    assert np.abs(filled.astype(int) - GREY).max() <= 3
    room = without_shoe(shoe_in_a_room(), cutout_of().mask / np.float32(255))
    assert (room[..., 0].astype(int) - room[..., 1]).max() < 60, "no red is left"
    behind = cutout_of().mask == 0
    behind[20:-20] = False
    assert np.array_equal(room[behind], shoe_in_a_room()[behind])


def test_a_wider_frame_goes_on_as_the_picture_ends() -> None:
    wider = extended(shoe_on(), 30, 40, 10, 20)
    assert wider.shape == (310, 350, 3)
    assert (wider[:30] == GREY).all() and (wider[-40:] == GREY).all()
    room = extended(shoe_in_a_room(), 0, 0, 50, 50)
    assert np.array_equal(room[:, 52:-52], shoe_in_a_room()[:, 2:-2])
    assert room.max(axis=2).min() > 20


def test_blurring_keeps_the_form_and_the_mean() -> None:
    soft = blurred(shoe_in_a_room(), 0.05)
    assert soft.shape == shoe_in_a_room().shape
    assert abs(soft.mean() - shoe_in_a_room().mean()) < 3
    assert soft.std() < shoe_in_a_room().std()


def test_an_old_shadow_and_a_rim_of_backdrop_are_trimmed_off() -> None:
    """A shadow that becomes darker towards a dark sole, inside the mask, and two columns of backdrop."""
    picture = np.full((240, 320, 3), 255, np.uint8)
    picture[60:180, 60:260] = (180, 40, 40)
    picture[180:186] = np.linspace(205, 235, 6).astype(np.uint8)[:, None, None]
    opacity = np.zeros((240, 320), np.float32)
    opacity[60:186, 58:260] = 1
    kept = trimmed(picture, opacity, np.array([255, 255, 255], np.uint8))
    assert kept[184:186, 80:240].max() < 0.1 and kept[100:160, 58].max() < 0.35
    assert (kept[62:177, 64:256] > 0.97).all()
