"""Fit a picture into the square that a network takes: one function, so that training and serving see the same."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""(H, W, 3) RGB, 0 to 255."""


def fit_square(image: Picture, size: int) -> Picture:
    """The whole picture in the middle of a (size, size, 3) square, its proportions kept.

    The long side becomes `size` pixels (averaged over areas where it shrinks); what is left over is filled with the
    median colour of the picture's border, so that a cut-out on white stays on white.
    Raises ValueError where `image` is not an (H, W, 3) uint8 array with at least one pixel.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"a picture is a uint8 array of (height, width, 3), not {image.dtype} of {image.shape}")
    height, width = image.shape[:2]
    scale = size / max(height, width)
    fitted_width, fitted_height = max(1, round(width * scale)), max(1, round(height * scale))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    fitted = cv2.resize(image, (fitted_width, fitted_height), interpolation=interpolation)
    left, top = (size - fitted_width) // 2, (size - fitted_height) // 2
    square = np.empty((size, size, 3), np.uint8)
    square[:] = border_colour(image)
    square[top : top + fitted_height, left : left + fitted_width] = fitted
    return square


def border_colour(image: Picture) -> NDArray[np.uint8]:
    """The median colour (3,) of the outermost pixels."""
    edges = (image[0], image[-1], image[:, 0], image[:, -1])
    return np.asarray(np.median(np.concatenate(edges), axis=0), np.uint8)
