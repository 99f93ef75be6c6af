"""Teach a graph to name the augment of a picture: specimens, the second head, its honest probabilities, the graft.

The head is judged on products whose pictures it never saw: labels are dealt to learning, validation and test as wholes.
Where there are too few labels for that, the pictures of single products are.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray
from rich.console import Console

from ml.datasets.snapshot import Snapshot, SnapshotImage
from ml.imaging.augments.table import PUBLISHED
from ml.serving.bundle import MODEL_FILE, Bundle, Card, file_digest, read_bundle, write_card
from ml.training.calibration import expected_calibration_error, fit_temperature, log_loss
from ml.training.fine_tuning import BATCH_OF_ANSWERS, Exercise, StepSettings, learn_step
from ml.training.grafting import graft
from ml.training.graphs import AUGMENTS, open_output
from ml.training.lessons import soft_targets
from ml.training.loading import joined
from ml.training.progress import say_progress, telling
from ml.training.provenance import shops_taught
from ml.training.run_folder import RunError, RunFolder, open_run
from ml.training.specimens import Specimens, make_specimens

SPECIMENS, STEP = "pictures in every augment", "augments"
HELD_OUT_SHARE = 0.15
"""Of the products, once for validation and once for the test."""
FEWEST_LABELS = 7
LEARNED, VALIDATED, TESTED = 0, 1, 2
SMOOTHING = 0.02


@dataclass(frozen=True)
class AugmentSettings:
    """How the second head learns: from at most so many pictures, each in six augments, for so many epochs."""

    pictures: int = 2000
    epochs: int = 12
    rate: float = 0.002
    batch_size: int = 128
    seed: int = 0


def add_augments(
    bundle: Bundle, sets: Sequence[Snapshot], out: Path, cache: Path, settings: AugmentSettings, console: Console
) -> Bundle:
    """A copy of the bundle with a second head in `out`/bundle; its id is new. A finished run is left as it is.

    Raises RunError where nothing can be learned, SnapshotError where a picture lies in two of the sets.
    """
    if min(settings.pictures, settings.epochs, settings.batch_size) < 1 or settings.rate <= 0:
        raise RunError("pictures, epochs, batch and rate are larger than 0: else no augment is learned")
    if (finished := out / "bundle").is_dir():
        console.print(f"{finished} is finished: remove it to teach anew", highlight=False, soft_wrap=True)
        return read_bundle(finished)
    snapshot = joined(sets)
    images = iter(snapshot.images)
    set_of = {image.path: one.folder.name for one in sets for image in islice(images, len(one.images))}
    facts = {"command": "augments", "bundle": bundle.card.id, "snapshot": snapshot.source, **asdict(settings)}
    run = open_run(out, {**facts, "snapshot_digest": snapshot.digest})
    unfinished = out / f".bundle-{os.getpid()}"
    with telling(out):
        try:
            shutil.copytree(bundle.folder, unfinished)
            graph = unfinished / MODEL_FILE
            card = teach_bundle(graph, bundle.card, snapshot, settings, run, cache, console, set_of)
            digest = file_digest(unfinished / MODEL_FILE)[:8]
            write_card(unfinished, replace(card, id=f"{card.id.rsplit('-', 1)[0]}-{digest}"))
            unfinished.rename(finished)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return read_bundle(finished)


def teach_bundle(
    graph_file: Path,
    card: Card,
    snapshot: Snapshot,
    settings: AugmentSettings,
    run: RunFolder,
    cache: Path,
    console: Console,
    set_of: Mapping[str, str] = MappingProxyType({}),
) -> Card:
    """Put a second head into the graph that the card is about; the card that says so, with the head's numbers.

    Learns from the labelled pictures of the snapshot's train split, or from all where there are no splits. Goes on
    from the run's checkpoint. Raises RunError where there are fewer than three products.
    """
    import keras

    from ml.networks.augment_head import build_augment_head

    keras.utils.set_random_seed(settings.seed)
    size = card.input_size
    chosen = _choose(snapshot, settings)
    tell = partial(_say_made, run.path)
    specimens = make_specimens(snapshot, chosen, size, cache, console, tell)
    parts = deal_products([image.label for image in specimens.images], [image.group for image in specimens.images])
    if not {LEARNED, VALIDATED, TESTED} <= set(parts.tolist()):
        raise RunError(f"{snapshot.folder} has too few pictures to teach augments with: three products are needed")
    learned, validated, tested = (specimens.rows_of(parts == part) for part in (LEARNED, VALIDATED, TESTED))
    targets = specimens.targets
    exercise = Exercise(learned, validated, targets, soft_targets(targets, len(PUBLISHED), SMOOTHING))
    head = build_augment_head(size, len(PUBLISHED))
    step = StepSettings(
        epochs=settings.epochs,
        rate=settings.rate,
        optimizer="adamw",
        weight_decay=None,
        momentum=None,
        batch_size=settings.batch_size,
        slows=False,
        early_stop=0,
        seed=settings.seed,
    )
    learn_step(STEP, head, specimens, exercise, step, run, console)
    logits = _answers(partial(_logits, head), specimens, validated)
    temperature = fit_temperature(logits, targets[validated])
    graft(graph_file, head, temperature, graph_file)
    numbers = judge_augments(graph_file, specimens, tested, set_of) | {"learned_from": len(learned) // len(PUBLISHED)}
    about = f"{numbers['pictures']} pictures of unseen products"
    console.print(f"augments named right on {about}: {numbers['accuracy']:.3f}", highlight=False)
    learned_from = f"Its second head learned the augments of {numbers['learned_from']} pictures ({snapshot.source})."
    return replace(
        card,
        augments=PUBLISHED,
        metrics={**card.metrics, AUGMENTS: numbers},
        settings={**card.settings, **shops_taught(card, snapshot)},
        provenance=f"{card.provenance} {learned_from}",
    )


def _say_made(folder: Path, share: float, seconds: float) -> None:
    say_progress(folder, SPECIMENS, share=share, seconds=seconds)


def deal_products(labels: Sequence[str], groups: Sequence[str]) -> NDArray[np.int64]:
    """(P,): which pictures are LEARNED, VALIDATED, TESTED; those of one label together, or of one group.

    A product's place follows from its name alone, whatever else is there; only where that leaves a part empty do the
    products draw lots among themselves.
    """
    names = labels if len(set(labels)) >= FEWEST_LABELS else groups
    if not names:
        return np.empty(0, np.int64)
    lots = {name: _lot(name) for name in set(names)}
    if {_part(lot) for lot in lots.values()} != {LEARNED, VALIDATED, TESTED}:
        order = sorted(lots, key=lots.__getitem__)
        lots = {name: place / len(order) for place, name in enumerate(order)}
        lots[order[min(1, len(order) - 1)]] = HELD_OUT_SHARE  # however few they are, one validates
    return np.array([_part(lots[name]) for name in names], np.int64)


def _lot(name: str) -> float:
    """A number from 0 to 1 that looks drawn, always the same for the name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64


def _part(lot: float) -> int:
    return TESTED if lot < HELD_OUT_SHARE else VALIDATED if lot < 2 * HELD_OUT_SHARE else LEARNED


def _choose(snapshot: Snapshot, settings: AugmentSettings) -> list[SnapshotImage]:
    """Labelled pictures to learn from, drawn by the seed: all of them where there are no more than asked for."""
    images = [image for image in snapshot.images if not image.is_negative and image.split in ("train", "")]
    order = default_rng(settings.seed).permutation(len(images))[: settings.pictures]
    return [images[place] for place in np.sort(order)]


def _logits(head: Any, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(head(pictures.astype(np.float32), training=False)[1], np.float32)


def _answers(
    answer: Callable[[NDArray[np.uint8]], NDArray[np.float32]], specimens: Specimens, rows: NDArray[np.intp]
) -> NDArray[np.float32]:
    """(rows, A): what is answered about these rows as they are, batch by batch."""
    batches = [rows[start : start + BATCH_OF_ANSWERS] for start in range(0, len(rows), BATCH_OF_ANSWERS)]
    return np.concatenate([answer(specimens.originals(batch)) for batch in batches])


def judge_augments(
    graph_file: Path, specimens: Specimens, rows: NDArray[np.intp], set_of: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    """Numbers about these rows of the specimens as the graph serves them: whole, by augment and by set.

    `set_of` names the set of a picture by its path.
    """
    probabilities = _answers(open_output(graph_file, AUGMENTS), specimens, rows)
    images = [specimens.images[row // len(PUBLISHED)] for row in rows]
    targets = specimens.targets[rows]
    right = probabilities.argmax(axis=1) == targets
    sets = defaultdict(list)
    for place, image in enumerate(images):
        sets[set_of.get(image.path, "pictures")].append(place)
    return {
        "pictures": len(rows) // len(PUBLISHED),
        "labels": len({image.label for image in images}),
        "accuracy": _rounded(right.mean()),
        "log_loss": _rounded(log_loss(probabilities, targets)),
        "calibration_error": _rounded(expected_calibration_error(probabilities, targets)),
        "by_augment": {name: _rounded(right[targets == place].mean()) for place, name in enumerate(PUBLISHED)},
        "by_set": {name: _rounded(right[places].mean()) for name, places in sorted(sets.items())},
    }


def _rounded(number: Any) -> float:
    return round(float(number), 4)
