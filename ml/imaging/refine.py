"""From a guess where the shoe is to its outline: GrabCut on few pixels, then an edge that follows the full picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.regions import Floats

Mask = NDArray[np.uint8]

_ROUNDS = 1
"""More rounds cost time and, from a guess as close as ours, win nothing: measured on shoes pasted into rooms."""
_GRAIN = 2.0
"""Noise added for GrabCut, in grey levels: on drawings without any its graph cut takes up to ten times longer."""


def grab(image: NDArray[np.uint8], likelihood: Floats) -> Mask:
    """(H, W) 0 or 255: the shoe in a small RGB picture, where `likelihood` (H, W), 0 to 1, guesses it to be.

    Only the neighbourhood of the guess is looked at, so that the colours of the rest of the room do not count. An
    empty mask says that the guess was no use.
    """
    guess = _main_part(_mask(cv2.GaussianBlur(likelihood, (0, 0), 1.5) > 0.5))
    if not guess.any():
        return guess
    reach = max(2, round(0.1 * float(np.sqrt(guess.sum()))))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near, core = _mask(cv2.dilate(guess, disc)), _mask(cv2.erode(guess, disc))
    seed = np.where(guess > 0, cv2.GC_PR_FGD, np.where(near > 0, cv2.GC_PR_BGD, cv2.GC_BGD)).astype(np.uint8)
    seed[(core > 0) & (likelihood > 0.9)] = cv2.GC_FGD
    left, top, width, height = cv2.boundingRect(cv2.dilate(near, disc))
    window = (slice(top, top + height), slice(left, left + width))
    mask = np.zeros_like(guess)
    mask[window] = _grab_window(_grainy(image[window]), np.ascontiguousarray(seed[window]))
    return _whole(mask)


def _grab_window(image: NDArray[np.uint8], seed: NDArray[np.uint8]) -> Mask:
    """GrabCut's mask, 0 or 1; the seed's own where GrabCut cannot start from it."""
    shoe = (seed == cv2.GC_FGD) | (seed == cv2.GC_PR_FGD)
    if shoe.all() or not shoe.any():  # GrabCut raises without pixels of both kinds
        return _mask(shoe)
    cv2.setRNGSeed(0)  # its colour models start from k-means: the same photo is to give the same mask
    ground, figure = np.zeros((1, 65)), np.zeros((1, 65))
    labels = cv2.grabCut(image, seed, (0, 0, 0, 0), ground, figure, _ROUNDS, cv2.GC_INIT_WITH_MASK)[0]
    return _mask((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD))


def _grainy(image: NDArray[np.uint8]) -> Mask:
    noise = np.random.default_rng(0).normal(0, _GRAIN, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def _main_part(mask: Mask, share: float = 1.0) -> Mask:
    """The largest part of a mask, and parts at least `share` of its size."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    if count < 2:
        return np.zeros_like(mask)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    return _mask((areas >= share * areas.max())[parts])


def _mask(values: object) -> Mask:
    """Any array as uint8."""
    return np.asarray(values, np.uint8)


def _whole(mask: NDArray[np.uint8]) -> Mask:
    """The main parts of a mask with their holes filled: 0 or 255."""
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    parts = _main_part(_mask(opened), share=0.25)
    outlines, _ = cv2.findContours(parts, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(mask)
    cv2.drawContours(filled, outlines, -1, 255, cv2.FILLED)
    return filled


def follow_edges(mask: NDArray[np.uint8], image: NDArray[np.uint8], radius: int = 3) -> NDArray[np.uint8]:
    """A small mask brought to the size of `image`, its edge soft and drawn to the picture's own edges.

    The fast guided filter: the linear model of the mask from the picture's lightness is fitted at the mask's size and
    applied at the picture's.
    """
    height, width = mask.shape
    full = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    guide = cv2.resize(full, (width, height), interpolation=cv2.INTER_AREA)
    wanted = mask.astype(np.float32) / 255
    box = (2 * radius + 1, 2 * radius + 1)
    mean_guide, mean_mask = cv2.blur(guide, box), cv2.blur(wanted, box)
    covariance = cv2.blur(guide * wanted, box) - mean_guide * mean_mask
    slope = covariance / (cv2.blur(guide * guide, box) - mean_guide**2 + 1e-3)
    offset = mean_mask - slope * mean_guide
    size = (full.shape[1], full.shape[0])
    slope, offset = (cv2.resize(cv2.blur(part, box), size) for part in (slope, offset))
    sharpened = (slope * full + offset - 0.5) * 2.0 + 0.5  # the filter's ramp is as wide as its box: halve it
    return np.asarray(np.clip(sharpened, 0, 1) * 255, np.uint8)
