"""How good a network is: accuracy, top-5, macro-F1, log-loss, calibration, refused non-shoes; by split and folder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from ml.datasets.division import divide, plan_of
from ml.datasets.snapshot import Snapshot, SnapshotError
from ml.serving.bundle import Bundle, Card, Threshold
from ml.serving.pipeline import SMALLEST_PROBABILITY
from ml.training.as_served import Answers, answer_as_served
from ml.training.calibration import (
    Floats,
    catalogue_evidence,
    catalogue_score,
    expected_calibration_error,
    log_loss,
    softmax,
)
from ml.training.class_measures import confusion_matrix, macro_f1
from ml.training.graphs import Answer, open_graph

BATCH = 32
TOP = 5
HELD_OUT = ("validation", "test")


def answer_pictures(
    answer: Answer, pixels: NDArray[np.uint8], progress: Callable[[int], None] | None = None
) -> tuple[Floats, Floats]:
    """Embeddings and second output of all pictures, batch by batch; `progress` is told how many are done."""
    answers = []
    for start in range(0, len(pixels), BATCH):
        answers.append(answer(pixels[start : start + BATCH]))
        if progress:
            progress(min(start + BATCH, len(pixels)))
    return np.concatenate([embedding for embedding, _ in answers]), np.concatenate([second for _, second in answers])


def measure(probabilities: Floats, targets: NDArray[np.int64]) -> dict[str, Any]:
    """Numbers about labelled pictures; only their count where there are none."""
    if not len(targets):
        return {"pictures": 0}
    right, answered = probabilities[np.arange(len(targets)), targets], probabilities.argmax(axis=1)
    better = (probabilities > right[:, None]).sum(axis=1)
    return {
        "pictures": len(targets),
        "accuracy": _rounded((answered == targets).mean()),
        "top5": _rounded((better < TOP).mean()),
        "macro_f1": _rounded(macro_f1(confusion_matrix(targets, answered, probabilities.shape[1]))),
        "log_loss": _rounded(log_loss(probabilities, targets)),
        "calibration_error": _rounded(expected_calibration_error(probabilities, targets)),
    }


def judge(answers: Answers, probabilities: Floats, threshold: Threshold, prototypes: Floats) -> NDArray[np.bool_]:
    """Which pictures would be said to show a shoe of the catalogue."""
    return catalogue_score(threshold, catalogue_evidence(answers.embeddings, probabilities, prototypes)) >= 0


def report(
    answers: Answers, probabilities: Floats, labels: tuple[str, ...], in_catalogue: NDArray[np.bool_]
) -> dict[str, dict[str, Any]]:
    """Numbers of each held-out split: the labelled pictures', how many were kept, how many non-shoes were refused."""
    targets = answers.targets(labels)
    numbers: dict[str, dict[str, Any]] = {}
    for split in HELD_OUT:
        rows, negatives = answers.rows(split), answers.rows(split, negatives=True)
        if not len(rows) and not len(negatives):
            continue
        numbers[split] = measure(probabilities[rows], targets[rows])
        if len(rows):
            numbers[split]["kept"] = _rounded(in_catalogue[rows].mean())
        if len(negatives):
            numbers[split] |= {"negatives": len(negatives), "refused": _rounded(1 - in_catalogue[negatives].mean())}
    return numbers


def report_by_folder(
    answers: Answers,
    probabilities: Floats,
    labels: tuple[str, ...],
    in_catalogue: NDArray[np.bool_],
    split: str = "test",
) -> dict[str, dict[str, Any]]:
    """Numbers of a split's labelled pictures by the folder above their label's: images/test, images/unseen_colorway.

    A picture that lies in no folder of its label's name counts for the folder it lies in. Of a joined set's
    folder only the last name is told, not the way to it. There is no macro-F1: labels of other folders that were
    answered would count in it, each with an F1 of 0 from pictures that were never asked.
    """
    targets = answers.targets(labels)
    rows_of: Mapping[str, list[int]] = defaultdict(list)
    for row in answers.rows(split):
        rows_of[folder_of(answers.images[row].path, answers.images[row].label)].append(int(row))
    numbers = {}
    for folder, rows in sorted(rows_of.items()):
        measured = measure(probabilities[rows], targets[rows])
        del measured["macro_f1"]
        numbers[folder] = measured | {"kept": _rounded(in_catalogue[rows].mean())}
    return numbers


def evaluate_bundle(
    bundle: Bundle,
    snapshot: Snapshot,
    console: Console,
    *,
    split: str = "test",
    seed: int | None = None,
    by_folder: bool = False,
    cache: Path,
) -> dict[str, Any]:
    """Numbers of what a bundle would answer about a split of `snapshot` ("all": everything), as `report` gives them.

    Pictures without a split are divided as the bundle's training did, by its plan or another seed, near-duplicates
    looked for in `cache`. Labels that the bundle does not know are left out and counted. Raises SnapshotError where
    nothing is left.
    """
    card = bundle.card
    chosen = _known_pictures(card, snapshot, split, seed, cache)
    graph = open_graph(bundle.model_file)

    def log_answer(pictures: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        embeddings, probabilities = graph(pictures)
        return embeddings, np.log(np.maximum(probabilities, SMALLEST_PROBABILITY))

    answers = answer_as_served(log_answer, chosen, chosen.images, card.input_size, console)
    if not answers.images:
        raise SnapshotError(f"no picture of the {split} split of {snapshot.folder} can be read")
    probabilities = softmax(answers.logits)
    in_catalogue = judge(answers, probabilities, card.threshold, np.load(bundle.prototypes_file))
    numbers: dict[str, Any] = {"bundle": card.id, "split": split}
    numbers |= report(answers, probabilities, card.labels, in_catalogue)["test"]
    numbers["unreadable"] = len(chosen.images) - len(answers.images)
    numbers["unknown_labels"] = len(set(snapshot.labels) - set(card.labels))
    if by_folder:
        numbers["by_folder"] = report_by_folder(answers, probabilities, card.labels, in_catalogue)
    return numbers


def print_numbers(numbers: Mapping[str, Any], console: Console) -> None:
    """The numbers as lines for people."""
    for name, number in numbers.items():
        if isinstance(number, Mapping):
            for folder, own in number.items():
                console.print(f"  {folder}: {own}", highlight=False, soft_wrap=True)
        else:
            console.print(f"{name}: {number}", highlight=False, soft_wrap=True)


def _known_pictures(card: Card, snapshot: Snapshot, split: str, seed: int | None, cache: Path) -> Snapshot:
    """The pictures of the split whose label the bundle knows, all marked as test."""
    known = {*card.labels, ""}
    # Only what training divided: a label that it left out could part or join groups otherwise.
    snapshot = replace(snapshot, images=tuple(image for image in snapshot.images if image.label in known))
    plan = plan_of(card.settings)
    plan = plan if seed is None else replace(plan, seed=seed)
    filled = divide(snapshot, plan, cache).snapshot if split != "all" else snapshot
    images = tuple(replace(image, split="test") for image in filled.images if split in (image.split, "all"))
    if not any(image.label for image in images):
        raise SnapshotError(f"{snapshot.folder} holds no picture of a label that the bundle knows in its {split} split")
    return replace(snapshot, images=images)


def folder_of(path: str, label: str) -> str:
    """The folder above a label's: images/test. Of a joined set's folder only the last name."""
    folders = path.split("/")[:-1]
    while folders and folders[-1] == label:
        folders.pop()
    if ".." in folders:
        return folders[-1]
    return "/".join(folders) or "."


def _rounded(number: Any) -> float:
    return round(float(number), 5)
