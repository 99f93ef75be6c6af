"""The comparison: networks trained on one split with the same seed, and the table of what each costs and knows.

<out>/<contestant>/     the run folder of each
<out>/comparison.md     the table for people, <out>/comparison.json for programs; written anew behind each contestant

Accuracies are those of what is served, about pictures that went the way of an upload.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from ml.datasets.division import PLAN_FACT
from ml.datasets.snapshot import Snapshot
from ml.serving.bundle import Bundle
from ml.serving.runtime import Recogniser
from ml.training.contestants import Contestant
from ml.training.recipe import train
from ml.training.run_folder import RunFolder, replace_text, write_json
from ml.training.workshop import FEATURES, NETWORK

WARM_UP, TIMED = 5, 30
COLUMNS = {
    "title": ("network", "{}"),
    "parameters": ("parameters", "{:,}"),
    "minutes": ("training minutes", "{:.1f}"),
    "ms": ("ms a picture", "{:.1f}"),
    "megabytes": ("MB", "{:.1f}"),
    "weights": ("weights", "{}"),
    "accuracy": ("accuracy", "{:.3f}"),
    "top5": ("top-5", "{:.3f}"),
    "macro_f1": ("macro-F1", "{:.3f}"),
    "log_loss": ("log-loss", "{:.3f}"),
}
"""Key of a row -> heading and format; a column that no row fills is left out."""


def compare(
    snapshot: Snapshot,
    contestants: Sequence[Contestant],
    out: Path,
    cache: Path,
    console: Console,
    *,
    threads: int = 1,
) -> Path:
    """Train every contestant that is not trained yet, and write the table. Returns <out>/comparison.md.

    The same call goes on where it was stopped. Raises RunError where a folder in `out` holds another run.
    """
    rows = [_row_of_chance(len(snapshot.labels))]
    table = out / "comparison.md"
    for number, contestant in enumerate(contestants, 1):
        console.rule(f"{number} of {len(contestants)}: {contestant.name}")
        _forget_networks()
        bundle = train(snapshot, out / contestant.name, cache, contestant.settings, console)
        rows.append(_row_of(contestant, bundle, threads))
        facts = _facts(snapshot, contestants, threads, rows)
        write_json(out / "comparison.json", facts)
        replace_text(table, _page(facts))
    console.print(table.read_text(encoding="utf-8"), highlight=False, markup=False, soft_wrap=True)
    return table


def _row_of_chance(labels: int) -> dict[str, Any]:
    """Guessing: every label as likely as the others."""
    return {
        "title": "random choice",
        "accuracy": 1 / labels,
        "top5": min(1.0, 5 / labels),
        "log_loss": math.log(labels),
    }


def _row_of(contestant: Contestant, bundle: Bundle, threads: int) -> dict[str, Any]:
    """What a trained contestant costs and knows."""
    run = RunFolder(bundle.folder.parent)
    metrics = run.metrics()
    seconds = sum(epoch["seconds"] for epoch in run.curves()) + sum(metrics.get(FEATURES, {}).values())
    numbers = bundle.card.metrics.get("test") or bundle.card.metrics.get("validation", {})
    return {
        "name": contestant.name,
        "title": contestant.title,
        "bundle": bundle.card.id,
        **metrics[NETWORK],
        "minutes": round(seconds / 60, 3),
        "ms": round(milliseconds_a_picture(bundle, threads), 2),
        "megabytes": round(bundle.model_file.stat().st_size / 1e6, 2),
        "weights": bundle.card.weights,
        **{name: numbers[name] for name in ("accuracy", "top5", "macro_f1", "log_loss") if name in numbers},
    }


def milliseconds_a_picture(bundle: Bundle, threads: int) -> float:
    """The median time that ONNX Runtime takes for one picture of the bundle's size, alone in its batch."""
    size = bundle.card.input_size
    recogniser = Recogniser(bundle, threads)
    picture = np.random.default_rng(0).integers(0, 256, (size, size, 3)).astype(np.uint8)
    times = []
    for _ in range(WARM_UP + TIMED):
        started = time.perf_counter()
        recogniser.embed([picture])
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times[WARM_UP:])


def _facts(
    snapshot: Snapshot, contestants: Sequence[Contestant], threads: int, rows: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    tested = [image for image in snapshot.images if image.split == "test" and image.label]
    settings = [contestant.settings for contestant in contestants]
    return {
        "pictures": snapshot.source,
        "snapshot_digest": snapshot.digest,
        "split": snapshot.facts.get(PLAN_FACT),
        "labels": len(snapshot.labels),
        "learned": sum(image.split == "train" and bool(image.label) for image in snapshot.images),
        "tested": len(tested),
        "seed": settings[0].seed,
        "sizes": {contestant.name: contestant.settings.size for contestant in contestants},
        "threads": threads,
        "rows": list(rows),
    }


def _page(facts: Mapping[str, Any]) -> str:
    """The table in Markdown, with a line about what was compared and how it was measured."""
    rows = facts["rows"]
    shown = {key: column for key, column in COLUMNS.items() if any(key in row for row in rows)}
    lines = [
        "| " + " | ".join(heading for heading, _ in shown.values()) + " |",
        "|" + "---|" * len(shown),
        *("| " + " | ".join(_cell(row, key, form) for key, (_, form) in shown.items()) + " |" for row in rows),
    ]
    sizes = sorted(set(facts["sizes"].values()))
    about = (
        f"{facts['pictures']}: {facts['labels']} labels, {facts['learned']} pictures learned from, "
        f"{facts['tested']} tested, seed {facts['seed']}, {', '.join(map(str, sizes))} px. "
        f"Minutes are those of features and epochs, without validation and export. "
        f"Milliseconds: ONNX Runtime, {facts['threads']} thread(s), one picture, one view, median of {TIMED}."
    )
    return "\n".join(lines) + f"\n\n{about}\n"


def _cell(row: Mapping[str, Any], key: str, form: str) -> str:
    return form.format(row[key]) if key in row else ""


def _forget_networks() -> None:
    """Free what the network before held in memory."""
    import keras

    keras.backend.clear_session()
