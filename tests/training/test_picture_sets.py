"""Several sets at once, read each in its own way; what is held out in one is learned from in none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.random import default_rng
from rich.console import Console

from ml.datasets.division import SplitPlan
from ml.datasets.importers import ImportOptions
from ml.datasets.snapshot import SnapshotError
from ml.training.pretraining.material import NEGATIVE, NOWHERE, gather
from ml.training.pretraining.picture_sets import open_sets, orders_of
from ml.training.run_folder import RunError
from tests.training.shapes import write_shapes

RANDOM = default_rng(3)


def photo() -> np.ndarray:
    """Coloured blotches: no two are alike to the eye."""
    return cv2.resize(RANDOM.integers(0, 256, (6, 6, 3), dtype=np.uint8), (48, 48), interpolation=cv2.INTER_CUBIC)


def write_folders(folder: Path, labels: tuple[str, ...] = ("high", "low"), per_label: int = 10) -> list[Path]:
    files = []
    for label in labels:
        (folder / label).mkdir(parents=True)
        for number in range(per_label):
            files.append(folder / label / f"{number:02d}.png")
            cv2.imwrite(str(files[-1]), photo())
    return files


def copy_scaled(file: Path, to: Path) -> None:
    """The same picture at another size: another file to the machine, the same to the eye."""
    to.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(to), cv2.resize(cv2.imread(str(file)), (96, 96), interpolation=cv2.INTER_CUBIC))


def test_a_twin_of_a_held_out_picture_is_not_learned_from(tmp_path: Path, cache: Path, console: Console) -> None:
    plan = SplitPlan()
    files = write_folders(tmp_path / "first")
    (alone,) = open_sets(orders_of([tmp_path / "first"], ImportOptions()), plan, cache, console)
    held_out = [alone.snapshot.file(image) for image in alone.snapshot.images if image.split != "train"]
    write_folders(tmp_path / "second", ("boot", "clog"))
    for file in held_out:
        copy_scaled(file, tmp_path / "second" / "boot" / f"twin-{file.parent.name}-{file.name}")
    aside = tmp_path / "aside"
    copy_scaled(next(file for file in files if file not in held_out), aside / "any" / "kept.png")
    copy_scaled(held_out[0], aside / "other" / "kept.png")
    orders = orders_of([tmp_path / "first", tmp_path / "second"], ImportOptions(), [aside])
    first, second, kept_aside = open_sets(orders, plan, cache, console)
    learned = {image.path for image in second.snapshot.images if image.split == "train"}
    assert second.dropped == {path for path in learned if "twin" in path}
    assert len(second.dropped) > 0
    assert len(first.dropped) == 1  # its twin is kept aside
    assert "they are not learned from" in console.file.getvalue()  # type: ignore[attr-defined]
    material = gather((first, second, kept_aside), 32, cache, console)
    assert material.names == ("first", "second")
    gone = len(first.dropped) + len(second.dropped)
    assert len(material.pixels) == len(first.snapshot.images) + len(second.snapshot.images) - gone


def test_each_set_has_its_own_labels_and_negatives(tmp_path: Path, cache: Path, console: Console) -> None:
    write_folders(tmp_path / "first")
    write_shapes(tmp_path / "shapes", per_label=5, negatives=5)
    orders = orders_of([tmp_path / "first", tmp_path / "shapes"], ImportOptions())
    material = gather(open_sets(orders, SplitPlan(), cache, console), 32, cache, console)
    positions = material.positions()
    assert positions.shape == (len(material.owners), 2)
    assert set(positions[material.owners == 0, 0]) == {0, 1}
    assert set(positions[material.owners == 0, 1]) == {NOWHERE}
    assert set(positions[material.owners == 1, 1]) == {0, 1, 2, NEGATIVE}
    rows = material.rows("test", "shapes")
    assert material.pixels[rows].shape == (len(rows), 32, 32, 3)
    assert all(material.owners[rows] == 1)


def test_a_list_says_how_each_set_is_read(tmp_path: Path, cache: Path, console: Console) -> None:
    write_folders(tmp_path / "first", ("high", "low", "rare"))
    for file in sorted((tmp_path / "first" / "rare").iterdir())[2:]:
        file.unlink()
    orders_file = tmp_path / "sets.toml"
    orders_file.write_text('[[set]]\npath = "first"\nminimum = 3\ngroup_pattern = "/([0-9])"\n')
    (one,) = open_sets(orders_of([orders_file], ImportOptions()), SplitPlan(), cache, console)
    assert one.labels == ("high", "low")
    assert {image.group for image in one.snapshot.images} == {"high/0", "low/0"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[set]\n", "not a readable list"),
        ("", "lists no sets"),
        ('[[set]]\npath = "first"\ncolour = 1\n', "has no colour"),
        ("[[set]]\nminimum = 3\n", "without a path"),
    ],
)
def test_lists_that_say_nothing(text: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "sets.toml").write_text(text)
    with pytest.raises(SnapshotError, match=sentence):
        orders_of([tmp_path / "sets.toml"], ImportOptions())


def test_sets_that_cannot_be(tmp_path: Path, cache: Path, console: Console) -> None:
    write_folders(tmp_path / "first", per_label=4)
    write_folders(tmp_path / "other" / "first", per_label=4)
    both = orders_of([tmp_path / "first", tmp_path / "other" / "first"], ImportOptions())
    with pytest.raises(RunError, match="two sets are named first"):
        open_sets(both, SplitPlan(), cache, console)
    with pytest.raises(RunError, match="no set is left"):
        open_sets(orders_of([], ImportOptions(), [tmp_path / "first"]), SplitPlan(), cache, console)
