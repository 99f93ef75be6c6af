"""A run says how far it is, and how it ended, to whoever reads its folder."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ml.training import progress
from ml.training.progress import read_progress, say_progress, telling


def test_a_run_says_where_it_is_and_that_it_has_finished(tmp_path: Path) -> None:
    with telling(tmp_path):
        assert read_progress(tmp_path)["state"] == "running"
        say_progress(tmp_path, "fine_tuned", epoch=3, epochs=12, share=0.25, seconds=60)
        said = read_progress(tmp_path)
        assert (said["state"], said["step"], said["epoch"], said["epochs"]) == ("running", "fine_tuned", 3, 12)
        assert said["seconds_left"] == 180
    ended = read_progress(tmp_path)
    assert (ended["state"], ended["step"], ended["epoch"]) == ("finished", "fine_tuned", 3)
    assert [file.name for file in tmp_path.iterdir()] == ["progress.json"]


@pytest.mark.parametrize(
    ("error", "state", "sentence"),
    [(KeyboardInterrupt(), "stopped", ""), (ValueError("the disk is full"), "failed", "the disk is full")],
)
def test_a_run_that_ends_early_says_so(tmp_path: Path, error: BaseException, state: str, sentence: str) -> None:
    with pytest.raises(type(error)), telling(tmp_path):
        raise error
    assert (read_progress(tmp_path)["state"], read_progress(tmp_path)["sentence"]) == (state, sentence)


def test_the_file_is_touched_while_nothing_else_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "TOUCHED_EVERY_S", 0.01)
    with telling(tmp_path):
        file = tmp_path / "progress.json"
        os.utime(file, (0, 0))
        deadline = time.monotonic() + 60
        while file.stat().st_mtime == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert file.stat().st_mtime > 0


def test_a_folder_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    with telling(tmp_path / "gone"):
        say_progress(tmp_path / "gone", "bottleneck", share=0.5)
    assert read_progress(tmp_path / "gone") == {}
