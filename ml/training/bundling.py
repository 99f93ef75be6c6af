"""From a trained network to a bundle: export, int8 if it costs nothing, calibration, evaluation, card."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import default_rng
from rich.console import Console
from rich.progress import Progress

from ml.datasets.division import PLAN_FACT
from ml.datasets.pictures import Pictures
from ml.datasets.snapshot import Snapshot
from ml.networks.build import whole
from ml.networks.table import Network
from ml.serving.bundle import MODEL_FILE, PROTOTYPES_FILE, Bundle, Card, write_card
from ml.training import export, provenance
from ml.training.as_served import Answers, answer_as_served
from ml.training.augment_lessons import AugmentSettings, teach_bundle
from ml.training.calibration import (
    Floats,
    catalogue_evidence,
    fit_answer_set,
    fit_temperature,
    fit_threshold,
    label_prototypes,
    softmax,
)
from ml.training.evaluation import HELD_OUT, answer_pictures, judge, report, report_by_folder
from ml.training.graphs import open_graph
from ml.training.progress import say_progress
from ml.training.reports.writing import leave_report
from ml.training.run_folder import RunFolder

if TYPE_CHECKING:
    import keras

ACCURACY_TO_LOSE = 0.005
"""What int8 may cost; beyond it the graph stays float32."""

COVERAGE = 0.9
MEASURED = "export and measuring as served"


@dataclass(frozen=True)
class ServedGraph:
    """The graph to serve, before temperature: the file, "int8" or "float32", and the accuracies that decided."""

    file: Path
    weights: str
    accuracies: Mapping[str, float]


def write_bundle(
    run: RunFolder,
    network: Network,
    pictures: Pictures,
    labels: tuple[str, ...],
    trunk: keras.Model,
    head: keras.Model,
    snapshot: Snapshot,
    settings: Mapping[str, Any],
    cache: Path,
    console: Console,
) -> Bundle:
    """Write `run`/bundle in one rename, its numbers into the run's metrics.json, and the run's report."""
    say_progress(run.path, MEASURED)
    unfinished = run.path / f".bundle-{os.getpid()}"
    unfinished.mkdir(exist_ok=True)
    try:
        graph = choose_graph(whole(network, trunk, head, pictures.size), pictures, labels, unfinished, console)
        answers = answer_held_out(graph.file, snapshot, pictures.size, console)
        prototypes = find_prototypes(graph.file, pictures, labels, console)
        card = _describe(network, answers, labels, prototypes, pictures.size, graph, snapshot, settings, run)
        export.add_temperature(graph.file, unfinished / MODEL_FILE, card.temperature)
        if settings["augments"]:
            lessons = AugmentSettings(pictures=settings["augments"], seed=settings["seed"])
            card = teach_bundle(unfinished / MODEL_FILE, card, snapshot, lessons, run, cache, console)
        for file in unfinished.glob("*.unfinished.onnx"):
            file.unlink()
        np.save(unfinished / PROTOTYPES_FILE, prototypes)
        bundle = write_card(unfinished, card)
        _swap(bundle.folder, run.path / "bundle")
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    run.add_metrics("served", card.metrics)
    _say(console, run.path / "bundle", card)
    served = Bundle(run.path / "bundle", bundle.card)
    leave_report(run, snapshot, answers, served, console)
    return served


def choose_graph(
    network: keras.Model, pictures: Pictures, labels: tuple[str, ...], folder: Path, console: Console
) -> ServedGraph:
    """Export both ways and keep int8 unless it loses more than half a point of validation accuracy."""
    plain, small = folder / "float32.unfinished.onnx", folder / "int8.unfinished.onnx"
    console.print("exporting the network, and once more in int8")
    export.export_float32(network, plain)
    learned = np.concatenate([pictures.rows("train"), pictures.rows("train", negatives=True)])
    chosen = default_rng(0).permutation(learned)[: export.CALIBRATION_PICTURES]
    export.quantise(plain, small, pictures.pixels[np.sort(chosen)])
    rows = pictures.rows("validation")
    rows = rows if len(rows) else pictures.rows("train")
    targets = pictures.targets(labels)[rows]
    accuracies = {}
    for weights, file in (("float32", plain), ("int8", small)):
        logits = answer_pictures(open_graph(file), pictures.pixels[rows])[1]
        accuracies[weights] = round(float((logits.argmax(axis=1) == targets).mean()), 5)
    keeps = accuracies["int8"] >= accuracies["float32"] - ACCURACY_TO_LOSE
    return ServedGraph(small if keeps else plain, "int8" if keeps else "float32", accuracies)


def answer_held_out(graph: Path, snapshot: Snapshot, size: int, console: Console) -> Answers:
    """What the graph would answer about the pictures that it did not learn from, sent the way of an upload."""
    held_out = [image for image in snapshot.images if image.split in HELD_OUT]
    return answer_as_served(open_graph(graph), snapshot, held_out, size, console)


def find_prototypes(graph: Path, pictures: Pictures, labels: tuple[str, ...], console: Console) -> Floats:
    """(labels, D): where each label's training pictures lie on average; with a bar in the terminal."""
    rows = pictures.rows("train")
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("training pictures, embedded", total=len(rows))
        embeddings, _ = answer_pictures(
            open_graph(graph), pictures.pixels[rows], lambda done: bar.update(task, completed=done)
        )
    return label_prototypes(embeddings, pictures.targets(labels)[rows], len(labels))


def _describe(
    network: Network,
    answers: Answers,
    labels: tuple[str, ...],
    prototypes: Floats,
    size: int,
    graph: ServedGraph,
    snapshot: Snapshot,
    settings: Mapping[str, Any],
    run: RunFolder,
) -> Card:
    """The card, its numbers fitted on validation pictures."""
    targets = answers.targets(labels)
    held_out, negatives = answers.rows("validation"), answers.rows("validation", negatives=True)
    temperature = fit_temperature(answers.logits[held_out], targets[held_out])
    probabilities = softmax(answers.logits / temperature)
    evidence = catalogue_evidence(answers.embeddings, probabilities, prototypes)
    threshold = fit_threshold(evidence[held_out], evidence[negatives], "validation")
    in_catalogue = judge(answers, probabilities, threshold, prototypes)
    numbers: dict[str, Any] = report(answers, probabilities, labels, in_catalogue)
    numbers["test by folder"] = report_by_folder(answers, probabilities, labels, in_catalogue)
    numbers["weights"] = dict(graph.accuracies)
    created = datetime.now(UTC)
    return Card(
        id=f"{network.name}-{created:%Y%m%d}-{_short_digest(graph.file)}",
        network=network.title,
        labels=labels,
        input_size=size,
        preprocessing="inside the graph",
        embedding_dimensions=int(prototypes.shape[1]),
        temperature=temperature,
        threshold=threshold,
        answer_set_quantile=fit_answer_set(probabilities[held_out], targets[held_out], COVERAGE),
        answer_set_coverage=COVERAGE,
        provenance=provenance.in_words(snapshot, network.title, settings["weights"]),
        created_at=f"{created:%Y-%m-%dT%H:%M:%SZ}",
        weights=graph.weights,
        snapshot_digest=snapshot.digest,
        label_names=snapshot.facts.get("label_names", {}),
        metrics=numbers,
        settings={
            **settings,
            "weights": provenance.start_by_name(settings["weights"]),
            PLAN_FACT: snapshot.facts.get(PLAN_FACT),
            **provenance.shops_learned_from(snapshot, settings["weights"]),
            "git_revision": run.settings().get("git_revision", "unknown"),
        },
    )


def _swap(folder: Path, place: Path) -> None:
    """Put `folder` in the place of what an earlier run left there."""
    old = place.with_name(f".old-{os.getpid()}")
    if place.exists():
        place.rename(old)
    folder.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _short_digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:8]


def _say(console: Console, folder: Path, card: Card) -> None:
    console.print(f"{folder}: {card.id}, {card.weights}, {(folder / MODEL_FILE).stat().st_size / 1e6:.1f} MB")
    for split in ("validation", "test"):
        numbers = card.metrics.get(split)
        if numbers and numbers["pictures"]:
            refused = f", refuses {numbers['refused']:.1%} of non-shoes" if "refused" in numbers else ""
            console.print(
                f"{split}: accuracy {numbers['accuracy']:.3f}, top-5 {numbers['top5']:.3f}, "
                f"log-loss {numbers['log_loss']:.3f}, keeps {numbers['kept']:.1%} of shoes{refused}",
                highlight=False,
                soft_wrap=True,
            )
