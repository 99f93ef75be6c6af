"""Loading pictures with a bar in the terminal, and a word about those that cannot be read."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from ml.datasets.pictures import Pictures, load_pictures
from ml.datasets.snapshot import Snapshot, read_class_folders, read_snapshot

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
