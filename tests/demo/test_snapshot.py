"""The training snapshot of the demo world: whole, honest about what is held out, and resumable."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from demo.models import MODELS, style_code
from demo.snapshot import Plan, plan_shots, unseen_colorway, write_demo_snapshot
from ml.datasets.snapshot import Snapshot, read_snapshot

PLAN = Plan(per_model=8, held_out=2, unseen_colorway=1, negatives=5, held_out_negatives=2, size=64, seed=3, models=2)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return write_demo_snapshot(tmp_path_factory.mktemp("snapshot"), PLAN, processes=1)


def contents(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*.jpg")
    }


def test_it_reads_back_with_all_its_pictures(snapshot: Snapshot) -> None:
    assert read_snapshot(snapshot.folder).images == snapshot.images
    assert snapshot.labels == tuple(sorted(model.slug for model in MODELS[:2]))
    assert {image.path for image in snapshot.images} == set(contents(snapshot.folder))
    for image in snapshot.images:
        longest = max(Image.open(snapshot.file(image)).size)
        assert longest <= 64 if "close_up" in image.path else longest == 64


def test_it_holds_what_the_plan_says(snapshot: Snapshot) -> None:
    def count(split: str, negative: bool) -> int:
        return sum(image.split == split and image.is_negative == negative for image in snapshot.images)

    assert (count("train", False), count("validation", False), count("test", False)) == (16, 4, 6)
    assert (count("train", True), count("validation", True), count("test", True)) == (5, 2, 2)


def test_no_picture_is_there_twice(snapshot: Snapshot) -> None:
    digests = list(contents(snapshot.folder).values())
    assert len(set(digests)) == len(digests)


def test_one_colorway_of_each_model_is_seen_in_no_other_place(snapshot: Snapshot) -> None:
    for index, model in enumerate(MODELS[:2]):
        unseen = unseen_colorway(PLAN, index)
        shots = [shot for shot in plan_shots(PLAN) if shot.model == index]
        assert {shot.path.split("/")[1] for shot in shots if shot.colorway == unseen} == {"unseen_colorway"}
        assert {shot.split for shot in shots if shot.colorway == unseen} == {"test"}
        assert not any(style_code(model, model.colorways[unseen]) in shot.path for shot in shots)


def test_shop_pictures_belong_to_their_product_and_photos_to_themselves(snapshot: Snapshot) -> None:
    shop = [image for image in snapshot.images if "/shop-" in image.path]
    assert shop and all(image.group in image.path and image.angle_deg is not None for image in shop)
    others = [image.group for image in snapshot.images if "/shop-" not in image.path]
    assert len(set(others)) == len(others)
    assert {image.split for image in shop} == {"train"}


def test_going_on_makes_only_what_is_missing_and_makes_it_the_same(snapshot: Snapshot) -> None:
    before = contents(snapshot.folder)
    times = {path: (snapshot.folder / path).stat().st_mtime_ns for path in before}
    lost = [
        next(path for path in sorted(before) if word in path)
        for word in ("shop-", "cutout-", "close_up-", "photo-", "no_shoe")
    ]
    for path in lost:
        (snapshot.folder / path).unlink()
    write_demo_snapshot(snapshot.folder, PLAN, processes=1)
    assert contents(snapshot.folder) == before
    kept = set(before) - set(lost)
    assert {path: (snapshot.folder / path).stat().st_mtime_ns for path in kept} == {path: times[path] for path in kept}


def test_the_default_plan_is_as_large_as_documented() -> None:
    shots = list(plan_shots(Plan()))
    assert len({shot.path for shot in shots}) == len(shots)
    train = [shot for shot in shots if shot.split == "train"]
    for kind, share in (("shop", 0.2), ("photo", 0.1), ("close_up", 0.35), ("cutout", 0.35)):
        assert sum(shot.kind == kind for shot in train) == pytest.approx(share * 120 * len(MODELS), rel=0.02)
    assert sum(shot.kind == "non_shoe" for shot in train) == 1200
