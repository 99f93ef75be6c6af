"""Charts of lines: how a run learned, epoch by epoch, and how honest its probabilities are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from ml.training.calibration import CalibrationBin
from ml.training.reports.drawing import WIDTH, Axes, Drawing, Scale, draw_grid, percent_scale
from ml.training.run_folder import RunFolder, replace_text

CURVES_FILE = "curves.svg"
LEFT, RIGHT = 40.0, WIDTH - 8.0
STEP_NAMES = {"bottleneck": "top model", "fine_tuned": "fine-tuning", "pretrain": "pretraining"}
Epochs = Sequence[Mapping[str, Any]]


def draw_curves(epochs: Epochs) -> Drawing:
    """Accuracy and loss of each epoch (lines of curves.jsonl), the steps of the run one behind the other."""
    words = _words_of_curves(epochs)
    drawing = Drawing("curves", "Learning curves", words, 408)
    drawing.text(RIGHT - 84, 14, "– –  training", "chart-name", "end")
    drawing.text(RIGHT, 14, "—  validation", "chart-accent-name", "end")
    across = Scale(1, max(2, len(epochs)), LEFT, RIGHT)
    highest = max((_number(line, key) for line in epochs for key in ("loss", "validation_loss")), default=1.0)
    panels = (
        ("accuracy", "accuracy (single view)", Axes(across, percent_scale(184, 52))),
        ("loss", "loss (cross-entropy, nats)", Axes(across, Scale(0, highest or 1.0, 370, 238))),
    )
    for key, name, axes in panels:
        draw_grid(drawing, axes, name, "epoch" if key == "loss" else "", percent=key == "accuracy")
        _draw_steps(drawing, epochs, axes, named=key == "accuracy")
        for look, column in (("chart-second", key), ("chart-first", f"validation_{key}")):
            places = enumerate(epochs, start=1)
            drawing.path([(axes.x(at), axes.y(line[column])) for at, line in places if column in line], look)
    for tick in across.ticks(6):
        if tick == int(tick) and tick >= 1:
            drawing.text(across(tick), 385, f"{tick:g}", anchor="middle")
    return drawing


def write_curves(run: RunFolder) -> None:
    """Draw what a run has learned so far into its curves.svg; nothing where there is no epoch."""
    if epochs := run.curves():
        replace_text(run.path / CURVES_FILE, draw_curves(epochs).file())


def draw_calibration(before: Sequence[CalibrationBin], after: Sequence[CalibrationBin], temperature: float) -> Drawing:
    """The calibration curve before and after temperature scaling, over how many pictures each bin holds after it."""
    words = "; ".join(f"{place.confidence:.0%} sure: {place.accuracy:.0%} right" for place in after)
    drawing = Drawing("calibration", "Calibration", f"After temperature scaling, {words}.", 382)
    axes = Axes(percent_scale(LEFT, RIGHT), percent_scale(252, 60))
    drawing.text(RIGHT - 158, 14, "– –  as learned", "chart-name", "end")
    drawing.text(RIGHT, 14, f"—  at temperature {temperature:.2f}", "chart-accent-name", "end")
    draw_grid(drawing, axes, "right answers", "", percent=True)
    drawing.line(LEFT, 252, RIGHT, 60, "chart-ideal")
    for look, curve in (("chart-second", before), ("chart-first", after)):
        drawing.path([(axes.x(place.confidence), axes.y(place.accuracy)) for place in curve], look)
        for place in curve:
            told = f"{place.pictures} pictures, {place.confidence:.1%} sure, {place.accuracy:.1%} right"
            drawing.dot(axes.x(place.confidence), axes.y(place.accuracy), 2.6, f"{look}-dot", told)
    _draw_counts(drawing, axes.x, after)
    return drawing


def _draw_counts(drawing: Drawing, across: Scale, curve: Sequence[CalibrationBin]) -> None:
    up = Scale(0, max(place.pictures for place in curve), 350, 292)
    drawing.text(LEFT, 282, "pictures", "chart-name")
    for place in curve:
        left, right = across(place.low), across(place.high)
        told = f"{place.pictures} pictures between {place.low:.0%} and {place.high:.0%}"
        drawing.bar(left + 1, up(place.pictures), right - left - 2, 350 - up(place.pictures), "chart-bar-quiet", told)
    drawing.text(LEFT - 6, up(up.high) + 8, f"{up.high:,.0f}", anchor="end")
    drawing.line(LEFT, 350, RIGHT, 350, "chart-axis")
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        anchor = {0.0: "start", 1.0: "end"}.get(share, "middle")
        drawing.text(across(share), 364, f"{share:.0%}", anchor=anchor)
    drawing.text(RIGHT, 379, "highest probability (confidence)", "chart-name", "end")


def _draw_steps(drawing: Drawing, epochs: Epochs, axes: Axes, *, named: bool) -> None:
    """A border where a step begins, and its name at the top of the panel."""
    starts = [0, *(at for at, (one, two) in enumerate(pairwise(epochs), 1) if one.get("step") != two.get("step"))]
    names = [str(epochs[at].get("step", "")) for at in starts] if epochs else []
    for at, name in zip(starts, names, strict=False):
        x = axes.x(at + 0.5) if at else axes.x.begin
        if at:
            drawing.line(x, axes.y.begin, x, axes.y.end, "chart-border")
        if named and len(names) > 1:
            drawing.text(x + 4, axes.y.begin - 6, STEP_NAMES.get(name, name.replace("_", " ")), "chart-label")


def _words_of_curves(epochs: Epochs) -> str:
    if not epochs:
        return "No epoch has been learned yet."
    last = epochs[-1]
    said = [
        f"{name} {last[key]:.3f}"
        for key, name in (
            *(("accuracy", "training accuracy"), ("validation_accuracy", "validation accuracy")),
            *(("loss", "training loss"), ("validation_loss", "validation loss")),
        )
        if key in last
    ]
    return f"Accuracy and loss over {len(epochs)} epochs. At the end: {', '.join(said)}."


def _number(line: Mapping[str, Any], key: str) -> float:
    return float(line.get(key, 0.0))
