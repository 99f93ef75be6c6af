"""Loading pictures with a bar in the terminal, and a word about those that cannot be read."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from ml.datasets.pictures import Pictures, load_pictures
from ml.datasets.snapshot import (
    PICTURE_SUFFIXES,
    Snapshot,
    SnapshotError,
    SnapshotImage,
    read_class_folders,
    read_snapshot,
)
from ml.training.run_folder import RunError

NAMED = 5
"""Unreadable pictures that are named one by one; the rest is counted."""


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


def open_pictures(folder: Path) -> Snapshot:
    """A snapshot, or class folders read as one. Raises SnapshotError where the folder is neither."""
    return read_snapshot(folder) if (folder / "snapshot.json").is_file() else read_class_folders(folder)


def check_labels(snapshot: Snapshot) -> None:
    """Raise RunError where there is nothing to tell apart."""
    learned = {image.label for image in snapshot.images if image.label and image.split == "train"}
    if len(learned) < 2:
        raise RunError(f"{snapshot.folder} has {len(learned)} label(s) to learn: two or more are needed")


def without_rare_labels(snapshot: Snapshot, minimum: int) -> Snapshot:
    """The snapshot without the pictures of labels that have fewer than `minimum`; negatives stay."""
    counts = Counter(image.label for image in snapshot.images)
    kept = tuple(image for image in snapshot.images if image.is_negative or counts[image.label] >= minimum)
    return replace(snapshot, images=kept)


def with_negatives(snapshot: Snapshot, folder: Path) -> Snapshot:
    """The snapshot with all pictures anywhere below `folder` as negatives, each a group of its own, without a split.

    Raises SnapshotError where there are none.
    """
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in PICTURE_SUFFIXES and file.is_file())
    if not files:
        raise SnapshotError(f"{folder} holds no pictures: --negatives names a folder of pictures without our shoes")
    paths = [Path(os.path.relpath(file, snapshot.folder)).as_posix() for file in files]
    negatives = tuple(SnapshotImage(path=path, label="", group=path) for path in paths)
    return replace(snapshot, images=snapshot.images + negatives)
