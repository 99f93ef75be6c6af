"""The benchmark of second heads: held-out labels apart by what they did, and an exit status that tells."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import onnx
import pytest

from benchmarks import augments
from benchmarks.warmth import called_brighter
from ml.datasets.snapshot import Snapshot, read_class_folders
from ml.imaging.augments.table import PUBLISHED
from ml.serving.bundle import write_card
from ml.training.augment_lessons import TESTED, VALIDATED, deal_products
from tests.drawn_shoes import draw_shoe, jpeg
from tests.tiny_bundle import write_tiny_bundle


@pytest.fixture
def shoes(tmp_path: Path) -> Snapshot:
    """Twelve labels, two pictures of each."""
    for label in range(12):
        folder = tmp_path / "shoes" / f"shoe_{label}"
        folder.mkdir(parents=True)
        upper, sole = np.random.default_rng(label).integers(20, 200, (2, 3)).tolist()
        for number in range(2):
            picture = draw_shoe((tuple(upper), tuple(sole)), (120 + 20 * number, 90), background=(214, 216, 220))
            (folder / f"{number}.jpg").write_bytes(jpeg(picture))
    return read_class_folders(tmp_path / "shoes")


def cells_of(page: str) -> list[list[str]]:
    return [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]


@pytest.mark.parametrize(("asked", "status"), [(0.999, 1), (0.0, 0)])
def test_the_exit_status_tells_whether_what_was_asked_is_reached(
    shoes: Snapshot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    asked: float,
    status: int,
) -> None:
    monkeypatch.setattr(augments, "WORK", tmp_path)
    monkeypatch.setattr(augments, "_sets", lambda: iter([(shoes, asked)]))
    bundle = write_tiny_bundle(tmp_path / "guessing", augments=PUBLISHED)
    began = datetime.now(UTC)
    assert augments.main(["--bundle", str(bundle.folder)]) == status
    page = capsys.readouterr().out
    assert any(f"Measured on {day:%Y-%m-%d}, " in page for day in (began, datetime.now(UTC)))
    assert re.search(
        r"`guessing` is guessing\. Its second head is 0\.0 of 0\.\d MB, and a picture takes [\d.]+ ms", page
    )
    headings, _, tested, validated = cells_of(page)[:4]
    assert "labels" in headings and "products" not in headings
    parts = deal_products([image.label for image in shoes.images], [image.group for image in shoes.images])
    for row, role, part in ((tested, "tested", TESTED), (validated, "validated", VALIDATED)):
        pictures = int((parts == part).sum())
        assert row[:5] == ["guessing", "shoes", role, str(pictures // 2), str(pictures)]
        assert row[headings.index("reached")] == ("NO" if status else "yes")


def test_labels_of_both_roles_are_other_labels_than_the_learned_ones(shoes: Snapshot) -> None:
    (_, tested), (_, validated) = augments.held_out(shoes)
    first, second = ({image.label for image in images} for images in (tested, validated))
    assert first and second and not first & second and len(first | second) < 12


def test_real_sets_count_together_by_picture_and_by_role(
    shoes: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(augments, "WORK", tmp_path)
    bundle = write_tiny_bundle(tmp_path / "guessing", augments=PUBLISHED)
    rows = augments.measure_bundle(bundle, [(shoes, augments.ASKED_REAL), (shoes, augments.ASKED_REAL)], 100)
    together = {one["role"]: one for one in rows if one["name"] == "all real pictures"}
    assert set(together) == {"tested", "validated"}
    for role, one in together.items():
        parts = [row for row in rows if row["role"] == role and row is not one]
        assert one["pictures"] == sum(row["pictures"] for row in parts)
        assert one["accuracy"] == pytest.approx(np.mean([row["accuracy"] for row in parts]))


def test_warmth_is_what_a_head_that_looks_for_nothing_else_goes_by(shoes: Snapshot, tmp_path: Path) -> None:
    """A head that calls brighter what has less blue than red, and nothing else."""
    bundle = write_tiny_bundle(tmp_path / "warm", augments=PUBLISHED)
    model = onnx.load(bundle.model_file)
    weights = np.zeros((3, len(PUBLISHED)), np.float32)
    weights[:, PUBLISHED.index("brighter")] = (200, 0, -200)
    model.graph.initializer.append(onnx.numpy_helper.from_array(weights, "warm"))
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array([400, 0, 0, 0, 0, 0], np.float32), "doubt"))
    del model.graph.node[-2:]
    for kind, inputs, output, facts in (
        ("ReduceMax", ["pictures"], "brightest", {"axes": [1, 2], "keepdims": 0}),
        ("MatMul", ["brightest", "warm"], "warmth", {}),
        ("Add", ["warmth", "doubt"], "augment_logits", {}),
        ("Softmax", ["augment_logits"], "augments", {"axis": 1}),
    ):
        model.graph.node.append(onnx.helper.make_node(kind, inputs, [output], **facts))
    onnx.save(model, bundle.model_file)
    for place in (tmp_path / "shoes").glob("*/*.jpg"):
        picture = draw_shoe(((120, 120, 120), (90, 90, 90)), (160, 120), background=(255, 255, 255))
        place.write_bytes(jpeg(picture))
    shares = called_brighter(write_card(bundle.folder, bundle.card), shoes, shoes.images[:3])
    assert shares.tolist() == [0, 1, 0, 1]
