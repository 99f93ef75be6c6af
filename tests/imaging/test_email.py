"""What an e-mail delivers keeps the limits, and its pixels are those that arrive."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from ml.imaging.email import BEST_QUALITY, MAX_BYTES, MAX_HEIGHT, MAX_WIDTH, WORST_QUALITY, encode_for_email
from tests.drawn_shoes import SHOES, draw_shoe


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def test_a_shop_picture_comes_in_the_best_quality() -> None:
    picture = draw_shoe(SHOES["kumo_drift"], (1200, 900))
    delivered = encode_for_email(picture)
    assert delivered.pixels.shape == (450, 600, 3) and delivered.pixels.dtype == np.uint8
    assert delivered.quality == BEST_QUALITY and len(delivered.jpeg) < 40_000
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(delivered.jpeg))), delivered.pixels)


def test_small_pictures_are_not_enlarged() -> None:
    picture = draw_shoe(SHOES["kumo_drift"], (140, 100))
    delivered = encode_for_email(picture)
    assert delivered.pixels.shape == picture.shape
    assert np.abs(delivered.pixels.astype(int) - picture).mean() < 3


@pytest.mark.parametrize(
    "shape", [(3000, 4000), (600, 600), (900, 600), (4000, 300), (20, 5000), (70_000, 3), (1, 1), (1, 900), (900, 1)]
)
def test_noise_of_any_shape_keeps_the_limits(shape: tuple[int, int]) -> None:
    delivered = encode_for_email(noise(*shape))
    height, width = delivered.pixels.shape[:2]
    assert len(delivered.jpeg) <= MAX_BYTES and 1 <= width <= MAX_WIDTH and 1 <= height <= MAX_HEIGHT
    assert WORST_QUALITY <= delivered.quality <= BEST_QUALITY


def test_what_is_hard_to_compress_uses_the_room_there_is() -> None:
    delivered = encode_for_email(noise(520, 520))
    assert delivered.quality < BEST_QUALITY
    assert len(delivered.jpeg) > 0.9 * MAX_BYTES


def test_the_file_is_a_plain_rgb_jpeg_and_says_nothing_else() -> None:
    with Image.open(io.BytesIO(encode_for_email(noise(50, 60)).jpeg)) as image:
        assert image.format == "JPEG" and image.mode == "RGB"
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not image.getexif()


def test_the_same_picture_gives_the_same_file() -> None:
    assert encode_for_email(noise(80, 90)).jpeg == encode_for_email(noise(80, 90)).jpeg


def test_what_is_no_picture_is_refused() -> None:
    for wrong in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(ValueError, match="uint8 array of"):
            encode_for_email(wrong)
