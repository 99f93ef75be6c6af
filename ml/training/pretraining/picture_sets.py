"""The picture sets that a trunk learns from, and what it must never see of them.

A set is a folder or table as `python -m ml describe` reads it. Sets that are read differently stand in a TOML file:

    aside = ["later"]                       # pictures that are kept aside for measuring

    [[set]]
    path = "../shared/data/restocks7"       # relative to the file
    group_pattern = '/(?:.*?([a-z]{0,2}\\d{4,6}-\\d{3})\\b)'
    minimum = 10                            # labels with fewer pictures are left out, as in `ml train --minimum`

Each set is divided as `python -m ml train` divides it. Only its train part is learned from; a picture that has a
near-duplicate in a part that is held out, of whichever set, is not.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from ml.datasets.division import SplitPlan
from ml.datasets.importers import ImportOptions
from ml.datasets.near_duplicates import find_near_duplicates
from ml.datasets.snapshot import Snapshot, SnapshotError
from ml.imaging.perceptual_hash import SIDE
from ml.training.loading import load_with_progress, open_pictures, split_pictures, without_rare_labels
from ml.training.run_folder import RunError

SETS_SUFFIX = ".toml"
LEARNED = "train"


@dataclass(frozen=True)
class SetOrder:
    """Where a set lies and how it is read; `aside` sets are only kept away from."""

    path: Path
    options: ImportOptions
    minimum: int = 1
    aside: bool = False


@dataclass(frozen=True)
class PictureSet:
    """A divided set by its name, and the paths of pictures that are not learned from since others hold their twins."""

    name: str
    snapshot: Snapshot
    dropped: frozenset[str] = frozenset()
    aside: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        return self.snapshot.labels


def orders_of(places: Sequence[Path], options: ImportOptions, aside: Sequence[Path] = ()) -> tuple[SetOrder, ...]:
    """The orders of the command line: folders and tables, or files that list them."""
    orders: list[SetOrder] = []
    for place in places:
        if place.suffix == SETS_SUFFIX:
            orders += _read_orders(place)
        else:
            orders.append(SetOrder(place, options))
    return (*orders, *(SetOrder(place, ImportOptions(), aside=True) for place in aside))


def open_sets(orders: Sequence[SetOrder], plan: SplitPlan, cache: Path, console: Console) -> tuple[PictureSet, ...]:
    """All sets, divided, with the twins of held-out pictures dropped. Says what it dropped.

    Raises RunError where a set has fewer than two labels to learn, or two sets have one name.
    """
    sets = []
    for order in orders:
        snapshot = without_rare_labels(open_pictures(order.path, order.options, console), order.minimum)
        if order.aside:
            images = tuple(replace(image, split="test") for image in snapshot.images)
            sets.append(PictureSet(order.path.stem, replace(snapshot, images=images), aside=True))
            continue
        divided = split_pictures(snapshot, plan, cache, console)
        learned = {image.label for image in divided.images if image.label and image.split == LEARNED}
        if len(learned) < 2:
            raise RunError(f"{order.path} has {len(learned)} label(s) to learn: two or more are needed")
        sets.append(PictureSet(order.path.stem, divided))
    names = [one.name for one in sets]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise RunError(f"two sets are named {repeated.pop()}: rename a folder")
    if all(one.aside for one in sets):
        raise RunError("no set is left to learn from: name one that is not kept aside")
    return drop_twins(sets, cache, console) if plan.near_duplicates else tuple(sets)


def drop_twins(sets: Sequence[PictureSet], cache: Path, console: Console) -> tuple[PictureSet, ...]:
    """The sets, each with the learned pictures dropped that have a near-duplicate in a held-out part of any set."""
    small = [load_with_progress(one.snapshot, SIDE, cache, console) for one in sets]
    owner = [(place, image) for place, pictures in enumerate(small) for image in pictures.images]
    dropped: list[set[str]] = [set() for _ in sets]
    for pair in find_near_duplicates(np.concatenate([pictures.pixels for pictures in small])):
        for own, other in ((pair.first, pair.second), (pair.second, pair.first)):
            (place, image), (_, twin) = owner[own], owner[other]
            if image.split == LEARNED and twin.split != LEARNED:
                dropped[place].add(image.path)
    if count := sum(map(len, dropped)):
        console.print(f"{count} pictures have a near-duplicate in a held-out part: they are not learned from")
    return tuple(replace(one, dropped=frozenset(gone)) for one, gone in zip(sets, dropped, strict=True))


def _read_orders(file: Path) -> list[SetOrder]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SnapshotError(f"{file} is not a readable list of sets: {error}") from error
    aside = content.get("aside", [])
    tables = content.get("set", [])
    if not isinstance(tables, list) or not tables or not isinstance(aside, list):
        raise SnapshotError(f"{file} lists no sets: [[set]] with a path begins one")
    orders = [_order(file, table) for table in tables]
    return [*orders, *(SetOrder(file.parent / str(path), ImportOptions(), aside=True) for path in aside)]


def _order(file: Path, table: Mapping[str, Any]) -> SetOrder:
    known = {field.name for field in fields(ImportOptions)}
    if unknown := sorted(set(table) - known - {"path", "minimum"}):
        raise SnapshotError(f"{file}: a set has no {unknown[0]}: it has path, minimum, {', '.join(sorted(known))}")
    if not isinstance(table.get("path"), str):
        raise SnapshotError(f"{file}: a set without a path")
    options: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in table.items()
    }
    chosen = ImportOptions(**{name: value for name, value in options.items() if name in known})
    return SetOrder(file.parent / table["path"], chosen, int(table.get("minimum", 1)))
