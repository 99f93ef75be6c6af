"""Held-out answers come back as they were kept, and say which products sold most."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ml.datasets.snapshot import Snapshot, SnapshotImage
from ml.training.as_served import Answers
from ml.training.held_out import HeldOut, held_out_of, read_held_out, save_held_out, save_pictures
from ml.training.popularity import PopularProduct, popular_products
from ml.training.run_folder import RunError

IMAGES = (
    SnapshotImage("a/1.jpg", "a", "g1", "test", 350),
    SnapshotImage("b/1.jpg", "b", "g2", "test", -10),
    SnapshotImage("b/2.jpg", "b", "g2", "validation"),
    SnapshotImage("no/shoe.jpg", "", "g3", "test"),
)


def some_answers() -> HeldOut:
    logits = np.array([[2, 0], [1, 0], [0, 3], [0, 0]], np.float32)
    return held_out_of(Answers(IMAGES, np.zeros((4, 2), np.float32), logits), ("a", "b"), {"temperature": 2.0})


def test_answers_come_back_as_they_were(tmp_path: Path) -> None:
    save_held_out(some_answers(), tmp_path)
    kept = read_held_out(tmp_path)
    assert (kept.labels, kept.paths[0], kept.facts) == (("a", "b"), "a/1.jpg", {"temperature": 2.0})
    assert kept.targets.tolist() == [0, 1, 1, -1]
    assert kept.angles_deg.tolist() == [350, 350, -1, -1]
    assert kept.rows("test").tolist() == [0, 1]
    assert kept.probabilities()[0, 0] == pytest.approx(1 / (1 + np.exp(-1)))
    assert kept.probabilities(1)[0, 0] == pytest.approx(1 / (1 + np.exp(-2)))
    assert [file.name for file in tmp_path.iterdir()] == ["answers.npz"]


@pytest.mark.parametrize(("content", "sentence"), [(None, "holds no answers.npz"), (b"PK\3\4", "cannot be read")])
def test_missing_and_damaged_answers_are_named(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    if content is not None:
        (tmp_path / "answers.npz").write_bytes(content)
    with pytest.raises(RunError, match=sentence):
        read_held_out(tmp_path)


def sold_table(**sold: str) -> Snapshot:
    """A picture for each name, `sold` pairs of it; the last one twice, with fewer."""
    images = [SnapshotImage(f"{name}.jpg", name, name) for name in sold]
    attributes = {f"{name}.jpg": {"Deadstock Sold": pairs, "colorway": "Red"} for name, pairs in sold.items()}
    images.append(SnapshotImage("again.jpg", images[-1].label, images[-1].group))
    attributes["again.jpg"] = {"Deadstock Sold": "1", "colorway": "Red"}
    return Snapshot(Path("shop"), "table", tuple(images), {}, attributes)


def test_the_products_that_sold_most() -> None:
    table = sold_table(few="3", none="?", many="12,034", some="120.0")
    assert popular_products(table, 2) == (
        PopularProduct("many, Red", "many", 12034),
        PopularProduct("some, Red", "some", 120),
    )
    assert [product.label for product in popular_products(table)] == ["many", "some", "few"]
    assert popular_products(Snapshot(Path("shop"), "folders", IMAGES, {})) == ()


def test_the_pictures_are_counted_by_split_and_label(tmp_path: Path) -> None:
    save_pictures(Snapshot(tmp_path, "four pictures", IMAGES, {}), tmp_path)
    facts = json.loads((tmp_path / "pictures.json").read_text())
    assert facts["pictures_per_label"] == {"test": {"a": 1, "b": 1}, "validation": {"b": 1}}
    assert facts["negatives"] == {"test": 1, "validation": 0}
    assert facts["groups"] == 3
