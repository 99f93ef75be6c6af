"""`python -m ml pretrain`: what cannot be is said in a sentence with exit code 2, and nothing is half written."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from ml.__main__ import _parser, main
from ml.training.pretraining import pack as packs
from ml.training.pretraining.settings import PretrainSettings
from tests.training.shapes import write_shapes
from tests.training.small_trunk import shrink
from tests.training.test_commands import failure

pytestmark = pytest.mark.training


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shrink(monkeypatch)
    monkeypatch.chdir(tmp_path)
    write_shapes(tmp_path / "shapes", per_label=10)


def pretrain(*arguments: str) -> list[str]:
    return ["pretrain", "shapes", "--sizes", "32", "--epochs", "1", "--batch", "16", "--cache", "cache", *arguments]


def test_what_is_usual_is_said_once_and_for_all() -> None:
    """The defaults of the command are those of the settings."""
    asked, usual = vars(_parser().parse_args(["pretrain", "shapes", "--out", "trunk.weights.h5"])), PretrainSettings()
    renamed = {"batch_size": "batch", "probes": "probe"}
    chosen = {name: asked[renamed.get(name, name)] for name in asdict(usual) if name != "label_smoothing"}
    assert PretrainSettings(**chosen) == usual


def written() -> list[str]:
    return sorted(path.name for path in Path().iterdir() if path.name not in ("shapes", "cache"))


def test_a_trunk_and_a_run_with_other_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(pretrain("--out", "trunk.weights.h5")) == 0
    assert written() == ["trunk.run", "trunk.weights.h5"]
    assert "holds a run with other settings (rate)" in failure(
        pretrain("--out", "trunk.weights.h5", "--rate", "1"), capsys
    )
    Path("trunk.run/pretrain.npz").write_bytes(b"cut off")
    assert "not a readable checkpoint" in failure(pretrain("--out", "trunk.weights.h5"), capsys)


def test_what_cannot_be(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    out = ("--out", "trunk.weights.h5")
    taught = ("--teachers", "squeezenet", "--teacher-weights")
    assert "squeezenet_v11_notop_keras3.keras is missing" in failure(pretrain(*out, *taught, "nowhere"), capsys)
    Path("damaged").mkdir()
    Path("damaged/squeezenet_v11_notop_keras3.keras").write_bytes(b"damaged")
    assert "does not hold squeezenet" in failure(pretrain(*out, *taught, "damaged"), capsys)
    assert "does not exist" in failure(pretrain(*out, "--seed-from", "gone.weights.h5"), capsys)
    assert "holds no picture" in failure(pretrain(*out, "--scenes", "damaged"), capsys)
    assert "one number of epochs for each size" in failure(pretrain(*out, "--epochs", "1,2"), capsys)
    write_shapes(Path("one"), labels=1, per_label=4)
    assert "1 label(s) to learn" in failure(["pretrain", "shapes", "one", *out], capsys)
    monkeypatch.setattr(packs, "LIMIT_BYTES", 70_000)
    assert "do not fit into a pack of" in failure(pretrain("--pack", "pack"), capsys)
    assert written() == ["damaged", "one"]
