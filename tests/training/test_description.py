"""`python -m ml describe` says what training would make of a folder, and what cannot be read."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from ml.__main__ import main
from ml.datasets.division import SplitPlan
from ml.datasets.importers import import_pictures
from ml.serving.bundle import Bundle
from ml.training.evaluation import _known_pictures
from ml.training.loading import split_pictures
from tests.datasets.folders import write_class_folders, write_styles

KIND = "Men,Footwear,Shoes,{},Blue,Summer,2012,Casual,A shoe"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_numbers_of_class_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_class_folders(tmp_path / "shoes", per_label=10)
    shutil.rmtree(folder / "clog")
    write_class_folders(folder, labels=("none", "clog"), per_label=4)
    shutil.rmtree(folder / "none")
    for number in range(6):
        shutil.copy(folder / "boot" / f"{number}.png", folder / "boot" / f"copy_{number}.png")
    (folder / "boot" / "7.png").write_bytes(b"no picture")
    assert main(["describe", str(folder), "--minimum", "5", "--json"]) == 0
    numbers = json.loads(capsys.readouterr().out)
    assert (numbers["pictures"], numbers["labels"], numbers["groups"]) == (20, 2, 20)
    assert numbers["pictures_per_label"] == {"boot": 16, "clog": 4}
    assert numbers["balance"]["label"]["balance"] == pytest.approx(0.722, abs=0.001)
    assert numbers["near_duplicates"]["pairs"] == 6
    assert numbers["near_duplicates"]["parted_by_a_naive_split"] > 0
    assert numbers["dropped"] == {"minimum": 5, "labels": ["clog"], "pictures": 4}
    assert numbers["unreadable"][0].startswith("boot/7.png: ")
    assert sum(numbers["split"][split]["pictures"] for split in ("train", "validation", "test")) == 20


def test_the_balance_of_every_column_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"{n},{KIND.format('Heels' if n % 3 else 'Flats')}" for n in range(9)]
    folder = write_styles(tmp_path / "fashion", [*lines, "77,cut off"], range(9))
    assert main(["describe", str(folder), "--split", "72/18/10"]) == 0
    printed = capsys.readouterr().out
    assert "9 pictures of 2 labels, 9 groups; 3 to 6 a label, median 4.5" in printed
    for cell in ("balance H / log C", "0.918", "subCategory", "masterCategory", "Heels (6)", "66.7%"):
        assert cell in printed
    assert "split: 72/18/10, by group" in printed
    assert "styles.csv line 11: left out: 2 fields instead of 10" in printed


def test_what_cannot_be_done_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_class_folders(tmp_path / "shoes", per_label=2)
    for command in (["describe"], ["train", "--out", "run"]):
        assert main([command[0], str(folder), *command[1:], "--split", "70/30"]) == 2
        assert "a split is one of 80/20" in capsys.readouterr().err
    for picture in (folder / "clog").iterdir():
        picture.write_bytes(b"no picture")
    assert main(["describe", str(folder)]) == 2
    assert "no picture of the label 'clog' can be read (clog/0.png: " in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_evaluation_asks_about_what_training_held_out(tmp_path: Path, tiny_bundle: Bundle) -> None:
    folder = write_class_folders(tmp_path / "shoes", labels=("boot", "clog", "mule"), per_label=10)
    for number in range(10):
        shutil.copy(folder / "boot" / f"{number}.png", folder / "boot" / f"copy_{number}.png")
    snapshot = import_pictures(folder)
    learned = replace(snapshot, images=tuple(image for image in snapshot.images if image.label != "mule"))
    console = Console(file=io.StringIO(), width=200)
    divided = split_pictures(learned, SplitPlan("fold:2", seed=4), tmp_path / "cache", console)
    assert "20 pictures have a near-duplicate" in console.file.getvalue()
    card = replace(tiny_bundle.card, labels=("boot", "clog"), settings={"seed": 4, **divided.facts})
    asked = _known_pictures(card, snapshot, "test", None, tmp_path / "cache")
    held_out = {image.path for image in divided.images if image.split == "test"}
    assert {image.path for image in asked.images} == held_out
