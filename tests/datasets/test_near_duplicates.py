"""Copies of a picture are found and kept together; different pictures, and colorways in one pose, are not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.random import default_rng
from numpy.typing import NDArray

from ml.datasets.near_duplicates import NearDuplicate, find_near_duplicates, merge_groups
from ml.datasets.snapshot import SnapshotImage
from ml.imaging.perceptual_hash import close_pairs, perceptual_hashes
from tests.datasets.folders import noise


def jpeg(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", picture, [1, quality])[1], 1), np.uint8)


def rescaled(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (64, 64), interpolation=cv2.INTER_CUBIC), np.uint8)


@pytest.fixture(scope="module")
def pictures() -> NDArray[np.uint8]:
    return np.stack([noise(seed, 64) for seed in range(60)])


def test_close_pairs_are_those_of_comparing_all() -> None:
    random = default_rng(3)
    hashes = random.integers(0, 2**64, (40, 4), np.uint64).repeat(5, axis=0)
    flips = (random.random((200, 256)) < 0.04).astype(np.uint8)
    hashes ^= np.packbits(flips, axis=1).view(np.uint64)
    apart = np.bitwise_count(hashes[:, None] ^ hashes[None]).sum(axis=-1)
    expected = [[i, j, apart[i, j]] for i in range(200) for j in range(i + 1, 200) if apart[i, j] <= 16]
    assert expected
    assert close_pairs(hashes, hashes, 16).tolist() == expected


def test_mirrored_hashes_are_those_of_mirrored_pictures(pictures: NDArray[np.uint8]) -> None:
    mirrored = perceptual_hashes(pictures)[1]
    anew = perceptual_hashes(pictures[:, :, ::-1])[0]
    assert np.bitwise_count(mirrored ^ anew).sum(axis=1).max() <= 2


def test_copies_are_found(pictures: NDArray[np.uint8]) -> None:
    copies = [jpeg(pictures[0], 40), rescaled(pictures[1], 40), pictures[2][:, ::-1], pictures[3], pictures[3]]
    found = find_near_duplicates(np.concatenate([pictures, np.stack(copies)]))
    assert [(pair.first, pair.second) for pair in found] == [(0, 60), (1, 61), (2, 62), (3, 63), (3, 64), (63, 64)]
    assert [pair.mirrored for pair in found] == [False, False, True, False, False, False]
    assert found[3].bits == 0
    assert found[3].difference == 0


def test_another_colour_is_another_picture(pictures: NDArray[np.uint8]) -> None:
    grey = pictures[:1].mean(axis=3, keepdims=True).repeat(3, axis=3)
    tinted = np.stack([grey[0] * 0.8, grey[0] * (1.0, 0.7, 0.6)]).astype(np.uint8)
    plain, _ = perceptual_hashes(tinted)
    assert np.bitwise_count(plain[0] ^ plain[1]).sum() <= 16
    assert find_near_duplicates(tinted) == ()


def test_blank_pictures_of_one_colour_are_one_and_no_pictures_are_none() -> None:
    blank = np.full((3, 64, 64, 3), 255, np.uint8)
    blank[2] = 30
    assert [(pair.first, pair.second) for pair in find_near_duplicates(blank)] == [(0, 1)]
    assert find_near_duplicates(blank[:0]) == ()


def test_chains_of_pairs_make_one_group_in_any_order() -> None:
    images = [SnapshotImage(f"{name}.jpg", "shoe", name) for name in "edcbaxx"]
    pairs = [NearDuplicate(0, 1, 1, 1.0), NearDuplicate(2, 3, 1, 1.0), NearDuplicate(1, 3, 1, 1.0)]
    for order in (pairs, pairs[::-1]):
        assert [image.group for image in merge_groups(images, order)] == ["b", "b", "b", "b", "a", "x", "x"]
