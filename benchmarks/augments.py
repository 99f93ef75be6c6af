"""How often the starter bundle names the augment of a picture, on products that its second head never saw.

The demo catalogue and the real sets each bring their held-out products; `fashion_shoes` is held out as a whole. Each
picture is made in all six augments, encoded as an e-mail delivers it, decoded, and shown to the graph that serves.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from benchmarks.results_page import RESULTS, fill
from benchmarks.servers import ROOT
from benchmarks.table import markdown
from demo.catalogue_pictures import write_catalogue_pictures
from demo.starter import real_pictures
from ml.datasets.importers import import_pictures
from ml.datasets.snapshot import Snapshot
from ml.imaging.augments.table import PUBLISHED
from ml.serving.bundle import read_bundle
from ml.training.augment_lessons import TESTED, deal_products, judge_augments
from ml.training.machine import describe_machine
from ml.training.specimens import make_specimens

WORK = ROOT / "runs" / "starter"
ASKED_DEMO, ASKED_REAL = 0.995, 0.98
HEADINGS = ("pictures of", "products", "pictures", "named right", "asked", "reached", *PUBLISHED)


def main() -> int:
    """Print the table. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.augments", description=__doc__)
    parser.add_argument("--bundle", type=Path, default=ROOT / "bundles" / "starter")
    parser.add_argument("--pictures", type=int, default=700, help="at most so many of each set")
    parser.add_argument("--write", action="store_true", help="put the table into docs/results.md too")
    chosen = parser.parse_args()
    numbers = [measure_set(chosen.bundle, *one, chosen.pictures) for one in _sets()]
    real = [one for one in numbers if one["asked"] == ASKED_REAL]
    page = page_of([*numbers, *([_together(real)] if real else [])])
    print(page)
    if chosen.write:
        fill("augments", page)
        print(f"{RESULTS} holds the table", file=sys.stderr)
    return 0


def measure_set(folder: Path, name: str, snapshot: Snapshot, asked: float, pictures: int) -> dict[str, Any]:
    """The numbers of one set's held-out products."""
    bundle = read_bundle(folder)
    parts = deal_products([image.label for image in snapshot.images], [image.group for image in snapshot.images])
    images = [image for image, part in zip(snapshot.images, parts, strict=True) if image.label and part == TESTED]
    if name == "fashion_shoes":
        images = list(snapshot.images)
    places = np.sort(np.random.default_rng(0).permutation(len(images))[:pictures])
    console = Console(stderr=True)
    made = make_specimens(
        snapshot, [images[place] for place in places], bundle.card.input_size, WORK / "cache", console
    )
    every = made.rows_of(np.ones(len(made.images), bool))
    return {"name": name, "asked": asked, **judge_augments(bundle.model_file, made, every)}


def _together(numbers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """All real sets as one, each picture counting once."""
    weights = [one["pictures"] for one in numbers]

    def mean(values: Iterable[float]) -> float:
        return float(np.average(list(values), weights=weights))

    return {
        "name": "all real pictures",
        "asked": ASKED_REAL,
        "pictures": sum(weights),
        "products": sum(one["products"] for one in numbers),
        "accuracy": mean(one["accuracy"] for one in numbers),
        "by_augment": {name: mean(one["by_augment"][name] for one in numbers) for name in PUBLISHED},
    }


def page_of(numbers: Sequence[dict[str, Any]]) -> str:
    """The table, and where it was measured."""
    machine = describe_machine()
    rows = [
        (
            *(one["name"], str(one["products"]), str(one["pictures"]), f"{one['accuracy']:.3f}"),
            *(f"{one['asked']}", "yes" if one["accuracy"] >= one["asked"] else "NO"),
            *(f"{one['by_augment'][augment]:.3f}" for augment in PUBLISHED),
        )
        for one in numbers
    ]
    return f"{markdown(HEADINGS, rows)}\n\nMeasured on {machine['processor']}, {machine['cores']} cores."


def _sets() -> Iterator[tuple[str, Snapshot, float]]:
    """Name, pictures and bound of each set that is there."""
    catalogue = WORK / "catalogue"
    write_catalogue_pictures(catalogue)
    yield "demo catalogue", import_pictures(catalogue), ASKED_DEMO
    real = [real_pictures() / name for name in ("sneakers50", "restocks7", "fashion_shoes")]
    for place in (*real, ROOT / "runs" / "real" / "footlocker"):
        if place.is_dir():
            yield place.name, import_pictures(place), ASKED_REAL
        else:
            print(f"{place} is missing: its row is left out", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
