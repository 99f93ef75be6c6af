"""Splits keep groups together and labels alike, and are the same for the same seed."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from ml.datasets.snapshot import SnapshotImage
from ml.datasets.split import (
    PUBLISHED_THREE_WAY,
    TRAIN_VALIDATION_TEST,
    balance,
    fill_splits,
    split_by_group,
)
from tests.datasets.folders import straddling_groups

TRAIN_TEST = {"train": 0.8, "test": 0.2}


def shop_pictures(labels: int = 4, groups: int = 25, views: int = 4) -> list[SnapshotImage]:
    return [
        SnapshotImage(f"{label}/{group}/{view}.jpg", f"shoe_{label}", f"{label}-{group}")
        for label in range(labels)
        for group in range(groups)
        for view in range(views)
    ]


@pytest.mark.parametrize("shares", [TRAIN_TEST, TRAIN_VALIDATION_TEST], ids=["80/20", "72/8/20"])
def test_every_label_is_divided_by_the_shares(shares: dict[str, float]) -> None:
    images = split_by_group(shop_pictures(), shares, seed=3)
    assert straddling_groups(images) == []
    for label in {image.label for image in images}:
        counts = Counter(image.split for image in images if image.label == label)
        assert {split: counts[split] / 100 for split in shares} == pytest.approx(dict(shares), abs=0.001)


def test_the_same_seed_gives_the_same_split_in_any_order() -> None:
    images = shop_pictures()
    shuffled = random.Random(1).sample(images, len(images))
    split_of = {image.path: image.split for image in split_by_group(images, TRAIN_TEST, seed=5)}
    assert split_of == {image.path: image.split for image in split_by_group(shuffled, TRAIN_TEST, seed=5)}
    assert split_of != {image.path: image.split for image in split_by_group(images, TRAIN_TEST, seed=6)}


def test_a_label_with_one_group_is_trained_on() -> None:
    images = split_by_group(shop_pictures(groups=1), TRAIN_VALIDATION_TEST)
    assert {image.split for image in images} == {"train"}


@pytest.mark.parametrize("groups", [2, 3, 4])
@pytest.mark.parametrize("shares", [TRAIN_VALIDATION_TEST, PUBLISHED_THREE_WAY], ids=["72/8/20", "72/18/10"])
def test_no_split_is_empty_though_labels_have_few_groups(shares: dict[str, float], groups: int) -> None:
    images = fill_splits(split_by_group(shop_pictures(labels=45, groups=groups), shares))
    assert straddling_groups(images) == []
    trained = {image.label for image in images if image.split == "train"}
    counts = Counter(image.split for image in images)
    assert len(trained) == 45
    assert counts["validation"] >= shares["validation"] * len(images)
    assert counts["test"] >= shares["test"] * len(images) / 2


@pytest.mark.parametrize("shares", [{}, {"train": 0.5, "test": 0.4}, {"train": 1.2, "test": -0.2}])
def test_shares_must_sum_to_one(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="sum to 1"):
        split_by_group(shop_pictures(), shares)


def test_what_a_snapshot_fixed_stays() -> None:
    fixed = [SnapshotImage(f"fixed/{n}.jpg", "shoe_0", f"f{n}", "train" if n % 4 else "test") for n in range(80)]
    filled = {image.path: image.split for image in fill_splits([*fixed, *shop_pictures()])}
    assert all(filled[image.path] == "test" for image in fixed if image.split == "test")
    assert {"train", "validation", "test"} == set(filled.values())


def test_validation_comes_out_of_training_where_it_is_missing() -> None:
    fixed = [SnapshotImage(f"{n}.jpg", f"shoe_{n % 2}", f"g{n}", "train" if n % 5 else "test") for n in range(100)]
    filled = fill_splits(fixed)
    assert Counter(image.split for image in filled) == {"train": 72, "validation": 8, "test": 20}


def test_balance_is_one_when_even_and_falls_when_lopsided() -> None:
    assert balance("aabbcc") == pytest.approx(1)
    assert balance("a" * 90 + "b" * 10) == pytest.approx(0.469, abs=0.001)
    assert balance("aaa") == 1
