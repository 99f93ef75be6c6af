"""How often the bundles that come along name the augment of a picture, on labels that their second head never saw.

The demo catalogue and the real sets each bring their held-out labels, those that test the head and those that validated
it; `fashion_shoes` is held out as a whole. Each picture is made in all six augments, encoded as an e-mail delivers it,
decoded, and shown to the graph that serves.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.results_page import RESULTS, fill, when_and_where
from benchmarks.servers import ROOT
from benchmarks.shipped_bundles import shipped_bundles
from benchmarks.table import markdown
from benchmarks.warmth import warmth_table
from demo.catalogue_pictures import write_catalogue_pictures
from demo.starter import real_pictures
from ml.datasets.importers import import_pictures
from ml.datasets.snapshot import Snapshot, SnapshotImage
from ml.imaging.augments.table import PUBLISHED
from ml.serving.bundle import Bundle, read_bundle
from ml.training.augment_lessons import TESTED, VALIDATED, deal_products, judge_augments
from ml.training.graphs import EMBEDDING, PICTURES, PROBABILITIES, open_output
from ml.training.specimens import make_specimens

WORK = ROOT / "runs" / "starter"
ASKED_DEMO, ASKED_REAL = 0.995, 0.98
TIMED = 60
CALLED_BRIGHTER = "The share of pictures of validated labels that is called brighter:"
WHOLE = "fashion_shoes"
"""The set that no second head of theirs learned from."""
HEADINGS = ("bundle", "pictures of", "labels that", "labels", "pictures", "named right", "asked", "reached", *PUBLISHED)
Numbers = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the exit status is 1 where something is not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.augments", description=__doc__)
    parser.add_argument("--bundle", type=Path, action="append", help="repeatable; all of bundles/ without any")
    parser.add_argument("--pictures", type=int, default=800, help="at most so many of each row")
    parser.add_argument("--write", action="store_true", help="put the table into docs/results.md too")
    chosen = parser.parse_args(arguments)
    named = [read_bundle(folder) for folder in chosen.bundle or ()] or shipped_bundles()
    bundles = [bundle for bundle in named if bundle.card.augments]
    sets = list(_sets())
    numbers = [row for bundle in bundles for row in measure_bundle(bundle, sets, chosen.pictures)]
    validated = [(_name(one), one, dict(held_out(one)).get("validated")) for one, _ in sets]
    warmth = warmth_table(bundles, [(name, one, images) for name, one, images in validated if images])
    page = "\n\n".join([page_of(numbers), *map(what_it_costs, bundles), CALLED_BRIGHTER, warmth])
    print(page)
    if chosen.write:
        fill("augments", page)
        print(f"{RESULTS} holds the table", file=sys.stderr)
    return int(not numbers or any(one["accuracy"] < one["asked"] for one in numbers))


def measure_bundle(bundle: Bundle, sets: Sequence[tuple[Snapshot, float]], pictures: int) -> list[Numbers]:
    """The rows of one bundle: those of each set, and of all real pictures together."""
    rows: list[Numbers] = []
    real: dict[str, list[Numbers]] = defaultdict(list)
    for snapshot, asked in sets:
        for role, images in held_out(snapshot):
            numbers = _measure(bundle, snapshot, images, pictures)
            rows.append({"bundle": bundle.folder.name, "name": _name(snapshot), "role": role, "asked": asked} | numbers)
            if asked == ASKED_REAL:
                real[role.partition(",")[0]].append(rows[-1])
    return rows + [_together(role, ones) for role, ones in real.items()]


def held_out(snapshot: Snapshot) -> Iterator[tuple[str, list[SnapshotImage]]]:
    """What a set's labels did for the second heads that come along, and their pictures: never learned from."""
    if _name(snapshot) == WHOLE:
        yield "tested, as a whole", list(snapshot.images)
        return
    parts = deal_products([image.label for image in snapshot.images], [image.group for image in snapshot.images])
    for role, wanted in (("tested", TESTED), ("validated", VALIDATED)):
        yield role, [image for image, part in zip(snapshot.images, parts, strict=True) if part == wanted]


def _measure(bundle: Bundle, snapshot: Snapshot, images: Sequence[SnapshotImage], pictures: int) -> Numbers:
    places = np.sort(np.random.default_rng(0).permutation(len(images))[:pictures])
    chosen = [images[place] for place in places]
    made = make_specimens(snapshot, chosen, bundle.card.input_size, WORK / "cache", Console(stderr=True))
    return judge_augments(bundle.model_file, made, made.rows_of(np.ones(len(made.images), bool)))


def _together(role: str, numbers: Sequence[Numbers]) -> Numbers:
    """Several sets as one, each picture counting once."""
    weights = [one["pictures"] for one in numbers]

    def mean(values: Iterable[float]) -> float:
        return float(np.average(list(values), weights=weights))

    return {
        **numbers[0],
        "name": "all real pictures",
        "role": role,
        "pictures": sum(weights),
        "labels": sum(one["labels"] for one in numbers),
        "accuracy": mean(one["accuracy"] for one in numbers),
        "by_augment": {name: mean(one["by_augment"][name] for one in numbers) for name in PUBLISHED},
    }


def page_of(numbers: Sequence[Numbers]) -> str:
    """When and where it was measured, and the table."""
    rows = [
        (
            *(one["bundle"], one["name"], one["role"], str(one["labels"]), str(one["pictures"])),
            *(f"{one['accuracy']:.4f}", f"{one['asked']}", "yes" if one["accuracy"] >= one["asked"] else "NO"),
            *(f"{one['by_augment'][augment]:.3f}" for augment in PUBLISHED),
        )
        for one in numbers
    ]
    return f"Measured on {when_and_where()}.\n\n{markdown(HEADINGS, rows)}"


def what_it_costs(bundle: Bundle) -> str:
    """A sentence about what the second head adds to the graph's file, and to the time of every picture."""
    from onnx.utils import extract_model

    with TemporaryDirectory() as folder:
        without = Path(folder) / "without.onnx"
        extract_model(str(bundle.model_file), str(without), [PICTURES], [EMBEDDING, PROBABILITIES])
        files = (bundle.model_file, without)
        took, took_without = _milliseconds([open_output(file, PROBABILITIES, 1) for file in files], bundle)
        whole, left = (file.stat().st_size / 1e6 for file in files)
    return (
        f"`{bundle.folder.name}` is {bundle.card.id}. Its second head is {whole - left:.1f} of {whole:.1f} MB, and a "
        f"picture takes {took:.1f} ms of one core instead of {took_without:.1f} ms."
    )


def _milliseconds(answers: Sequence[Callable[[NDArray[np.uint8]], object]], bundle: Bundle) -> list[float]:
    """What a picture costs each, by turns: medians of the processor's time, where other work does not count."""
    size = bundle.card.input_size
    picture = np.random.default_rng(0).integers(0, 256, (1, size, size, 3)).astype(np.uint8)
    took: list[list[float]] = [[] for _ in answers]
    for _ in range(TIMED):
        for times, answer in zip(took, answers, strict=True):
            started = time.process_time()
            answer(picture)
            times.append(1000 * (time.process_time() - started))
    return [statistics.median(times) for times in took]


def _name(snapshot: Snapshot) -> str:
    return "demo catalogue" if snapshot.folder == WORK / "catalogue" else snapshot.folder.name


def _sets() -> Iterator[tuple[Snapshot, float]]:
    """The pictures and the bound of each set that is there."""
    catalogue = WORK / "catalogue"
    write_catalogue_pictures(catalogue)
    yield import_pictures(catalogue), ASKED_DEMO
    real = [real_pictures() / name for name in ("sneakers50", "restocks7", WHOLE)]
    for place in (*real, ROOT / "runs" / "real" / "footlocker"):
        if place.is_dir():
            yield import_pictures(place), ASKED_REAL
        else:
            print(f"{place} is missing: its rows are left out", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
