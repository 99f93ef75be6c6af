"""A run folder with made-up answers about drawn shapes: what a report needs, without a network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.random import default_rng

from ml.datasets.snapshot import Snapshot
from ml.training.as_served import Answers
from ml.training.held_out import HeldOut, held_out_of, save_held_out, save_pictures
from ml.training.run_folder import RunFolder, open_run

FACTS = {
    "id": "vgg16-20260101-feedbeef",
    "network": "VGG16",
    "input_size": 32,
    "weights": "int8",
    "bytes": 1_500_000,
    "temperature": 2.0,
    "threshold_fitted_on": "9 shoes and no non-shoes",
    "provenance": "Learned from drawn shapes.",
    "created_at": "2026-01-01T00:00:00Z",
    "settings": {"split": {"name": "80/20", "seed": 0, "near_duplicates": True}},
    "metrics": {"test": {"kept": 0.9}, "weights": {"int8": 0.9, "float32": 0.91}},
    "unreadable": [],
    "machine": {"processor": "An abacus", "cores": 2, "system": "Linux", "python": "3.11"},
    "measured_at": "2026-01-01T01:00:00Z",
}


def answers_about(snapshot: Snapshot, *, seed: int = 0) -> HeldOut:
    """Answers about the held-out pictures that are right more often than not."""
    random = default_rng(seed)
    images = tuple(image for image in snapshot.images if image.split in ("validation", "test"))
    logits = random.normal(0, 2, (len(images), len(snapshot.labels))).astype(np.float32)
    for row, image in enumerate(images):
        if image.label:
            logits[row, snapshot.labels.index(image.label)] += 3
    answers = Answers(images, np.zeros((len(images), 2), np.float32), logits)
    return held_out_of(answers, snapshot.labels, FACTS)


def write_answered_run(folder: Path, snapshot: Snapshot) -> RunFolder:
    """A run of two steps that has been measured; every picture gets an angle and the number of pairs sold."""
    images = tuple(replace(image, angle_deg=30 * (row % 12)) for row, image in enumerate(snapshot.images))
    sold = {image.path: {"deadstock sold": str(row)} for row, image in enumerate(images)}
    snapshot = replace(snapshot, images=images, attributes=sold)
    run = open_run(folder, {"command": "train", "snapshot": snapshot.source, "seed": 3})
    for step, epochs in (("bottleneck", 3), ("fine_tuned", 2)):
        for epoch in range(1, epochs + 1):
            numbers = {"loss": 1 / epoch, "accuracy": 0.5, "validation_loss": 1.0, "validation_accuracy": 0.25 * epoch}
            run.add_epoch(step, epoch, {**numbers, "seconds": 30})
    save_held_out(answers_about(snapshot), folder)
    save_pictures(snapshot, folder)
    return run
