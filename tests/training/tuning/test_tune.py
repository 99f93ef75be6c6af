"""Tuning by its command: a study folder, both models, and the same command again."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console

from ml.__main__ import main
from ml.datasets.snapshot import Snapshot
from ml.serving.bundle import read_bundle
from ml.training.settings import changed
from ml.training.tuning.bench import TopBench
from ml.training.tuning.rehearsal import Marks, marks_of
from ml.training.tuning.search_plan import plan_search

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]


def test_a_study_of_the_whole_recipe(shapes: Snapshot, cache: Path, tmp_path: Path) -> None:
    out = tmp_path / "study"
    asked = ["tune", str(shapes.folder), "--out", str(out), "--cache", str(cache), "--networks", "benchmark-cnn"]
    asked += ["--fine-tune", "--size", "46", "--epochs-fine", "2", "--sampler", "random", "--trials"]
    assert main([*asked, "2"]) == 0
    assert main([*asked, "3"]) == 0, "goes on, and judges anew"
    summary = json.loads((out / "study.json").read_text())
    assert [trial["number"] for trial in summary["trials"]] == [0, 1, 2]
    assert [trial["untuned"] for trial in summary["trials"]] == [True, False, False]
    assert (summary["sampler"], summary["pruner"], summary["storage"]) == ("random", "hyperband", "study.sqlite")
    validation = summary["verdict"]["validation"]
    kept = read_bundle(Path(summary["verdict"]["bundle"])).card.metrics["validation"]
    assert kept["accuracy"] >= validation["untuned"]["accuracy"]
    assert kept["log_loss"] <= validation["untuned"]["log_loss"]
    assert "| 0 (untuned) |" in (out / "study.md").read_text()
    drawing = ElementTree.parse(out / "study.svg")
    assert drawing.getroot().tag.endswith("svg")
    assert main([*asked, "3", "--objective", "accuracy"]) == 2, "another search"


def test_top_models_share_features_and_reach_what_the_recipe_reaches(shapes: Snapshot, cache: Path) -> None:
    space = plan_search(("vgg16",), (), size=32, variants=2, batch_size=8)
    bench = TopBench(shapes, cache, Console(file=io.StringIO()))
    heard: list[tuple[str, float, Marks]] = []
    settings = changed(space.untuned, top_epochs=3)
    first = bench.try_out(settings, lambda *told: heard.append(told))
    assert [(step, round(share, 2)) for step, share, _ in heard] == [("bottleneck", part) for part in (0.33, 0.67, 1)]
    assert heard[-1][2] == first
    again = bench.try_out(settings, lambda *_: None)
    assert again == first, "the same settings and seed score the same"
    bench.try_out(changed(settings, dropout=0.5, dimensions=16), lambda *_: None)
    assert len(bench._shelf) == 1


def test_marks_do_not_depend_on_how_bold_a_model_is() -> None:
    logits = np.random.default_rng(0).normal(size=(2000, 4)).astype(np.float32)
    targets = np.where(np.arange(2000) % 3, logits.argmax(axis=1), 0)
    one, other = marks_of(logits, targets), marks_of(3 * logits, targets)
    assert one.accuracy == other.accuracy
    assert one.log_loss == pytest.approx(other.log_loss, abs=1e-3)
    assert one.log_loss < math.log(4)
    assert marks_of(np.full((2000, 4), np.nan, np.float32), targets) == Marks(0.25, math.log(4))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--sampler", "grid"], "there is no sampler 'grid': choose tpe, random, gp"),
        (["--pruner", "asha"], "there is no pruner 'asha'"),
        (["--objective", "beauty"], "there is no objective 'beauty'"),
        (["--trials", "0"], "--trials is at least 1"),
        (["--networks", "resnet18"], "begins with nothing"),
        (["--storage", "postgres"], "is no URL of a database"),
    ],
)
def test_what_cannot_be_tuned(
    options: list[str], sentence: str, shapes: Snapshot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["tune", str(shapes.folder), "--out", str(tmp_path / "out"), "--cache", str(tmp_path / "cache")]
    assert main([*asked, *options]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
