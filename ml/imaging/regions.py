"""Cut a picture into some three hundred small regions whose borders follow the edges, and say who neighbours whom.

Looking for a shoe among regions instead of pixels is what makes it quick: a question about a candidate shoe becomes one
row of a matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_STEP = 8
"""Pixels between region seeds: at 160 pixels the best union of such regions covers a shoe with IoU 0.9."""
_LIGHTNESS_BINS, _CHROMA_BINS = 5, 5


@dataclass(frozen=True)
class Regions:
    """n regions of a picture. All arrays are float32 but `labels`."""

    labels: NDArray[np.int32]
    """(H, W): which region a pixel belongs to, 0 to n - 1."""
    areas: Floats
    """(n,) pixels."""
    centres: Floats
    """(n, 2) mean x and y, in pixels."""
    histograms: Floats
    """(n, colours) pixels of each quantised colour that occurs in the picture."""
    texture: Floats
    """(n,) sum over the region of the local contrast."""
    on_border: Floats
    """(n,) length along the border of the picture, in pixels."""
    shared: Floats
    """(n, n) length of the common border of two regions, in pixels."""
    contrast: Floats
    """(n, n) mean colour difference (CIE76) across that border; 0 where they do not touch."""


def split(image: NDArray[np.uint8]) -> Regions:
    """The regions of a small RGB picture (about 160 pixels on its long side)."""
    lab = soften(lab_of(image), 0.7)
    gradient = gradient_of(lab)
    labels, count = _watershed(lab, gradient)
    shared, contrast = _borders(lab, labels, count)
    areas = _sums(labels, count)
    rows, columns = np.mgrid[: labels.shape[0], : labels.shape[1]].astype(np.float32)
    centres = np.stack([_sums(labels, count, columns), _sums(labels, count, rows)], axis=1, dtype=np.float32)
    edges = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    return Regions(
        labels=labels,
        areas=areas,
        centres=np.asarray(centres / np.maximum(areas, 1)[:, None], np.float32),
        histograms=_histograms(lab, labels, count),
        texture=_sums(labels, count, np.minimum(gradient, 30)),
        on_border=np.bincount(np.concatenate(edges), minlength=count).astype(np.float32),
        shared=shared,
        contrast=contrast,
    )


def lab_of(image: NDArray[np.uint8]) -> Floats:
    """CIE L*a*b* of an RGB picture, L from 0 to 100."""
    return np.asarray(cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def soften(values: Floats, sigma: float) -> Floats:
    """Gaussian blur, in pixels."""
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)


def gradient_of(lab: Floats) -> Floats:
    """(H, W): how much the colour changes over a pixel, in CIE76."""
    across = cv2.Sobel(lab, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    down = cv2.Sobel(lab, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    return np.asarray(np.sqrt((across**2 + down**2).sum(axis=2)), np.float32)


def _watershed(lab: Floats, gradient: Floats) -> tuple[NDArray[np.int32], int]:
    """Flood the picture from the calmest pixel near each point of a grid."""
    height, width = gradient.shape
    rows, columns = max(2, round(height / _STEP)), max(2, round(width / _STEP))
    seeds = np.zeros((height, width), np.int32)
    reach = _STEP // 4
    for number in range(rows * columns):
        row = int((number // columns + 0.5) * height / rows)
        column = int((number % columns + 0.5) * width / columns)
        top, left = max(0, row - reach), max(0, column - reach)
        window = gradient[top : row + reach + 1, left : column + reach + 1]
        down, right = divmod(int(window.argmin()), window.shape[1])
        seeds[top + down, left + right] = number + 1
    stretched = np.clip(lab * 2 + (0, 128, 128), 0, 255).astype(np.uint8)
    labels = np.maximum(cv2.watershed(stretched, seeds), 0)
    for _ in range(3):  # the lines between regions go to a neighbour; so does the frame, which watershed leaves out
        grown = cv2.dilate(labels.astype(np.float32), np.ones((3, 3), np.uint8)).astype(np.int32)
        labels = np.where(labels == 0, grown, labels)
    return _renumber(labels)


def _borders(lab: Floats, labels: NDArray[np.int32], count: int) -> tuple[Floats, Floats]:
    """Length and mean contrast of the border of each two regions; contrast is taken across 3 pixels, past the blur."""
    length = np.zeros((count, count))
    difference = np.zeros((count, count))
    for turned_lab, turned in ((lab, labels), (lab.transpose(1, 0, 2), labels.T)):
        padded = np.pad(turned_lab, ((1, 1), (0, 0), (0, 0)), mode="edge")
        change = padded[3:] - padded[:-3]
        steps = np.sqrt(np.einsum("ijk,ijk->ij", change, change))
        here, there = turned[:-1], turned[1:]
        differs = here != there
        pairs = here[differs] * count + there[differs]
        length += np.bincount(pairs, minlength=count * count).reshape(count, count)
        difference += np.bincount(pairs, steps[differs], count * count).reshape(count, count)
    length, difference = length + length.T, difference + difference.T
    return length.astype(np.float32), (difference / np.maximum(length, 1)).astype(np.float32)


def _histograms(lab: Floats, labels: NDArray[np.int32], count: int) -> Floats:
    """Pixels of each colour in each region; chroma is binned by its cube root, finer where greys are."""
    colour = np.clip(lab[..., 0] / 100 * _LIGHTNESS_BINS, 0, _LIGHTNESS_BINS - 1).astype(np.int64)
    for chroma in (lab[..., 1], lab[..., 2]):
        bins = np.clip(np.cbrt(chroma) * 0.75 + _CHROMA_BINS / 2, 0, _CHROMA_BINS - 1).astype(np.int64)
        colour = colour * _CHROMA_BINS + bins
    compact, present = _renumber(colour)
    cells = labels.ravel() * present + compact.ravel()
    return np.bincount(cells, minlength=count * present).reshape(count, -1).astype(np.float32)


def _renumber(numbers: NDArray[np.integer]) -> tuple[NDArray[np.int32], int]:
    """The same small numbers without gaps from 0, and how many there are."""
    occurs = np.bincount(numbers.ravel()) > 0
    return (np.cumsum(occurs, dtype=np.int32) - 1)[numbers], int(occurs.sum())


def _sums(labels: NDArray[np.int32], count: int, values: Floats | None = None) -> Floats:
    weights = None if values is None else values.ravel()
    return np.bincount(labels.ravel(), weights, count).astype(np.float32)
