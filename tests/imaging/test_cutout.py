"""The cut-out: exact where the picture allows it, close in clutter, and an honest fallback for everything else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ml.imaging.cutout import close_up, cut_out, on_white

Image = NDArray[np.uint8]
SHOE = np.array([[20, 150], [60, 140], [110, 90], [150, 70], [190, 75], [215, 95], [220, 150], [215, 165], [25, 165]])


def shoe_mask(height: int, width: int, left: int, top: int, scale: float = 1.0) -> NDArray[np.bool_]:
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [(SHOE * scale + (left, top)).astype(np.int32)], 255)
    return mask > 0


def paint_shoe(image: Image, mask: NDArray[np.bool_]) -> Image:
    """A red upper with laces over a dark sole."""
    painted = image.copy()
    painted[mask] = (190, 40, 45)
    rows = np.flatnonzero(mask.any(axis=1))
    sole = mask.copy()
    sole[: int(rows[0] + 0.8 * len(rows))] = False
    painted[sole] = (35, 35, 40)
    laces = mask & (np.indices(mask.shape).sum(axis=0) % 24 < 4) & ~sole
    painted[laces] = (240, 235, 225)
    return painted


def cluttered(height: int, width: int, seed: int = 3) -> Image:
    """A room of sorts: a wall, a floor with boards, a few soft things."""
    rng = np.random.default_rng(seed)
    image = np.full((height, width, 3), (150, 165, 160), np.uint8)
    image[int(height * 0.55) :] = (160, 130, 95)
    for column in range(0, width, 40):
        image[int(height * 0.55) :, column : column + 2] = (120, 95, 70)
    for _ in range(5):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(image, centre, int(rng.integers(8, 25)), rng.integers(60, 200, 3).tolist(), -1)
    blurred = cv2.GaussianBlur(image, (0, 0), 3).astype(float) + rng.normal(0, 4, image.shape)
    return blurred.clip(0, 255).astype(np.uint8)


def iou(mask: NDArray[np.uint8], truth: NDArray[np.bool_]) -> float:
    found = mask > 127
    return float((found & truth).sum() / (found | truth).sum())


@pytest.mark.parametrize("backdrop", [(255, 255, 255), (238, 240, 243), (30, 60, 120)])
def test_shop_pictures_are_cut_out_exactly(backdrop: tuple[int, int, int]) -> None:
    truth = shoe_mask(300, 400, 60, 40)
    image = paint_shoe(np.full((300, 400, 3), backdrop, np.uint8), truth)
    cutout = cut_out(image)
    assert not cutout.fallback
    assert iou(cutout.mask, truth) > 0.95
    assert cutout.coverage == pytest.approx(truth.mean(), abs=0.02)
    rows, columns = np.nonzero(truth)
    assert np.abs(np.array(cutout.box) - (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)).max() <= 4


def test_a_soft_shadow_is_not_shoe() -> None:
    truth = shoe_mask(300, 400, 60, 40)
    shadow = np.zeros((300, 400), np.float32)
    cv2.ellipse(shadow, (180, 215), (110, 16), 0, 0, 360, 60, -1)
    ground = (250 - cv2.GaussianBlur(shadow, (0, 0), 12)).astype(np.uint8)
    cutout = cut_out(paint_shoe(np.dstack([ground] * 3), truth))
    assert iou(cutout.mask, truth) > 0.88


def test_white_parts_inside_the_outline_stay() -> None:
    truth = shoe_mask(300, 400, 60, 40)
    image = paint_shoe(np.full((300, 400, 3), 255, np.uint8), truth)
    image[170:185, 180:230] = 255
    cutout = cut_out(image)
    assert cutout.mask[178, 200] > 127


@pytest.mark.parametrize(("left", "top"), [(40, 60), (150, 120), (10, 150)])
def test_a_shoe_is_found_in_clutter(left: int, top: int) -> None:
    truth = shoe_mask(360, 480, left, top)
    cutout = cut_out(paint_shoe(cluttered(360, 480), truth))
    assert not cutout.fallback
    assert iou(cutout.mask, truth) > 0.75


def test_the_same_photo_gives_the_same_mask() -> None:
    image = paint_shoe(cluttered(360, 480), shoe_mask(360, 480, 150, 100))
    cv2.setRNGSeed(99)
    first = cut_out(image)
    assert np.array_equal(first.mask, cut_out(image).mask)


def test_transparency_is_the_mask() -> None:
    truth = shoe_mask(300, 400, 60, 40)
    image = paint_shoe(cluttered(300, 400), truth)
    cutout = cut_out(image, (truth * 255).astype(np.uint8))
    assert iou(cutout.mask, truth) == 1.0


def test_useless_transparency_is_ignored() -> None:
    truth = shoe_mask(300, 400, 60, 40)
    image = paint_shoe(np.full((300, 400, 3), 255, np.uint8), truth)
    assert iou(cut_out(image, np.zeros((300, 400), np.uint8)).mask, truth) > 0.95
    assert iou(cut_out(image, np.full((300, 400), 254, np.uint8)).mask, truth) > 0.95


def odd_pictures() -> dict[str, Image]:
    rng = np.random.default_rng(1)
    stripes = np.zeros((200, 300, 3), np.uint8)
    stripes[:, ::8] = 255
    checks = np.kron(np.indices((20, 30)).sum(axis=0) % 2, np.ones((10, 10))).astype(np.uint8)[..., None].repeat(3, 2)
    return {
        "black": np.zeros((100, 150, 3), np.uint8),
        "white": np.full((100, 150, 3), 255, np.uint8),
        "noise": rng.integers(0, 256, (120, 160, 3), np.uint8),
        "stripes": stripes,
        "checks": checks * 255,
        "gradient": np.tile(np.linspace(0, 255, 300).astype(np.uint8)[None, :, None], (200, 1, 3)),
        "one pixel": np.full((1, 1, 3), 7, np.uint8),
        "one row": rng.integers(0, 256, (1, 400, 3), np.uint8),
        "one column": rng.integers(0, 256, (400, 1, 3), np.uint8),
        "very long": rng.integers(0, 256, (20, 1000, 3), np.uint8),
        "very tall": rng.integers(0, 256, (1000, 20, 3), np.uint8),
        "dot": cv2.circle(np.full((200, 200, 3), 255, np.uint8), (100, 100), 3, (0, 0, 0), -1),
        "frame": cv2.rectangle(np.full((200, 200, 3), 255, np.uint8), (0, 0), (199, 199), (0, 0, 0), 30),
        "all shoe": np.full((200, 300, 3), (190, 40, 45), np.uint8),
    }


@pytest.mark.parametrize("name", odd_pictures())
def test_nothing_raises_and_every_answer_is_whole(name: str) -> None:
    image = odd_pictures()[name]
    height, width = image.shape[:2]
    cutout = cut_out(image)
    left, top, right, bottom = cutout.box
    assert cutout.mask.shape == (height, width) and cutout.mask.dtype == np.uint8
    assert 0 <= left < right <= width and 0 <= top < bottom <= height
    assert 0 < cutout.coverage <= 1
    square = on_white(image, cutout)
    assert square.shape[0] == square.shape[1] and square.dtype == np.uint8
    assert close_up(image, cutout).size
    if cutout.fallback:
        assert cutout.reason.endswith(".") and cutout.box == (0, 0, width, height) and (cutout.mask == 255).all()


@pytest.mark.parametrize("name", ["black", "white", "stripes", "gradient", "dot", "all shoe", "one pixel"])
def test_where_no_shoe_is_the_whole_picture_is_used(name: str) -> None:
    assert cut_out(odd_pictures()[name]).fallback


def test_on_white_shows_the_shoe_alone_and_large() -> None:
    truth = shoe_mask(300, 400, 60, 40)
    image = paint_shoe(np.full((300, 400, 3), (30, 60, 120), np.uint8), truth)
    square = on_white(image, cut_out(image))
    assert (square[0] == 255).all() and (square[:, 0] == 255).all()
    assert (np.abs(square.astype(int) - (30, 60, 120)).sum(axis=2) < 30).mean() < 0.01, "no backdrop is left"
    columns = np.flatnonzero((square < 200).any(axis=(0, 2)))
    assert np.ptp(columns) > 0.8 * square.shape[1]
