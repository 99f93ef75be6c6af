"""The training snapshot of the demo world: whole, honest about what is held out, and resumable."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from demo.models import MODELS, style_code
from demo.snapshot import Plan, plan_shots, unseen_colorway, write_demo_snapshot
from ml.datasets.snapshot import Snapshot, read_snapshot

PLAN = Plan(
    per_model=10, held_out=2, unseen_colorway=1, negatives=6, held_out_negatives=2, size=64, photo_size=96, models=2
)


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
        assert longest <= 64 if image.split == "train" else longest == 96


def test_it_holds_what_the_plan_says(snapshot: Snapshot) -> None:
    def count(split: str, negative: bool) -> int:
        return sum(image.split == split and image.is_negative == negative for image in snapshot.images)

    assert (count("train", False), count("validation", False), count("test", False)) == (20, 4, 6)
    assert (count("train", True), count("validation", True), count("test", True)) == (6, 2, 2)


def test_no_picture_is_there_twice(snapshot: Snapshot) -> None:
    digests = list(contents(snapshot.folder).values())
    assert len(set(digests)) == len(digests)


def test_one_colorway_of_each_model_is_seen_in_no_other_place(snapshot: Snapshot) -> None:
    for index, model in enumerate(MODELS[:2]):
        unseen = unseen_colorway(PLAN, index)
        assert unseen is not None
        shots = [shot for shot in plan_shots(PLAN) if shot.model == index]
        assert {shot.path.split("/")[1] for shot in shots if shot.colorway == unseen} == {"unseen_colorway"}
        assert {shot.split for shot in shots if shot.colorway == unseen} == {"test"}
        assert not any(style_code(model, model.colorways[unseen]) in shot.path for shot in shots)


def test_without_that_experiment_training_sees_all_colorways() -> None:
    for index, model in enumerate(MODELS):
        shots = [shot for shot in plan_shots(Plan()) if shot.model == index and shot.split == "train"]
        assert {shot.colorway for shot in shots} == set(range(len(model.colorways)))


def test_it_names_the_models(snapshot: Snapshot) -> None:
    first = MODELS[0]
    assert read_snapshot(snapshot.folder).facts["label_names"][first.slug] == {"brand": first.brand, "name": first.name}


def test_shop_pictures_belong_to_their_product_and_photos_to_themselves(snapshot: Snapshot) -> None:
    shop = [image for image in snapshot.images if "/shop-" in image.path]
    assert shop and all(image.group in image.path and image.angle_deg is not None for image in shop)
    others = [image.group for image in snapshot.images if "/shop-" not in image.path]
    assert len(set(others)) == len(others)
    assert {image.split for image in shop} == {"train"}


def test_going_on_makes_only_what_is_missing_and_makes_it_the_same(snapshot: Snapshot) -> None:
    before = contents(snapshot.folder)
    times = {path: (snapshot.folder / path).stat().st_mtime_ns for path in before}
    kinds = [f"{MODELS[0].slug}/{kind}-" for kind in ("shop", "cutout", "close_up", "photo")]
    lost = [next(path for path in sorted(before) if word in path) for word in (*kinds, "no_shoe")]
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
    for kind, share in (("shop", 0.2), ("photo", 0.8 / 3), ("close_up", 0.8 / 3), ("cutout", 0.8 / 3)):
        own = [shot for shot in train if shot.kind == kind and shot.model >= 0]
        assert len(own) == pytest.approx(share * 130 * len(MODELS), rel=0.02)
    assert sum(shot.model < 0 for shot in train) == 1400
