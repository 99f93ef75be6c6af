"""A picture that was re-encoded is the same picture; another colour, another pose or a mirror image is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ml.imaging.likeness import is_same_picture, likeness_of


@pytest.fixture
def shoe() -> NDArray[np.uint8]:
    """Something shoe-like on white, 300 x 200."""
    picture = np.full((200, 300, 3), 255, np.uint8)
    cv2.ellipse(picture, (150, 120), (110, 40), -8, 0, 360, (200, 60, 40), -1)
    cv2.rectangle(picture, (200, 60), (255, 130), (40, 40, 90), -1)
    return picture


def test_re_encoded_and_scaled_it_is_the_same(shoe: NDArray[np.uint8]) -> None:
    encoded = cv2.imdecode(cv2.imencode(".jpg", shoe, [cv2.IMWRITE_JPEG_QUALITY, 55])[1], cv2.IMREAD_COLOR)
    half = cv2.resize(np.asarray(encoded, np.uint8), (150, 100), interpolation=cv2.INTER_AREA)
    assert is_same_picture(likeness_of(shoe), likeness_of(np.asarray(half, np.uint8)))


@pytest.mark.parametrize("change", ["colour", "mirror", "turn"])
def test_another_colour_or_pose_is_another_picture(shoe: NDArray[np.uint8], change: str) -> None:
    turned = cv2.warpAffine(shoe, cv2.getRotationMatrix2D((150, 100), 12, 1), (300, 200), borderValue=(255,) * 3)
    others = {"colour": shoe[:, :, ::-1], "mirror": shoe[:, ::-1], "turn": turned}
    assert not is_same_picture(likeness_of(shoe), likeness_of(np.ascontiguousarray(others[change])))
