"""What a report says, as JSON can hold it: every number computed from the files of a run's folder, none by hand."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.training.calibration import (
    Floats,
    calibration_bins,
    calibration_error_by_chance,
    expected_calibration_error,
    log_loss,
)
from ml.training.class_measures import (
    Counts,
    accuracy_by_angle,
    accuracy_interval,
    box_of,
    confused_pairs,
    confusion_matrix,
    label_scores,
)
from ml.training.evaluation import HELD_OUT, measure
from ml.training.held_out import PICTURES_FILE, HeldOut, read_held_out
from ml.training.run_folder import RunError, RunFolder

FORMAT = 1
PAIRS = 24
EXAMPLES = 3
"""Wrongly answered pictures that are named of each confused pair, the surest first."""

Findings = dict[str, Any]


def find(folder: Path) -> Findings:
    """The findings of a run; raises RunError where the folder is none, or has no held-out answers yet."""
    run = RunFolder(folder)
    if not (folder / "settings.json").is_file():
        raise RunError(f"{folder} is not a run folder: it has no settings.json")
    held_out = read_held_out(folder)
    split = next((name for name in reversed(HELD_OUT) if len(held_out.rows(name))), None)
    if split is None:
        raise RunError(f"{folder} has no labelled pictures that were held out: there is nothing to report")
    return {
        "format": FORMAT,
        "run": folder.resolve().name,
        "bundle": dict(held_out.facts),
        "settings": run.settings(),
        "training": _training(run),
        "parameters": run.metrics().get("network", {}).get("parameters"),
        "feature_minutes": round(sum(run.metrics().get("features", {}).values()) / 60, 2),
        "pictures": _pictures(folder),
        "split": split,
        "splits": _splits(held_out),
        **_answers(held_out, split),
    }


def _training(run: RunFolder) -> dict[str, Any]:
    """Of each step: epochs, minutes, the best validation accuracy, and the run's own numbers (one view a picture)."""
    lines: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in run.curves():
        lines[line["step"]].append(line)
    metrics = run.metrics()
    return {
        step: {
            "epochs": len(own),
            "minutes": round(sum(line.get("seconds", 0.0) for line in own) / 60, 2),
            "best_validation_accuracy": max((line.get("validation_accuracy", 0.0) for line in own), default=0.0),
            **{key: number for key, number in metrics.get(step, {}).items() if not isinstance(number, Mapping)},
        }
        for step, own in lines.items()
    }


def _pictures(folder: Path) -> dict[str, Any]:
    """What was learned from, with the numbers of a box plot for each split and for all; empty where nobody wrote it."""
    try:
        facts: dict[str, Any] = json.loads((folder / PICTURES_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    facts.pop("folder", None)  # where they lie on this machine is nobody else's business
    counts = facts["pictures_per_label"]
    labels = sorted({label for split in counts.values() for label in split})
    per_split = {split: [counts[split].get(label, 0) for label in labels] for split in counts}
    per_split = {split: numbers for split, numbers in per_split.items() if sum(numbers)}
    whole = {"all": [sum(numbers) for numbers in zip(*per_split.values(), strict=True)]} if len(per_split) > 1 else {}
    order = [split for split in ("train", "validation", "test") if split in per_split]
    facts["boxes"] = {name: asdict(box_of(numbers)) for name, numbers in whole.items()}
    facts["boxes"] |= {name: asdict(box_of(per_split[name])) for name in order}
    return facts


def _splits(held_out: HeldOut) -> dict[str, dict[str, Any]]:
    """The standard numbers of each held-out split; those about non-shoes are the card's."""
    probabilities, measured = held_out.probabilities(), {}
    for split in HELD_OUT:
        rows = held_out.rows(split)
        if not len(rows):
            continue
        card = held_out.facts.get("metrics", {}).get(split, {})
        others = {key: card[key] for key in ("kept", "negatives", "refused") if key in card}
        measured[split] = measure(probabilities[rows], held_out.targets[rows]) | others
    return measured


def _answers(held_out: HeldOut, split: str) -> dict[str, Any]:
    """Everything about the answers of one split."""
    rows = held_out.rows(split)
    targets, probabilities = held_out.targets[rows], held_out.probabilities()[rows]
    answered = probabilities.argmax(axis=1).astype(np.int64)
    right = answered == targets
    confusion = confusion_matrix(targets, answered, len(held_out.labels))
    low, high = accuracy_interval(float(right.mean()), len(rows))
    return {
        "accuracy_interval": [round(low, 5), round(high, 5)],
        "temperature": float(held_out.facts["temperature"]),
        "calibration": {
            "before": _calibration(held_out.probabilities(1)[rows], targets),
            "after": _calibration(probabilities, targets),
            "by_chance": round(calibration_error_by_chance(probabilities), 5),
        },
        "labels": [asdict(score) | {"label": held_out.labels[score.label]} for score in label_scores(confusion)],
        "confusion": [[int(t), int(a), int(confusion[t, a])] for t, a in np.argwhere(confusion > 0)],
        "confused": _confused(held_out, rows, confusion, probabilities),
        "angles": [asdict(score) for score in accuracy_by_angle(held_out.angles_deg[rows], right)],
    }


def _calibration(probabilities: Floats, targets: NDArray[np.int64]) -> dict[str, Any]:
    return {
        "log_loss": round(log_loss(probabilities, targets), 5),
        "calibration_error": round(expected_calibration_error(probabilities, targets), 5),
        "bins": [asdict(place) for place in calibration_bins(probabilities, targets)],
    }


def _confused(
    held_out: HeldOut, rows: NDArray[np.intp], confusion: Counts, probabilities: Floats
) -> list[dict[str, Any]]:
    """The pairs most often confused: the pictures that were, and one that shows the label which was answered."""
    targets, answered, sure = held_out.targets[rows], probabilities.argmax(axis=1), probabilities.max(axis=1)

    def surest(label: int, answer: int) -> list[dict[str, Any]]:
        found = np.nonzero((targets == label) & (answered == answer))[0]
        chosen = found[np.argsort(-sure[found], kind="stable")][:EXAMPLES]
        return [{"path": held_out.paths[rows[row]], "probability": round(float(sure[row]), 4)} for row in chosen]

    return [
        {
            "label": held_out.labels[pair.label],
            "answered": held_out.labels[pair.answered],
            "pictures": pair.pictures,
            "share": round(pair.share, 5),
            "examples": surest(pair.label, pair.answered),
            "likeness": surest(pair.answered, pair.answered)[:1],
        }
        for pair in confused_pairs(confusion, PAIRS)
    ]
