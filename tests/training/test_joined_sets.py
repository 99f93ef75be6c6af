"""Several sets, learned from as one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml.datasets.division import SplitPlan, divide
from ml.datasets.snapshot import Snapshot, SnapshotError, SnapshotImage, read_class_folders, write_snapshot
from ml.training.as_served import Answers
from ml.training.evaluation import folder_of, report_by_folder
from ml.training.loading import joined, with_negatives


def draw(file: Path, seed: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    Image.fromarray(pixels).resize((64, 64)).save(file)


@pytest.fixture
def folders(tmp_path: Path) -> Snapshot:
    for number in range(20):
        draw(tmp_path / "real" / ("samba", "dunk")[number % 2] / f"{number}.png", number)
    return read_class_folders(tmp_path / "real")


@pytest.fixture
def world(tmp_path: Path) -> Snapshot:
    images = []
    for number in range(8):
        path = f"images/{('orbit', 'prism')[number % 2]}/{number}.png"
        draw(tmp_path / "runs" / "world" / path, 100 + number)
        split = ("train", "train", "validation", "test")[number // 2]
        images.append(SnapshotImage(path, path.split("/")[1], group=str(number), split=split))
    names = {"orbit": {"brand": "Zephra", "name": "Orbit"}}
    return write_snapshot(tmp_path / "runs" / "world", "a small world", images, label_names=names)


def test_each_set_keeps_its_pictures_and_its_division(world: Snapshot, folders: Snapshot, tmp_path: Path) -> None:
    divided = divide(folders, SplitPlan(), tmp_path / "cache").snapshot
    both = joined([world, divided])
    assert both.labels == ("dunk", "orbit", "prism", "samba")
    assert all(both.file(image).is_file() for image in both.images)
    alone = {Path(image.path).name: image.split for image in divided.images}
    real = [image for image in both.images if image.label in ("dunk", "samba")]
    assert {Path(image.path).name: image.split for image in real} == alone
    assert both.images[: len(world.images)] == world.images
    assert both.source == "a small world and class folders real"
    assert both.facts["label_names"] == {"orbit": {"brand": "Zephra", "name": "Orbit"}}


def test_pictures_are_found_where_a_set_is_reached_by_a_link(
    world: Snapshot, folders: Snapshot, tmp_path: Path
) -> None:
    (tmp_path / "a" / "deep").mkdir(parents=True)
    (tmp_path / "a" / "deep" / "runs").symlink_to(tmp_path / "runs")
    linked = replace(world, folder=tmp_path / "a" / "deep" / "runs" / "world")
    both = with_negatives(joined([linked, folders]), folders.folder / "dunk")
    assert len(both.images) == len(world.images) + 30
    assert all(both.file(image).is_file() for image in both.images)


def test_shops_of_all_sets_are_told_so_that_their_removal_marks_what_learned_from_them(
    world: Snapshot, folders: Snapshot
) -> None:
    assert "sites" not in joined([world, folders]).facts
    sold, more = (
        replace(one, facts={**one.facts, "sites": sites, "sites_at": dict.fromkeys(sites, at)})
        for one, sites, at in ((folders, {"zappos": 12, "demo": 8}, "2026-03-01"), (world, {"demo": 2}, "2026-01-01"))
    )
    assert joined([world, sold]).facts["sites"] == {"zappos": 12, "demo": 8}
    assert joined([more, sold]).facts["sites"] == {"zappos": 12, "demo": 10}
    assert joined([more, sold]).facts["sites_at"] == {"zappos": "2026-03-01", "demo": "2026-01-01"}


def test_one_set_is_itself(world: Snapshot) -> None:
    assert joined([world]) is world


def test_a_set_that_is_named_twice_is_refused(world: Snapshot, folders: Snapshot) -> None:
    with pytest.raises(SnapshotError, match="two of the sets"):
        joined([world, folders, folders])


def test_folders_of_joined_sets_are_named_without_the_way_to_them(world: Snapshot, folders: Snapshot) -> None:
    image = joined([world, folders]).images[-1]
    assert image.path.startswith("../../real/")
    assert folder_of(image.path, image.label) == "real"
    assert folder_of("../../shared/real/vello_dart/1.jpg", "vello_dart") == "real"


def test_each_set_has_numbers_of_its_own_and_no_macro_f1_that_others_spoil(world: Snapshot, folders: Snapshot) -> None:
    both = joined([world, replace(folders, images=tuple(replace(one, split="test") for one in folders.images))])
    images = tuple(image for image in both.images if image.split == "test")
    answered = [both.labels.index("orbit" if image.label == "prism" else image.label) for image in images]
    probabilities = np.full((len(images), len(both.labels)), 0.1, np.float32)
    probabilities[np.arange(len(images)), answered] = 0.7
    answers = Answers(images, np.zeros((len(images), 2), np.float32), np.log(probabilities))
    numbers = report_by_folder(
        answers, probabilities, both.labels, np.array([image.label != "dunk" for image in images])
    )
    assert {folder: own["pictures"] for folder, own in numbers.items()} == {"images": 2, "real": 20}
    assert (numbers["images"]["accuracy"], numbers["real"]["accuracy"]) == (0.5, 1.0)
    assert (numbers["images"]["kept"], numbers["real"]["kept"]) == (1.0, 0.5)
    assert not any("macro_f1" in own for own in numbers.values())
