"""Plans divide pictures by name; near-duplicates never straddle; what came with a split keeps it."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from ml.datasets.division import SPLIT_NAMES, SplitPlan, divide, plan_of, split_by_plan
from ml.datasets.importers import import_pictures
from ml.datasets.snapshot import SnapshotImage
from ml.datasets.split import split_by_fold
from tests.datasets.folders import straddling_groups, write_class_folders

PICTURES = tuple(
    SnapshotImage(f"{label}/{group}/{view}.jpg", f"shoe_{label}", f"{label}-{group}")
    for label in range(3)
    for group in range(50)
    for view in range(2)
)


@pytest.mark.parametrize(
    ("name", "shares"),
    [
        ("80/20", {"train": 0.72, "validation": 0.08, "test": 0.2}),
        ("72/18/10", {"train": 0.72, "validation": 0.18, "test": 0.1}),
        ("fold:4", {"train": 0.72, "validation": 0.08, "test": 0.2}),
    ],
)
def test_every_plan_divides_every_label_by_its_shares(name: str, shares: dict[str, float]) -> None:
    images = split_by_plan(PICTURES, SplitPlan(name, seed=2))
    assert straddling_groups(images) == []
    for label in ("shoe_0", "shoe_1", "shoe_2"):
        counts = Counter(image.split for image in images if image.label == label)
        assert {split: count / 100 for split, count in counts.items()} == pytest.approx(shares, abs=0.021)


def test_each_picture_is_tested_in_one_fold() -> None:
    odd = (*PICTURES, *(SnapshotImage(f"odd/{n}.jpg", f"odd_{n % 9}", f"odd-{n}") for n in range(63)))
    folds = [split_by_fold(odd, fold, seed=3) for fold in range(1, 6)]
    tested = Counter(image.path for images in folds for image in images if image.split == "test")
    assert tested == dict.fromkeys((image.path for image in odd), 1)
    sizes = [sum(image.split == "test" for image in images) for images in folds]
    assert max(sizes) - min(sizes) <= 9
    assert folds == [split_by_fold(odd, fold, seed=3) for fold in range(1, 6)]
    assert folds[0] != split_by_fold(odd, 1, seed=4)


def test_a_label_with_one_group_is_never_tested() -> None:
    images = (*PICTURES, SnapshotImage("only.jpg", "only", "only"))
    assert {split_by_fold(images, fold)[-1].split for fold in range(1, 6)} == {"train"}


def test_large_groups_do_not_spoil_the_shares() -> None:
    large = tuple(SnapshotImage(f"large/{n}.jpg", "shoe_0", "large") for n in range(40))
    for seed in range(10):
        images = split_by_plan((*PICTURES, *large), SplitPlan(seed=seed))
        counts = Counter(image.split for image in images if image.label == "shoe_0")
        assert counts["test"] / 140 == pytest.approx(0.2, abs=0.02)


def test_near_duplicates_stay_on_one_side(tmp_path: Path) -> None:
    folder = write_class_folders(tmp_path / "shoes", per_label=10)
    for number in range(10):
        shutil.copy(folder / "boot" / f"{number}.png", folder / "boot" / f"copy_{number}.png")
    snapshot = import_pictures(folder)
    together = divide(snapshot, SplitPlan(), tmp_path / "cache")
    assert len(together.near_duplicates) == 10
    split_of = {image.path: image.split for image in together.snapshot.images}
    assert all(split_of[first] == split_of[second] for first, second, _ in together.near_duplicates)
    apart = divide(snapshot, SplitPlan(near_duplicates=False), tmp_path / "cache")
    split_of = {image.path: image.split for image in apart.snapshot.images}
    assert any(split_of[first] != split_of[second] for first, second, _ in together.near_duplicates)
    assert plan_of({"seed": 9, **apart.snapshot.facts}) == SplitPlan(near_duplicates=False)


def test_own_splits_stay_and_are_not_looked_through(tmp_path: Path) -> None:
    for split in ("train", "test"):
        write_class_folders(tmp_path / "shoes" / split, per_label=10)
    snapshot = import_pictures(tmp_path / "shoes")
    division = divide(snapshot, SplitPlan("fold:2"), tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
    assert Counter(image.split for image in division.snapshot.images) == {"train": 18, "validation": 2, "test": 20}


def test_plans_have_names_and_bundles_remember_them() -> None:
    assert plan_of({"seed": 3}) == SplitPlan(seed=3, near_duplicates=False)
    assert "fold:5" in SPLIT_NAMES
    with pytest.raises(ValueError, match=r"a split is one of 80/20, 72/18/10, fold:1, .*, not 'fold:6'"):
        SplitPlan("fold:6")
    with pytest.raises(ValueError, match="folds 1 to 5"):
        split_by_fold(PICTURES, 0)


@pytest.mark.data
def test_copies_in_a_shared_set(shared_data: Path, tmp_path: Path) -> None:
    division = divide(import_pictures(shared_data / "restocks7"), SplitPlan(), tmp_path / "cache")
    colorways = [Path(first).name.removesuffix("-1-400.png") for first, _, _ in division.near_duplicates]
    assert colorways == ["air-jordan-1-low-og-neutral-grey-2021", "air-jordan-1-retro-low-og-mystic-navy"]
