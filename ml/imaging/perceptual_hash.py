"""Perceptual hashes: pictures that look the same have nearly the same bits, whatever their size and compression.

pHash after C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010): the low frequencies
of the grey picture's discrete cosine transform, each compared with their median. 16 x 16 frequencies instead of the
usual 8 x 8, since shoes on white agree in the lowest 64 bits: side views of different models differ in 0 to 4 of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIDE = 64
"""Side in pixels of the pictures to be hashed."""
FREQUENCIES = 16
BITS = FREQUENCIES**2
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
BATCH = 1024
Hashes = NDArray[np.uint64]
"""(N, 4): 256 bits a picture."""


def perceptual_hashes(pixels: NDArray[np.uint8]) -> tuple[Hashes, Hashes]:
    """The hashes of pictures (N, 64, 64, 3) uint8 RGB, and those that their mirror images would have."""
    plain, mirrored = [], []
    # A mirror image's frequencies are the same but for the sign of every other column.
    signs = (-1.0) ** np.arange(FREQUENCIES)
    for start in range(0, len(pixels), BATCH):
        waves = low_frequencies(pixels[start : start + BATCH])
        plain.append(_bits(waves))
        mirrored.append(_bits(waves * signs))
    empty = np.zeros((0, BITS // 64), np.uint64)
    return np.concatenate([empty, *plain]), np.concatenate([empty, *mirrored])


def low_frequencies(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, 16, 16): the orthonormal discrete cosine transform (type II) of the grey pictures, its low end."""
    grey = pixels.astype(np.float32) @ LUMINANCE
    cosines = _cosines()
    # What is below a tenth of a grey level is rounding: a picture of one colour has no frequencies at all.
    waves = cosines @ grey @ cosines.T
    return np.asarray(np.round(waves, 1), np.float32)


def close_pairs(hashes: Hashes, others: Hashes, most: int) -> NDArray[np.intp]:
    """Every pair that differs in at most `most` bits: row of `hashes`, higher row of `others`, differing bits.

    (P, 3), sorted. Exact, without comparing all pairs: hashes that differ in at most `most` bits agree wholly in one of
    `most` + 1 bands of bits, so only those that share a band are compared.
    """
    bands = most + 1
    ours, theirs = _unpacked(hashes), _unpacked(others)
    found = [np.zeros((0, 3), np.intp)]
    for band in range(bands):
        # Every `bands`-th bit: neighbouring frequencies of shoes on white agree too often to make a band of their own.
        places = 1 << np.arange(len(range(band, BITS, bands)), dtype=np.int64)
        found += _same_key(hashes, others, ours[:, band::bands] @ places, theirs[:, band::bands] @ places, most)
    return np.unique(np.concatenate(found), axis=0)


def _same_key(
    hashes: Hashes, others: Hashes, ours: NDArray[np.int64], theirs: NDArray[np.int64], most: int
) -> list[NDArray[np.intp]]:
    """The close ones among the pairs whose keys are equal; one step for each place in the longest run of equal keys."""
    order = np.argsort(theirs, kind="stable")
    first, last = (np.searchsorted(theirs[order], ours, side=side) for side in ("left", "right"))
    rows, found = np.arange(len(hashes)), []
    for step in range(int((last - first).max(initial=0))):
        rows = rows[first[rows] + step < last[rows]]
        partners = order[first[rows] + step]
        forward = rows < partners
        left, right = rows[forward], partners[forward]
        distance = np.bitwise_count(hashes[left] ^ others[right]).sum(axis=1, dtype=np.intp)
        close = distance <= most
        found.append(np.stack([left[close], right[close], distance[close]], axis=1))
    return found


def _bits(waves: NDArray[np.float32]) -> Hashes:
    flat = waves.reshape(len(waves), BITS)
    # The median leaves out the first number, which is only the mean grey.
    above = flat > np.median(flat[:, 1:], axis=1, keepdims=True)
    return np.packbits(above, axis=1).view(np.uint64)


def _unpacked(hashes: Hashes) -> NDArray[np.int64]:
    return np.unpackbits(hashes.view(np.uint8), axis=1).astype(np.int64)


def _cosines() -> NDArray[np.float32]:
    """(16, 64): the first rows of the transform's matrix."""
    frequency, place = np.arange(FREQUENCIES)[:, None], np.arange(SIDE)[None, :]
    rows = np.cos(np.pi * (2 * place + 1) * frequency / (2 * SIDE)) * np.sqrt(2 / SIDE)
    rows[0] /= np.sqrt(2)
    return np.asarray(rows, np.float32)
