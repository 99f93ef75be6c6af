"""Class folders inside folders named for their split: train/<label>/, validation/<label>/, test/<label>/."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ml.datasets.snapshot import Snapshot, SnapshotError, SnapshotImage, read_class_folders

SPLIT_OF = {"train": "train", "training": "train", "test": "test", "testing": "test"}
SPLIT_OF |= dict.fromkeys(("validation", "valid", "val"), "validation")


def has_split_folders(folder: Path) -> bool:
    """Whether every folder in `folder` is named for a split, one of them for training, and that holds folders."""
    inside = [entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith((".", "__"))]
    splits = {SPLIT_OF.get(entry.name.lower(), "") for entry in inside}
    trained = [entry for entry in inside if SPLIT_OF.get(entry.name.lower()) == "train"]
    return "train" in splits and "" not in splits and any(entry.is_dir() for entry in trained[0].iterdir())


def read_split_folders(folder: Path) -> Snapshot:
    """The class folders of every split as one snapshot whose splits are fixed.

    Raises SnapshotError as `read_class_folders` does, and where a label is held out that is never trained.
    """
    images: list[SnapshotImage] = []
    for place in sorted(entry for entry in folder.iterdir() if entry.name.lower() in SPLIT_OF and entry.is_dir()):
        for image in read_class_folders(place).images:
            path = f"{place.name}/{image.path}"
            images.append(replace(image, path=path, group=path, split=SPLIT_OF[place.name.lower()]))
    trained = {image.label for image in images if image.split == "train"}
    if untrained := sorted({image.label for image in images} - trained):
        raise SnapshotError(f"{folder} holds out the label {untrained[0]!r}, of which nothing is in train")
    return Snapshot(folder=folder, source=f"class folders {folder.name}", images=tuple(images), facts={})
