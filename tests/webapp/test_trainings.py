"""Admins see what was trained and how far the rest is; nothing outside the folder of runs is ever shown."""

from __future__ import annotations

import io
import json
import os
import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rich.console import Console

from ml.training.progress import say_progress, telling
from ml.training.reports.curve_charts import write_curves
from ml.training.reports.writing import write_report
from ml.training.run_folder import RunFolder, open_run
from tests.training.answered_run import write_answered_run
from tests.training.shapes import write_shapes
from tests.webapp.conftest import Person
from webapp.admin.trainings import find_trainings, read_training
from webapp.settings import Settings

SERVED = {"test": {"pictures": 9, "accuracy": 0.875, "top5": 1.0, "log_loss": 0.4, "macro_f1": 0.8}}


@pytest.fixture
def runs(settings: Settings) -> Path:
    """The folder of runs, with a secret beside it that must never be seen."""
    settings.runs_folder.mkdir()
    (settings.runs_folder.parent / "report.html").write_text("the secret")
    (settings.runs_folder.parent / "settings.json").write_text("{}")
    return settings.runs_folder


def write_run(folder: Path, *, age_s: float = 0, **settings: object) -> RunFolder:
    """A run with an epoch and its curves, last written to `age_s` ago."""
    run = open_run(folder, {"command": "train", "snapshot": "drawn shoes", **settings})
    run.add_epoch("bottleneck", 1, {"loss": 1.0, "accuracy": 0.5, "validation_loss": 1.0, "validation_accuracy": 0.25})
    write_curves(run)
    for file in folder.iterdir():
        os.utime(file, (time.time() - age_s,) * 2)
    return run


def finish(run: RunFolder) -> None:
    with telling(run.path):
        run.add_metrics("served", SERVED)


def test_no_training_yet_says_where_they_are_looked_for(admin: Person, settings: Settings) -> None:
    page = admin.client.get("/admin/trainings")
    assert page.status_code == 200
    assert str(settings.runs_folder) in page.text
    assert "SOLESCOPE_RUNS" in page.text


def test_trainings_are_listed_with_network_pictures_numbers_and_state(admin: Person, runs: Path) -> None:
    write_run(runs / "old", age_s=3 * 86400)
    fine = write_run(runs / "real" / "fine", age_s=7200, network="mobilenetv2")
    (fine.path / "bundle").mkdir()
    (fine.path / "bundle" / "card.json").write_text('{"network": "MobileNetV2"}')
    finish(fine)
    page = admin.client.get("/admin/trainings").text
    assert page.index("real/fine") < page.index(">old<")
    assert "MobileNetV2 on drawn shoes" in page
    assert "87.5 %" in page
    assert "0.800" in page
    assert "25.0 %" in page  # of the unfinished one: validation so far
    assert ">finished<" in page
    assert ">stopped<" in page
    assert "3 days ago" in page
    assert 'href="/admin/trainings/real/fine"' in page


def test_a_training_at_work_says_how_far_it_is_and_then_that_it_ended(admin: Person, runs: Path) -> None:
    run = write_run(runs / "first")
    with telling(run.path):
        say_progress(run.path, "fine_tuned", epoch=3, epochs=12, share=0.25, seconds=60)
        page = admin.client.get("/admin/trainings/first").text
        said = admin.client.get("/admin/trainings/first/progress.json").get_json()
        assert said["state"] == "running"
        assert said["words"] == "fine-tuning, epoch 3 of 12, about 3 min left in this step"
        assert said["share"] == 0.25
        assert said["words"] in page
        assert 'http-equiv="refresh"' in page
        assert 'data-src="/admin/trainings/first/progress.json"' in page
        curves = admin.client.get(said["curves"])
        assert curves.mimetype == "image/svg+xml"
    assert admin.client.get("/admin/trainings/first/progress.json").get_json()["state"] == "finished"
    assert 'http-equiv="refresh"' not in admin.client.get("/admin/trainings/first").text


def test_a_killed_run_and_a_failed_one_are_told_apart(admin: Person, runs: Path) -> None:
    killed, failed, trunk = (write_run(runs / name) for name in ("killed", "failed", "trunk.run"))
    trunk.add_metrics("pretrain", {"validation_accuracy": 0.5})
    for silent in (killed, trunk):
        say_progress(silent.path, "bottleneck", epoch=1, epochs=3)
        os.utime(silent.path / "progress.json", (time.time() - 61,) * 2)
    with pytest.raises(OSError, match="full"), telling(failed.path):
        raise OSError("the disk is full")
    assert "It was stopped before its end" in admin.client.get("/admin/trainings/killed").text
    assert ">finished<" in admin.client.get("/admin/trainings/trunk.run").text
    assert "the disk is full" in admin.client.get("/admin/trainings/failed").text


def test_the_report_opens_and_may_do_nothing(admin: Person, runs: Path, tmp_path: Path) -> None:
    run = write_answered_run(runs / "first", write_shapes(tmp_path / "shapes", per_label=10))
    write_report(run.path, Console(file=io.StringIO()))
    assert 'href="/admin/trainings/first/files/report.html"' in admin.client.get("/admin/trainings").text
    report = admin.client.get("/admin/trainings/first/files/report.html")
    assert report.mimetype == "text/html"
    assert report.data == (run.path / "report.html").read_bytes()
    policy = report.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert policy.endswith("frame-ancestors 'none'; sandbox")
    assert "unsafe" not in policy
    # The hash that the page asks for is the one that the site allows.
    assert policy.split("style-src ")[1].split(";")[0].strip("'") in report.text
    assert report.headers["X-Content-Type-Options"] == "nosniff"
    numbers = admin.client.get("/admin/trainings/first/files/report.json").get_json()
    assert numbers["split"] == "test"


@pytest.mark.parametrize(
    "address",
    [
        "/admin/trainings/../files/report.html",
        "/admin/trainings/%2e%2e/files/report.html",
        "/admin/trainings/first/../../files/report.html",
        "/admin/trainings/first/%2e%2e/%2e%2e/files/report.html",
        "/admin/trainings/first/..%2f..%2freport.html/files/report.html",
        "/admin/trainings/..%5c/files/report.html",
        "/admin/trainings/first%00/files/report.html",
        "/admin/trainings/./files/report.html",
        "/admin/trainings/linked/files/report.html",
        "/admin/trainings/poisoned/files/report.html",
        "/admin/trainings/first/files/..%2f..%2freport.html",
        "/admin/trainings/first/files/settings.json",
        "/admin/trainings/first/files/bundle/card.json",
        "/admin/trainings/none/progress.json",
        "/admin/trainings/none",
        "/admin/trainings/a/b/c/d",
    ],
)
def test_nothing_outside_a_run_and_nothing_else_inside_is_shown(admin: Person, runs: Path, address: str) -> None:
    write_run(runs / "first")
    (runs / "linked").symlink_to(runs.parent, target_is_directory=True)
    write_run(runs / "poisoned")
    (runs / "poisoned" / "report.html").symlink_to(runs.parent / "report.html")
    answer = admin.client.get(address)
    assert answer.status_code == 404, address
    assert "the secret" not in answer.text


def test_a_link_in_the_folder_of_runs_is_not_listed(runs: Path) -> None:
    (runs / "linked").symlink_to(runs.parent, target_is_directory=True)
    write_run(runs / ".hidden")
    assert find_trainings(runs) == []
    assert find_trainings(runs / "gone") == []


def test_only_admins_see_trainings(app: Flask, client: FlaskClient, marketer: Person, runs: Path) -> None:
    write_run(runs / "first")
    for file in ("", "/progress.json", "/files/curves.svg", "/files/report.html"):
        assert client.get(f"/admin/trainings/first{file}").status_code == 302
        assert marketer.client.get(f"/admin/trainings/first{file}").status_code == 403
    assert client.get("/admin/trainings").status_code == 302
    assert marketer.client.get("/admin/trainings").status_code == 403


@pytest.mark.parametrize(
    "content", ["", "[1]", '{"state": 7, "share": "x", "epoch": null}', '{"state": "runn', "\udcff"]
)
def test_torn_and_foreign_files_break_nothing(admin: Person, runs: Path, content: str) -> None:
    folder = write_run(runs / "first").path
    for name in ("settings.json", "progress.json", "metrics.json", "curves.jsonl"):
        (folder / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    assert admin.client.get("/admin/trainings").status_code == 200
    assert admin.client.get("/admin/trainings/first").status_code == 200
    found = read_training(runs, "first")
    assert found is not None
    assert (found.state, found.numbers, found.network) == ("stopped", {}, "VGG16")


def test_names_are_words_on_the_page(admin: Person, runs: Path) -> None:
    write_run(runs / "<b>bold", snapshot="<script>alert(1)</script>")
    page = admin.client.get("/admin/trainings").text
    assert "<b>bold" not in page
    assert "<script>alert" not in page
    assert json.loads(admin.client.get("/admin/trainings/<b>bold/progress.json").text)["state"] == "stopped"
