"""fit_square: the one way from a picture to a network's square."""

from __future__ import annotations

import numpy as np
import pytest

from ml.imaging.fit import fit_square


@pytest.mark.parametrize("shape", [(10, 40), (40, 10), (300, 301), (1, 1000), (32, 32)])
def test_every_shape_becomes_the_square(shape: tuple[int, int]) -> None:
    image = np.full((*shape, 3), (10, 200, 30), np.uint8)
    square = fit_square(image, 32)
    assert square.shape == (32, 32, 3)
    assert (square == (10, 200, 30)).all()


def test_padding_takes_the_median_colour_of_the_border() -> None:
    image = np.full((20, 40, 3), 255, np.uint8)
    image[5:15, 10:30] = (200, 0, 0)
    square = fit_square(image, 40)
    assert (square[:10] == 255).all() and (square[30:] == 255).all()
    assert (square[20, 20] == (200, 0, 0)).all()


def test_shrinking_averages_areas() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    assert abs(int(fit_square(stripes, 32).mean()) - 127) <= 1


def test_other_arrays_are_refused() -> None:
    with pytest.raises(ValueError, match="uint8"):
        fit_square(np.zeros((4, 4, 3), np.float32), 8)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="height, width, 3"):
        fit_square(np.zeros((4, 4), np.uint8), 8)
