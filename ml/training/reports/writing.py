"""From a run's folder to its report: report.html for people, report.json for programs, charts/*.svg for slides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from ml.datasets.snapshot import Snapshot
from ml.serving.bundle import Bundle
from ml.training.as_served import Answers
from ml.training.evaluation import HELD_OUT
from ml.training.held_out import PICTURES_FILE, held_out_of, save_held_out, save_pictures
from ml.training.machine import describe_machine
from ml.training.reports.curve_charts import write_curves
from ml.training.reports.findings import find
from ml.training.reports.page import draw_charts, render
from ml.training.reports.thumbnails import thumbnailer
from ml.training.run_folder import RunError, RunFolder, replace_text, write_json

REPORT_PAGE, REPORT_NUMBERS, CHARTS_FOLDER = "report.html", "report.json", "charts"


def leave_report(run: RunFolder, snapshot: Snapshot, answers: Answers, bundle: Bundle, console: Console) -> None:
    """What training does at its end: keep the answers and write the report, or say why there is none."""
    keep_answers(run, snapshot, answers, bundle)
    try:
        write_report(run.path, console)
    except RunError as error:
        console.print(f"no report: {error}", highlight=False, soft_wrap=True)


def keep_answers(run: RunFolder, snapshot: Snapshot, answers: Answers, bundle: Bundle) -> None:
    """Leave in the run's folder what a report is made from: the held-out answers and what was learned from."""
    answered = {image.path for image in answers.images}
    lost = [image.path for image in snapshot.images if image.split in HELD_OUT and image.path not in answered]
    facts = _bundle_facts(bundle) | {"unreadable": lost, "machine": describe_machine(), "measured_at": _now()}
    save_held_out(held_out_of(answers, bundle.card.labels, facts), run.path)
    save_pictures(snapshot, run.path)


def write_report(folder: Path, console: Console) -> Path:
    """Write the report of a run into its folder, anew where there is one; returns report.html.

    The network is not asked again. Raises RunError where the folder is none or holds no held-out answers.
    """
    findings = find(folder)
    run = RunFolder(folder)
    charts = draw_charts(findings, run.curves())
    page = render(findings, charts, thumbnailer(_where_pictures_lie(folder)))
    (folder / CHARTS_FOLDER).mkdir(exist_ok=True)
    for name, chart in charts.items():
        replace_text(folder / CHARTS_FOLDER / f"{name}.svg", chart.file())
    write_curves(run)
    write_json(folder / REPORT_NUMBERS, findings | {"made_at": _now()})
    replace_text(folder / REPORT_PAGE, page)
    console.print(f"{folder / REPORT_PAGE}: the report", highlight=False, soft_wrap=True)
    return folder / REPORT_PAGE


def _bundle_facts(bundle: Bundle) -> dict[str, Any]:
    card = bundle.card
    return {
        "id": card.id,
        "network": card.network,
        "input_size": card.input_size,
        "weights": card.weights,
        "bytes": bundle.model_file.stat().st_size,
        "temperature": card.temperature,
        "threshold_fitted_on": card.threshold.fitted_on,
        "provenance": card.provenance,
        "created_at": card.created_at,
        "settings": _plain(card.settings),
        "metrics": _plain(card.metrics),
    }


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(dict(facts), default=str))
    return plain


def _where_pictures_lie(folder: Path) -> Path:
    """The folder of the pictures; this one, where nothing will be found, if nobody wrote it down."""
    try:
        return Path(json.loads((folder / PICTURES_FILE).read_text(encoding="utf-8"))["folder"])
    except (OSError, ValueError, KeyError):
        return folder


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
