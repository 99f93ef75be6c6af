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
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from ml.datasets.pictures import Pictures
from ml.datasets.snapshot import Snapshot
from ml.serving.bundle import MODEL_FILE, PROTOTYPES_FILE, Bundle, Card, write_card
from ml.training import export
from ml.training.calibration import (
    Floats,
    catalogue_evidence,
    fit_answer_set,
    fit_temperature,
    fit_threshold,
    label_prototypes,
    softmax,
)
from ml.training.evaluation import Answers, answer_pictures, report, report_by_folder
from ml.training.graphs import open_graph
from ml.training.run_folder import RunFolder

if TYPE_CHECKING:
    import keras

ACCURACY_TO_LOSE = 0.005
"""What int8 may cost; beyond it the graph stays float32."""

COVERAGE = 0.9


@dataclass(frozen=True)
class ServedGraph:
    """The graph to serve, before temperature: the file, "int8" or "float32", and the accuracies that decided."""

    file: Path
    weights: str
    accuracies: Mapping[str, float]


def write_bundle(
    run: RunFolder,
    pictures: Pictures,
    labels: tuple[str, ...],
    trunk: keras.Model,
    head: keras.Model,
    snapshot: Snapshot,
    settings: Mapping[str, Any],
    console: Console,
) -> Bundle:
    """Write `run`/bundle in one rename, and its numbers into the run's metrics.json."""
    unfinished = run.path / f".bundle-{os.getpid()}"
    unfinished.mkdir(exist_ok=True)
    try:
        network = export.build_served_network(trunk, head, pictures.size)
        graph = choose_graph(network, pictures, labels, unfinished, console)
        embeddings, logits = answer_with_progress(graph.file, pictures.pixels, console)
        card, prototypes = _describe(pictures, labels, embeddings, logits, graph, snapshot, settings, run)
        export.add_temperature(graph.file, unfinished / MODEL_FILE, card.temperature)
        for file in unfinished.glob("*.unfinished.onnx"):
            file.unlink()
        np.save(unfinished / PROTOTYPES_FILE, prototypes)
        bundle = write_card(unfinished, card)
        _swap(bundle.folder, run.path / "bundle")
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    run.add_metrics("served", card.metrics)
    _say(console, run.path / "bundle", card)
    return Bundle(run.path / "bundle", bundle.card)


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


def answer_with_progress(graph: Path, pixels: NDArray[np.uint8], console: Console) -> tuple[Floats, Floats]:
    """What a graph says about all pictures, with a bar in the terminal."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("asking the served graph", total=len(pixels))
        return answer_pictures(open_graph(graph), pixels, lambda done: bar.update(task, completed=done))


def _describe(
    pictures: Pictures,
    labels: tuple[str, ...],
    embeddings: Floats,
    logits: Floats,
    graph: ServedGraph,
    snapshot: Snapshot,
    settings: Mapping[str, Any],
    run: RunFolder,
) -> tuple[Card, Floats]:
    """The card, its numbers fitted on validation pictures, and the prototypes."""
    targets = pictures.targets(labels)
    held_out, negatives = pictures.rows("validation"), pictures.rows("validation", negatives=True)
    temperature = fit_temperature(logits[held_out], targets[held_out])
    probabilities = softmax(logits / temperature)
    training = pictures.rows("train")
    prototypes = label_prototypes(embeddings[training], targets[training], len(labels))
    evidence = catalogue_evidence(embeddings, probabilities, prototypes)
    threshold = fit_threshold(evidence[held_out], evidence[negatives], "validation")
    answers = Answers(embeddings, probabilities)
    numbers: dict[str, Any] = report(pictures, answers, labels, threshold, prototypes)
    numbers["test by folder"] = report_by_folder(pictures, answers, labels)
    numbers["weights"] = dict(graph.accuracies)
    created = datetime.now(UTC)
    card = Card(
        id=f"vgg16-{created:%Y%m%d}-{_short_digest(graph.file)}",
        network="VGG16",
        labels=labels,
        input_size=pictures.size,
        preprocessing="inside the graph",
        embedding_dimensions=int(embeddings.shape[1]),
        temperature=temperature,
        threshold=threshold,
        answer_set_quantile=fit_answer_set(probabilities[held_out], targets[held_out], COVERAGE),
        answer_set_coverage=COVERAGE,
        provenance=_provenance(snapshot, settings),
        created_at=f"{created:%Y-%m-%dT%H:%M:%SZ}",
        weights=graph.weights,
        snapshot_digest=snapshot.digest,
        label_names=snapshot.facts.get("label_names", {}),
        metrics=numbers,
        settings={**settings, "git_revision": run.settings().get("git_revision", "unknown")},
    )
    return card, prototypes


def _provenance(snapshot: Snapshot, settings: Mapping[str, Any]) -> str:
    weights = settings["weights"]
    start = {"none": "random weights", "imagenet": "ImageNet weights"}.get(weights, f"the trunk {Path(weights).name}")
    return f"Trained on {snapshot.source} ({len(snapshot.images)} pictures), from {start}."


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
