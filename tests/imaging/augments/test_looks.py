"""Each augment does to a picture what its name says."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ml.imaging.augments.scene import Scene
from ml.imaging.augments.shoe import lifted
from ml.imaging.augments.table import make_augment
from ml.imaging.cutout import Cutout, whole_picture
from tests.imaging.augments.pictures import GREY, Picture, cutout_of, shoe_in_a_room, shoe_on

SHOE = cutout_of().mask > 127
BEHIND = cv2.dilate(cutout_of().mask, np.ones((9, 9), np.uint8)) < 1


def colourfulness(picture: Picture) -> NDArray[np.int_]:
    return np.ptp(picture.astype(int), axis=2)


def red_box(picture: Picture) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the red upper."""
    red = (picture[..., 0].astype(int) - picture[..., 1] > 60).astype(np.uint8)
    left, top, width, height = cv2.boundingRect(red)
    return left, top, left + width, top + height


@pytest.mark.parametrize("picture", [shoe_on(), shoe_on((255, 255, 255)), shoe_in_a_room()])
def test_brighter_is_brighter_and_darker_darker(picture: Picture) -> None:
    brighter, darker = (make_augment(name, picture, cutout_of()) for name in ("brighter", "darker"))
    lost = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(int) - cv2.cvtColor(brighter, cv2.COLOR_RGB2GRAY)
    assert lost.max() <= 1, "white loses a trace of blue, and with it less than one grey level"
    assert brighter[SHOE].mean() > picture[SHOE].mean() + 15
    assert (darker <= picture).all() and darker[SHOE].mean() < picture[SHOE].mean() - 15
    tones = np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, axis=2)
    for name in ("brighter", "darker"):
        assert (np.diff(make_augment(name, tones, whole_picture(tones, ""))[0, :, 0].astype(int)) >= 0).all()


def test_brighter_is_a_trace_warmer_also_where_nothing_is_dark() -> None:
    white = np.full((40, 60, 3), 255, np.uint8)
    assert make_augment("brighter", white)[0, 0].tolist() == [255, 255, 249]


def test_rotating_turns_by_a_quarter() -> None:
    picture = shoe_in_a_room()
    once = make_augment("rotate", picture)
    assert once.shape == (320, 240, 3)
    assert np.array_equal(make_augment("rotate", once), picture[::-1, ::-1])


def test_a_sketch_is_grey_on_light_paper_with_dark_lines() -> None:
    for picture in (shoe_on(), shoe_in_a_room()):
        sketch = make_augment("sketch", picture, cutout_of(), 1)
        assert colourfulness(sketch).max() <= 8
        assert sketch.max() > 200
        assert sketch[SHOE].min() < 90
    faint = make_augment("sketch", shoe_on((246, 246, 246)), cutout_of(), 1)
    assert faint[BEHIND].mean() > 235


def test_a_swivel_keeps_the_shoe_in_the_frame_and_its_background() -> None:
    for seed in range(4):
        swivel = make_augment("swivel", shoe_on(), cutout_of(), seed)
        left, top, right, bottom = red_box(swivel)
        before = red_box(shoe_on())
        assert left > 0 and top > 0 and right < 320 and bottom < 240
        assert right - left < 0.93 * (before[2] - before[0]), "foreshortened"
        assert np.abs(np.median(swivel.reshape(-1, 3), axis=0) - GREY).max() < 3
        assert np.abs(swivel[:12].astype(int) - GREY).max() < 3
        below = swivel[cutout_of().box[3] : cutout_of().box[3] + 12].astype(int)
        assert below.min() < np.min(GREY) - 30, "a shadow"


def test_a_swivel_brings_one_end_nearer() -> None:
    heights = set()
    for seed in range(6):
        swivel = make_augment("swivel", shoe_on(), cutout_of(), seed)
        left, _, right, _ = red_box(swivel)
        red = swivel[..., 0].astype(int) - swivel[..., 1] > 60
        heel, toe = (red[:, place].sum() for place in (left + (right - left) // 5, right - (right - left) // 5))
        heights.add(round(heel / toe, 1))
    assert len(heights) == 2


def test_a_swivel_fills_the_place_of_the_shoe_with_its_surroundings() -> None:
    swivel = make_augment("swivel", shoe_in_a_room(), cutout_of(), 1)
    wall = swivel[4:20, 4:60].reshape(-1, 3).mean(axis=0)
    assert np.abs(wall - (126, 156, 166)).max() < 12
    assert swivel[..., 0].mean() > 60


def test_what_leaves_the_picture_is_turned_as_a_card() -> None:
    """A shoe that was cut through by the border would show the cut, were it turned alone."""
    picture, mask = shoe_in_a_room()[:, 60:], np.ascontiguousarray(cutout_of().mask[:, 60:])
    _, top, right, bottom = cutout_of().box
    swivel = make_augment(
        "swivel", picture, Cutout(mask, float((mask > 127).mean()), False, (0, top, right - 60, bottom))
    )
    assert picture[:, :3].min(axis=2).max() > 220, "the light sole leaves the picture"
    assert swivel[:, :3].min(axis=2).max() < 200
    assert swivel.min(axis=2).max() > 220


def test_an_unturned_scene_is_the_picture() -> None:
    scene = Scene(lifted(shoe_on(), cutout_of()))
    assert np.allclose(scene.shoe_to_picture() / scene.shoe_to_picture()[2, 2], np.eye(3), atol=1e-9)
    row, fall = scene.floor_line
    seen = scene.floor_to_picture() @ (0, 0, 1)
    assert row == pytest.approx(cutout_of().box[3], abs=2) and abs(fall) < 0.05
    assert seen[1] / seen[2] == pytest.approx(row, abs=0.01)


def test_on_white_the_backdrop_is_white_but_for_the_shadow() -> None:
    staged = make_augment("soft_shadow", shoe_on(), cutout_of())
    assert (staged[:20] == 255).all() and (staged[:, :6] == 255).all()
    bottom = cutout_of().box[3]
    assert staged[bottom : bottom + 8, 100:200].min() < 200
    assert np.abs(staged[SHOE].astype(int) - shoe_on()[SHOE]).mean() < 6
    assert colourfulness(staged)[BEHIND].max() < 3


def test_a_coloured_background_is_even_light_and_of_another_hue() -> None:
    for seed in range(4):
        ground = make_augment("background_colour", shoe_on(), cutout_of(), seed)[:20].reshape(-1, 3)
        assert np.ptp(ground, axis=0).max() == 0
        assert np.ptp(ground[0].astype(int)) > 15 and ground[0].min() > 140


def test_another_colour_changes_the_shoe_alone_and_keeps_its_light() -> None:
    picture = shoe_on()
    shade = np.linspace(0.75, 1.0, 240)[:, None, None]
    picture[SHOE] = (picture * shade)[SHOE].astype(np.uint8)
    painted = make_augment("shoe_colour", picture, cutout_of(), 1)
    assert np.abs(painted[BEHIND].astype(int) - picture[BEHIND]).max() <= 2
    inner = cv2.erode(cutout_of().mask, np.ones((9, 9), np.uint8)) > 0
    upper = inner & (picture[..., 0].astype(int) - picture[..., 1] > 60)
    sole = inner & (colourfulness(picture) < 20)
    assert np.abs(painted[upper].astype(int) - picture[upper]).sum(axis=1).mean() > 100
    assert np.abs(painted[sole].astype(int) - picture[sole]).mean() < 12
    grey = painted.mean(axis=2)
    rows = np.flatnonzero(upper.any(axis=1))
    assert grey[rows[-8]][upper[rows[-8]]].mean() > grey[rows[8]][upper[rows[8]]].mean(), "lighter where it was"


@pytest.mark.parametrize("size", [(320, 240), (500, 160), (200, 420)])
def test_a_square_holds_the_whole_shoe(size: tuple[int, int]) -> None:
    square = make_augment("square_crop", shoe_on(size=size), cutout_of(size))
    assert square.shape[0] == square.shape[1]
    was, now = red_box(shoe_on(size=size)), red_box(square)
    assert abs((now[2] - now[0]) - (was[2] - was[0])) <= 1 and abs((now[3] - now[1]) - (was[3] - was[1])) <= 1
    assert now[0] > 0 and now[1] > 0 and now[2] < len(square) and now[3] < len(square)
