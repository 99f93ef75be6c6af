"""The report as one page: nothing is fetched, nothing runs, and its own policy says so."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ml.training.calibration import CalibrationBin
from ml.training.class_measures import AngleScore, Box
from ml.training.popularity import PopularProduct
from ml.training.reports.count_charts import (
    MOST_LABELS_DRAWN,
    draw_angles,
    draw_boxes,
    draw_confusion,
    draw_popular,
)
from ml.training.reports.curve_charts import STEP_NAMES, Epochs, draw_calibration, draw_curves
from ml.training.reports.drawing import Drawing, look
from ml.training.reports.findings import Findings

PAIRS_SHOWN = 12
LABELS_SHOWN = 60
"""More labels than this are folded away."""


def draw_charts(findings: Findings, epochs: Epochs) -> dict[str, Drawing]:
    """The charts that a run's findings allow, by name."""
    charts = {"curves": draw_curves(epochs)} if epochs else {}
    before, after = (
        [CalibrationBin(**place) for place in findings["calibration"][when]["bins"]] for when in ("before", "after")
    )
    charts["calibration"] = draw_calibration(before, after, findings["temperature"])
    names = [score["label"] for score in findings["labels"]]
    if len(names) <= MOST_LABELS_DRAWN:
        confusion = np.zeros((len(names), len(names)), np.int64)
        for label, answered, pictures in findings["confusion"]:
            confusion[label, answered] = pictures
        charts["confusion"] = draw_confusion(confusion, names)
    if findings["angles"]:
        charts["angles"] = draw_angles([AngleScore(**score) for score in findings["angles"]])
    if boxes := findings["pictures"].get("boxes"):
        charts["boxes"] = draw_boxes({name: Box(**box) for name, box in boxes.items()})
    if popular := findings["pictures"].get("popular"):
        charts["popular"] = draw_popular([PopularProduct(**product) for product in popular])
    return charts


def render(findings: Findings, charts: Mapping[str, Drawing], thumbnail: Callable[[str], str]) -> str:
    """The HTML of a report. `thumbnail` gives a picture's data URI by its path, or nothing."""
    style = "\n".join(look(part) for part in ("tokens", "chart", "page"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return _template().render(
        findings=findings,
        charts={name: Markup(chart.svg()) for name, chart in charts.items()},  # noqa: S704 - our own drawings
        thumbnail=thumbnail,
        step_names=STEP_NAMES,
        pairs_shown=PAIRS_SHOWN,
        labels_shown=LABELS_SHOWN,
        style=Markup(style),  # noqa: S704 - our own file
        policy=f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )


def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).resolve().parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=_percent, count=lambda number: f"{number:,}")
    return environment.get_template("report.html")


def _percent(share: float, digits: int = 1) -> str:
    return f"{share * 100:.{digits}f} %"
