"""Networks of which nothing is frozen: stopped and gone on exactly, ended early, helped against rare labels."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from ml.__main__ import main
from ml.datasets.pictures import load_pictures
from ml.datasets.snapshot import Snapshot
from ml.training import course, recipe
from ml.training.recipe import plan_exercise, train
from ml.training.run_folder import RunError
from ml.training.settings import TrainSettings, choose_settings

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]


class TrainedEnoughError(Exception):
    """Ends a test's run behind the training: its export is tested elsewhere."""


def end(*_: Any) -> None:
    raise TrainedEnoughError


def settings(**chosen: Any) -> TrainSettings:
    return choose_settings("benchmark-cnn", **{"size": 46, "fine_epochs": 3, "batch_size": 8, **chosen})


def trained(
    snapshot: Snapshot, out: Path, cache: Path, how: TrainSettings, console: Console, monkeypatch: pytest.MonkeyPatch
) -> list[dict[str, Any]]:
    """The epochs of a run that is not exported."""
    monkeypatch.setattr(recipe, "write_bundle", end)
    with pytest.raises(TrainedEnoughError):
        train(snapshot, out, cache, how, console)
    return [json.loads(line) for line in (out / "curves.jsonl").read_text().splitlines()]


def stopping_after(saves: int) -> Callable[..., None]:
    real, count = course.save_checkpoint, [0]

    def save(*arguments: Any) -> None:
        real(*arguments)
        count[0] += 1
        if count[0] == saves:
            raise KeyboardInterrupt

    return save


def test_a_stopped_run_ends_as_an_unbroken_one(
    shapes: Snapshot, cache: Path, tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained(shapes, tmp_path / "whole", cache, settings(), console, monkeypatch)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(course, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
        patched.setattr(course, "save_checkpoint", stopping_after(6))
        train(shapes, tmp_path / "stopped", cache, settings(), console)
    stopped = trained(shapes, tmp_path / "stopped", cache, settings(), console, monkeypatch)
    assert [epoch["step"] for epoch in stopped] == ["from_scratch"] * 3
    for name in ("loss", "validation_loss"):
        assert [epoch[name] for epoch in stopped] == pytest.approx([epoch[name] for epoch in whole], abs=1e-4)
    with pytest.raises(RunError, match=r"other settings \(.*network"):
        train(shapes, tmp_path / "stopped", cache, choose_settings("resnet18", size=46), console)


def test_patience_ends_a_run_and_takes_its_best_epoch(
    shapes: Snapshot, cache: Path, tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = settings(fine_epochs=30, early_stop=2, schedule="plateau", fine_optimizer="sgd", fine_rate=1e-9)
    epochs = trained(shapes, tmp_path / "run", cache, how, console, monkeypatch)
    assert len(epochs) < 30
    best = max((epoch["validation_accuracy"], -epoch["validation_loss"]) for epoch in epochs)
    reached = json.loads((tmp_path / "run" / "metrics.json").read_text())["from_scratch"]
    assert reached["validation_accuracy"] == best[0]
    assert reached["validation_log_loss"] == pytest.approx(-best[1], abs=1e-4)


def test_rare_labels_get_their_share_in_training_alone(shapes: Snapshot, cache: Path) -> None:
    rare = [image for image in shapes.images if image.label == "red_disc" and image.split == "train"]
    lopsided = replace(shapes, images=tuple(image for image in shapes.images if image not in rare[:6]))
    pictures = load_pictures(lopsided, 46, cache)
    plain, repeated, weighted = (
        plan_exercise(pictures, shapes.labels, settings(**chosen))
        for chosen in ({}, {"oversample": 1.0}, {"class_weights": True})
    )
    learned = [one.targets[one.training_rows] for one in (plain, repeated)]
    counts = [np.bincount(targets[targets >= 0]) for targets in learned]
    assert counts[0].tolist() == [9, 9, 3]
    assert counts[1].tolist() == [9, 9, 9]
    assert (plain.validation_rows == repeated.validation_rows).all()
    sums = weighted.soft.sum(axis=1)
    assert sums[weighted.targets == 2][0] == pytest.approx(3 * sums[weighted.targets == 0][0])
    assert sums[weighted.targets < 0] == pytest.approx(1)


def test_what_cannot_be_leaves_no_folder(shapes: Snapshot, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["train", str(shapes.folder), "--out", str(tmp_path / "run"), "--cache", str(tmp_path / "cache")]
    for options, sentence in (
        (["--network", "vgg99"], "there is no network 'vgg99'"),
        (["--optimizer-fine", "lion"], "there is no optimiser 'lion'"),
        (["--network", "benchmark-cnn", "--size", "45"], "46 pixels and more"),
        (["--network", "resnet18", "--frozen", "9", "--size", "32"], "inside a block: freeze"),
    ):
        assert main([*asked, *options]) == 2
        assert sentence in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
