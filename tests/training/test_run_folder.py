"""A run folder takes up the same run and refuses another."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.training.run_folder import RunError, open_run


def test_the_same_settings_open_the_same_run(tmp_path: Path) -> None:
    run = open_run(tmp_path / "run", {"seed": 1, "sizes": (48, 64)})
    run.add_metrics("bottleneck", {"accuracy": 0.5})
    run.add_metrics("fine_tuned", {"accuracy": 0.6})
    again = open_run(tmp_path / "run", {"seed": 1, "sizes": (48, 64)})
    assert again.metrics() == {"bottleneck": {"accuracy": 0.5}, "fine_tuned": {"accuracy": 0.6}}
    assert len(again.settings()["git_revision"]) >= 7


def test_other_settings_are_refused_by_name(tmp_path: Path) -> None:
    open_run(tmp_path / "run", {"seed": 1, "size": 48})
    with pytest.raises(RunError, match=r"other settings \(seed\)"):
        open_run(tmp_path / "run", {"seed": 2, "size": 48})


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(RunError, match="not a run folder"):
        open_run(tmp_path, {"seed": 1})
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_epoch_done_again_replaces_its_line_and_a_torn_line_is_forgotten(tmp_path: Path) -> None:
    run = open_run(tmp_path / "run", {"seed": 1})
    for epoch in (1, 2, 3):
        run.add_epoch("pretrain", epoch, {"loss": epoch})
    with run.curves_file.open("a") as file:
        file.write('{"step": "pretrain", "epo')
    run.add_epoch("pretrain", 2, {"loss": 20})
    assert [(line["epoch"], line["loss"]) for line in run.curves()] == [(1, 1), (2, 20)]
