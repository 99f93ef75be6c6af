"""Loading pictures with a bar in the terminal, and a word about those that cannot be read."""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from ml.datasets.division import SplitPlan, divide
from ml.datasets.importers import ImportOptions, import_pictures
from ml.datasets.pictures import Pictures, load_pictures
from ml.datasets.snapshot import PICTURE_SUFFIXES, Snapshot, SnapshotError, SnapshotImage
from ml.datasets.split import fill_splits
from ml.training.run_folder import RunError

NAMED = 5
"""Unreadable pictures and bad rows that are named one by one; the rest is counted."""


def load_with_progress(snapshot: Snapshot, size: int, cache: Path, console: Console) -> Pictures:
    """`load_pictures` with progress; names the pictures that are left out."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"reading pictures at {size} px", total=len(snapshot.images))
        pictures = load_pictures(snapshot, size, cache, lambda done, _: bar.update(task, completed=done))
    for picture in pictures.unreadable[:NAMED]:
        console.print(f"left out: {picture.path}: {picture.reason}", highlight=False)
    if len(pictures.unreadable) > NAMED:
        console.print(
            f"left out: {len(pictures.unreadable) - NAMED} more pictures that cannot be read", highlight=False
        )
    return pictures


def open_pictures(place: Path, options: ImportOptions | None = None, console: Console | None = None) -> Snapshot:
    """What `import_pictures` makes of a folder or a table; names on `console` what was left out or mended."""
    snapshot = import_pictures(place, options)
    if console:
        for problem in snapshot.problems[:NAMED]:
            console.print(problem, highlight=False, soft_wrap=True, markup=False)
        if len(snapshot.problems) > NAMED:
            console.print(f"{len(snapshot.problems) - NAMED} more of the kind: python -m ml describe names them")
    return snapshot


def split_pictures(snapshot: Snapshot, plan: SplitPlan, cache: Path, console: Console) -> Snapshot:
    """The snapshot, divided by the plan; says what it did about near-duplicates and about splits that were there."""
    if any(image.split and image.label for image in snapshot.images):
        console.print("the pictures come with splits of their own, which stay", highlight=False)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("looking for near-duplicates", total=len(snapshot.images))
        division = divide(snapshot, plan, cache, lambda done, _: bar.update(task, completed=done))
    if division.near_duplicates:
        pictures = {path for first, second, _ in division.near_duplicates for path in (first, second)}
        console.print(f"{len(pictures)} pictures have a near-duplicate: each stays on its side of the split")
    return division.snapshot


def with_every_split(snapshot: Snapshot, seed: int) -> Snapshot:
    """The snapshot with every split that training needs. Raises RunError where there is nothing to tell apart."""
    snapshot = replace(snapshot, images=fill_splits(snapshot.images, seed=seed))
    learned = {image.label for image in snapshot.images if image.label and image.split == "train"}
    if len(learned) < 2:
        raise RunError(f"{snapshot.folder} has {len(learned)} label(s) to learn: two or more are needed")
    return snapshot


def without_rare_labels(snapshot: Snapshot, minimum: int) -> Snapshot:
    """The snapshot without the pictures of labels that have fewer than `minimum`; negatives stay."""
    counts = Counter(image.label for image in snapshot.images)
    kept = tuple(image for image in snapshot.images if image.is_negative or counts[image.label] >= minimum)
    return replace(snapshot, images=kept)


def joined(sets: Sequence[Snapshot]) -> Snapshot:
    """One snapshot with the pictures of all sets, in the folder of the first; each keeps its groups and splits.

    Pictures of one label in two sets are one label, those of one shop count together. Raises SnapshotError where a
    picture lies in two of the sets.
    """
    first, *others = sets
    if not others:
        return first
    images, names = list(first.images), dict(first.facts.get("label_names", {}))
    shops: Counter[str] = Counter(first.facts.get("sites"))
    for other in others:
        at = _way(first.folder, other.folder)
        images += [
            replace(image, path=posixpath.normpath(f"{at}/{image.path}"), group=f"{at}/{image.group}")
            for image in other.images
        ]
        names |= other.facts.get("label_names", {})
        shops.update(other.facts.get("sites"))
    if twice := [path for path, count in Counter(image.path for image in images).items() if count > 1]:
        raise SnapshotError(f"{twice[0]} lies in two of the sets: name each set once")
    return replace(
        first,
        source=" and ".join(one.source for one in sets),
        images=tuple(images),
        facts={**first.facts, "label_names": names, **({"sites": dict(shops)} if shops else {})},
        problems=tuple(problem for one in sets for problem in one.problems),
    )


def with_negatives(snapshot: Snapshot, folder: Path) -> Snapshot:
    """The snapshot with all pictures anywhere below `folder` as negatives, each a group of its own, without a split.

    Raises SnapshotError where there are none.
    """
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in PICTURE_SUFFIXES and file.is_file())
    if not files:
        raise SnapshotError(f"{folder} holds no pictures: --negatives names a folder of pictures without our shoes")
    at = _way(snapshot.folder, folder)
    paths = [posixpath.normpath(f"{at}/{file.relative_to(folder).as_posix()}") for file in files]
    negatives = tuple(SnapshotImage(path=path, label="", group=path) for path in paths)
    return replace(snapshot, images=snapshot.images + negatives)


def _way(start: Path, end: Path) -> str:
    """The relative path between two folders as the system walks it: ".." behind a link leads where the link leads."""
    return Path(os.path.relpath(end.resolve(), start.resolve())).as_posix()
