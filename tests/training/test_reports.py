"""A report says what the answers say, needs nothing but itself, and is made again without the network."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console

from ml.__main__ import main
from ml.datasets.snapshot import Snapshot, SnapshotImage, write_snapshot
from ml.serving.bundle import Bundle
from ml.training.as_served import Answers
from ml.training.class_measures import AngleScore, box_of
from ml.training.evaluation import measure
from ml.training.held_out import read_held_out
from ml.training.reports.count_charts import draw_angles, draw_boxes, draw_confusion
from ml.training.reports.curve_charts import draw_curves, write_curves
from ml.training.reports.drawing import Scale, look
from ml.training.reports.findings import find
from ml.training.reports.thumbnails import thumbnailer
from ml.training.reports.writing import leave_report, write_report
from ml.training.run_folder import RunFolder, open_run
from tests.training.answered_run import write_answered_run

SITE_COLOURS = Path(__file__).resolve().parents[2] / "webapp" / "static" / "css" / "tokens.css"


@pytest.fixture
def run(shapes: Snapshot, tmp_path: Path) -> RunFolder:
    return write_answered_run(tmp_path / "run", shapes)


def written(run: RunFolder) -> str:
    return write_report(run.path, Console(file=io.StringIO())).read_text(encoding="utf-8")


def test_the_findings_are_what_the_answers_say(run: RunFolder) -> None:
    findings, held_out = find(run.path), read_held_out(run.path)
    rows = held_out.rows("test")
    targets, probabilities = held_out.targets[rows], held_out.probabilities()[rows]
    assert findings["split"] == "test"
    assert findings["splits"]["test"] == {**measure(probabilities, targets), "kept": 0.9}
    assert findings["calibration"]["after"]["calibration_error"] == findings["splits"]["test"]["calibration_error"]
    assert sum(score["support"] for score in findings["labels"]) == len(rows) == 9
    wrong = [cell for cell in findings["confusion"] if cell[0] != cell[1]]
    assert sum(cell[2] for cell in wrong) == (probabilities.argmax(axis=1) != targets).sum() > 0
    assert sum(pair["pictures"] for pair in findings["confused"]) == sum(cell[2] for cell in wrong)
    assert sum(score["pictures"] for score in findings["angles"]) == 9
    assert findings["pictures"]["boxes"]["all"]["median"] == 15
    assert len(findings["pictures"]["popular"]) == 25
    assert "folder" not in findings["pictures"]
    assert findings["training"]["bottleneck"] == {"epochs": 3, "minutes": 1.5, "best_validation_accuracy": 0.75}


def test_what_else_a_run_measured_is_told_too(run: RunFolder) -> None:
    run.add_metrics("network", {"parameters": 14_850_115})
    run.add_metrics("features", {"first": 60.0, "pooled": 30.0})
    page = written(run)
    assert "14,850,115" in page
    assert find(run.path)["feature_minutes"] == 1.5


def test_the_page_needs_nothing_but_itself(run: RunFolder) -> None:
    page = written(run)
    assert not re.findall(r"<script|\son\w+=|\sstyle=|@import|url\(", page)
    assert not [address for address in re.findall(r'(?:src|href)="([^"]*)"', page) if not address.startswith("data:")]
    assert "default-src 'none'; img-src data:; style-src 'sha256-" in page.replace("&#39;", "'")
    assert page.count('class="chart"') == page.count("<desc") == 6
    assert "data:image/jpeg;base64," in page
    _check_ids(page)
    numbers = json.loads((run.path / "report.json").read_text())
    assert f"{numbers['splits']['test']['accuracy'] * 100:.1f} %" in page
    assert {file.name for file in (run.path / "charts").iterdir()} == {
        f"{name}.svg" for name in ("angles", "boxes", "calibration", "confusion", "curves", "popular")
    }


def _check_ids(page: str) -> None:
    """Every id once, and every aria reference to one that is there."""
    found: list[str] = []
    named: set[str] = set()

    class Ids(HTMLParser):
        def handle_starttag(self, _: str, attributes: list[tuple[str, str | None]]) -> None:
            for name, value in attributes:
                if name == "id":
                    found.append(value or "")
                if name == "aria-labelledby":
                    named.update((value or "").split())

    Ids().feed(page)
    assert len(found) == len(set(found))
    assert named <= set(found)


def test_names_out_of_folders_are_words_and_never_markup(tmp_path: Path, shapes: Snapshot) -> None:
    evil = "<img src=x onerror=alert(1)>&\"'"
    images = [
        SnapshotImage(image.path, evil if image.label == "red_disc" else image.label, image.group, image.split)
        for image in shapes.images
    ]
    (tmp_path / "shapes").mkdir()
    page = written(write_answered_run(tmp_path / "run", write_snapshot(tmp_path / "shapes", evil, images)))
    assert "<img src=x" not in page
    assert page.count("&lt;img src=x") > 2
    assert "no picture" in page  # the pictures are not there


def test_the_command_makes_a_report_again_and_refuses_what_is_no_run(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(run.path)]) == 0
    assert "report.html" in capsys.readouterr().out
    assert main(["report", str(tmp_path)]) == 2
    assert "is not a run folder" in capsys.readouterr().err
    (run.path / "answers.npz").unlink()
    assert main(["report", str(run.path)]) == 2
    assert "holds no answers.npz" in capsys.readouterr().err


def test_a_run_that_held_nothing_out_has_a_bundle_and_no_report(
    tmp_path: Path, shapes: Snapshot, tiny_bundle: Bundle
) -> None:
    run = open_run(tmp_path / "run", {"command": "train"})
    nothing = np.zeros((0, 1), np.float32)
    said = io.StringIO()
    leave_report(run, shapes, Answers((), nothing, nothing), tiny_bundle, Console(file=said, width=200))
    assert "no report: " in said.getvalue()
    assert "no labelled pictures that were held out" in said.getvalue()
    assert not (run.path / "report.html").exists()
    kept = read_held_out(run.path)
    assert kept.facts["id"] == tiny_bundle.card.id
    assert len(kept.facts["unreadable"]) == sum(image.split in ("validation", "test") for image in shapes.images)


def test_thumbnails_keep_to_their_budget_and_to_pictures(shapes: Snapshot) -> None:
    paths = [image.path for image in shapes.images[:10]]
    everything = [thumbnailer(shapes.folder)(path) for path in paths]
    assert all(uri.startswith("data:image/jpeg;base64,") for uri in everything)
    tight = thumbnailer(shapes.folder, budget=len(everything[0]) + 10)
    assert [bool(tight(path)) for path in paths[:2]] == [True, False]
    assert thumbnailer(shapes.folder)("snapshot.json") == thumbnailer(shapes.folder)("gone.png") == ""


def test_curves_are_drawn_for_one_epoch_and_for_runs_without_validation(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    write_curves(run)
    assert list(tmp_path.iterdir()) == []
    run.add_epoch("pretrain", 1, {"loss": 2.0})
    write_curves(run)
    assert ElementTree.parse(tmp_path / "curves.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert "training loss 2.000" in draw_curves(run.curves()).svg()


def test_many_angles_are_joined_to_sectors() -> None:
    svg = draw_angles([AngleScore(angle, 2, angle / 360) for angle in range(0, 360, 5)]).svg()
    assert svg.count("<rect") == 24
    assert "15°: 5.6% of 6 pictures" in svg  # the mean of 15, 20 and 25 in 360


def test_boxes_and_matrix_say_their_numbers() -> None:
    assert (
        "median 5, quartiles 3.5 and 7.5, from 2 to 40 pictures"
        in draw_boxes({"all": box_of([9, 2, 3, 4, 5, 6, 40])}).svg()
    )
    svg = draw_confusion(np.array([[3, 1], [0, 0]]), ("a & b", "c")).svg()
    assert "a &amp; b answered as c: 1 of 4 pictures" in svg


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0, 0, [0]), (1, 27, [5, 10, 15, 20, 25]), (0, 3.9, [0, 1, 2, 3])],
)
def test_ticks_are_round(low: float, high: float, ticks: list[float]) -> None:
    assert Scale(low, high, 0, 100).ticks(5) == ticks


def test_the_colours_are_those_of_the_site() -> None:
    def colours(css: str) -> list[dict[str, str]]:
        return [dict(re.findall(r"(--[\w-]+): ([^;]+);", part)) for part in css.split("@media")]

    for ours, theirs in zip(colours(look("tokens")), colours(SITE_COLOURS.read_text()), strict=True):
        assert ours.items() <= theirs.items()
