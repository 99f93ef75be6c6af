"""The comparison: one table, written anew behind each network, and nothing trained twice."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from ml.__main__ import main
from ml.datasets.snapshot import Snapshot

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]


def test_two_contestants_and_chance(
    shapes: Snapshot, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "compared"
    asked = ["compare", str(shapes.folder), "--out", str(out), "--cache", str(cache), "--size", "46"]
    asked += ["--epochs-fine", "2", "--batch", "8", "--networks"]
    assert main([*asked, "benchmark-cnn"]) == 0
    assert main([*asked, "benchmark-cnn,benchmark-cnn+oversample"]) == 0
    assert (out / "benchmark-cnn" / "bundle").is_dir()
    said = capsys.readouterr().out
    assert said.count("benchmark-cnn/bundle is finished") == 1
    facts = json.loads((out / "comparison.json").read_text())
    chance, plain, oversampled = facts["rows"]
    assert chance["accuracy"] == pytest.approx(1 / 3)
    assert chance["log_loss"] == pytest.approx(math.log(3))
    assert plain["parameters"] == oversampled["parameters"] == 32_832 + 65 * 3
    assert min(plain[name] for name in ("minutes", "ms", "megabytes", "accuracy", "top5", "log_loss")) >= 0
    table = (out / "comparison.md").read_text().splitlines()
    assert table[0].startswith("| network | parameters | training minutes | ms a picture | MB |")
    assert [line.split(" | ")[0] for line in table[2:5]] == [
        "| random choice",
        "| Benchmark CNN",
        "| Benchmark CNN, oversample",
    ]
    assert "3 labels" in table[6]
    assert "1 thread(s)" in table[6]


def test_what_cannot_be_compared(shapes: Snapshot, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["compare", str(shapes.folder), "--out", str(tmp_path / "out"), "--networks", "vgg16,vgg99"]
    assert main(asked) == 2
    assert "there is no network 'vgg99'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
