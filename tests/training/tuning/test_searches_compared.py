"""The benchmark of samplers: real, short studies on drawn shapes, and the table and figure that they make."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks import tuning
from ml.datasets.snapshot import Snapshot

CURVES = {"random": np.array([[3.0, 2.5], [3.0, 2.0]]), "gp": np.array([[3.0, 1.5], [3.0, 2.5]])}


@pytest.mark.training
@pytest.mark.usefixtures("tensorflow")
def test_studies_begin_with_the_untuned_settings_and_are_run_once(
    shapes: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tuning, "_pictures", lambda _: (shapes, ("vgg16",), ()))
    for name, number in (("SIZE", 32), ("VARIANTS", 1), ("UNTUNED_EPOCHS", 2), ("SHOWN_AFTER", (1, 2))):
        monkeypatch.setattr(tuning, name, number)
    asked = ["--work", str(tmp_path), "--trials", "2", "--seeds", "2", "--samplers", "random,gp"]
    assert tuning.main(asked) == 0
    first = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert [line.split(" | ")[0] for line in first] == ["| sampler", "|---|---|---|---|", "| random", "| gp"]
    curves = [json.loads(file.read_text())["curve"] for file in tmp_path.glob("*/*-2.json")]
    assert len(curves) == 4
    assert len({curve[0] for curve in curves}) == 1
    assert all(later <= earlier for earlier, later in curves)
    assert ElementTree.parse(tmp_path / "tuning.svg").getroot().tag.endswith("svg")
    monkeypatch.setattr(tuning, "_study", lambda *_: pytest.fail("what is known was run again"))
    assert tuning.main(asked) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")] == first
    monkeypatch.setattr(tuning, "UNTUNED_EPOCHS", 3)
    with pytest.raises(pytest.fail.Exception, match="was run again"):
        tuning.main(asked)  # with other settings nothing is known


def test_the_table_tells_means_deviations_and_who_won() -> None:
    known = {name: np.repeat(curves, [1, 4], axis=1) for name, curves in CURVES.items()}
    lines = list(tuning._table(known, "about"))
    assert lines[0].startswith("about. ")
    assert lines[3:5] == ["| random | 2.2500 ± 0.3536 |  |", "| gp | 2.0000 ± 0.7071 | 1 of 2 seeds |"]
    assert lines[-1] == "\nUntuned: 3.0000."
    assert tuning._won("gp", {"gp": known["gp"]}) == ""


def test_the_figure_draws_every_sampler() -> None:
    drawn = tuning._figure(CURVES)
    assert all(f">{name}<" in drawn for name in CURVES)


@pytest.mark.data
def test_real_pictures_are_drawn_evenly_and_none_tests(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "LABELS", 3)
    monkeypatch.setattr(tuning, "PICTURES_PER_LABEL", 10)
    snapshot, networks, starts = tuning._pictures(tmp_path)
    assert (networks, [start.partition("=")[0] for start in starts]) == (("mobilenetv2",), ["mobilenetv2"])
    assert [sum(image.label == label for image in snapshot.images) for label in snapshot.labels] == [10, 10, 10]
    assert {image.split for image in snapshot.images} == {"train", "validation"}
