"""What cannot be done is said in a sentence with exit code 2, before anything is written."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from ml.__main__ import main
from tests.training.shapes import write_shapes


def failure(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 2
    sentence = capsys.readouterr().err
    assert sentence.startswith("python -m ml: ")
    assert "Traceback" not in sentence
    return sentence


def test_help_is_quick_and_loads_no_tensorflow() -> None:
    started = time.process_time()
    script = (
        "import sys; from ml.__main__ import main\n"
        "try: main(['train', '--help'])\n"
        "except SystemExit: sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert finished.returncode == 0
    assert "--frozen" in finished.stdout
    assert time.process_time() - started < 5


def test_a_folder_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is not a folder" in failure(["train", str(tmp_path / "no"), "--out", str(tmp_path / "run")], capsys)
    assert not (tmp_path / "run").exists()


@pytest.mark.training
@pytest.mark.parametrize("command", [["train", "--out", "run"], ["pretrain", "--out", "trunk.weights.h5"]])
def test_one_label_is_not_enough(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_shapes(tmp_path / "shapes", labels=1, per_label=4)
    sentence = failure([command[0], "shapes", *command[1:]], capsys)
    assert "1 label(s) to learn: two or more are needed" in sentence
    assert [path.name for path in tmp_path.iterdir()] == ["shapes"]


@pytest.mark.training
def test_missing_weights_and_empty_negatives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_shapes(tmp_path / "shapes", per_label=4)
    (tmp_path / "nothing").mkdir()
    train = ["train", str(tmp_path / "shapes"), "--out", str(tmp_path / "run"), "--size", "32"]
    assert "does not exist" in failure([*train, "--weights", str(tmp_path / "gone.weights.h5")], capsys)
    assert "holds no pictures" in failure([*train, "--negatives", str(tmp_path / "nothing")], capsys)
    assert "32 pixels and more" in failure([*train[:-1], "16"], capsys)
    assert "cannot be frozen" in failure([*train, "--frozen", "77"], capsys)
    assert not (tmp_path / "run").exists()


def test_a_bundle_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_shapes(tmp_path / "shapes", per_label=4)
    assert "not a bundle" in failure(["evaluate", str(tmp_path), str(tmp_path / "shapes")], capsys)
