"""The snapshot: training data frozen in a folder, the border between the site's database and the models.

    snapshot.json   what it is: source, how it was made, number of pictures, digest of images.csv
    images.csv      path,label,group,split,angle_deg   one line a picture; path is relative to the folder
    images/         the pictures (anywhere below the folder)

`label` is the class to learn; empty means "no shoe of ours" (a negative). `group` names what must not straddle a split
(the product, or the picture itself where nothing better is known). `split` is train, validation, test, or empty where
the trainer is to split. `angle_deg` is the angle of a 360-degree view, or empty.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

SPLITS = ("train", "validation", "test", "")
PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic"})


class SnapshotError(ValueError):
    """A folder that is not a snapshot, or not a whole one. The message says what to do."""


@dataclass(frozen=True)
class SnapshotImage:
    """One picture of a snapshot; `path` is relative to the snapshot's folder, with forward slashes."""

    path: str
    label: str
    group: str
    split: str = ""
    angle_deg: int | None = None

    @property
    def is_negative(self) -> bool:
        """Whether this picture shows no shoe of ours."""
        return not self.label


@dataclass(frozen=True)
class Snapshot:
    """Pictures with their labels, and where they come from.

    `attributes` holds what a table said about a picture, by its path: column -> value. `problems` names what was left
    out or mended while the pictures were looked up, a sentence each. Neither is part of the digest or is written.
    """

    folder: Path
    source: str
    images: tuple[SnapshotImage, ...]
    facts: dict[str, Any]
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, sorted; the negatives' empty label is not one."""
        return tuple(sorted({image.label for image in self.images if image.label}))

    @property
    def digest(self) -> str:
        """SHA-256 over the table of pictures: the same pictures, labels and splits give the same digest."""
        table = "\n".join(
            f"{image.path}\t{image.label}\t{image.group}\t{image.split}"
            for image in sorted(self.images, key=lambda image: image.path)
        )
        return hashlib.sha256(table.encode()).hexdigest()

    def file(self, image: SnapshotImage) -> Path:
        """Where a picture lies."""
        return self.folder / image.path


def write_snapshot(folder: Path, source: str, images: Iterable[SnapshotImage], **facts: Any) -> Snapshot:
    """Write the table and the facts beside pictures that already lie in `folder`; snapshot.json comes last."""
    snapshot = Snapshot(folder=folder, source=source, images=tuple(images), facts=facts)
    columns = [column.name for column in fields(SnapshotImage)]
    with (folder / "images.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns)
        table.writeheader()
        table.writerows(asdict(image) for image in snapshot.images)
    header = {"source": source, "pictures": len(snapshot.images), "digest": snapshot.digest, **facts}
    (folder / "snapshot.json").write_text(json.dumps(header, indent=1) + "\n", encoding="utf-8")
    return snapshot


def read_snapshot(folder: Path) -> Snapshot:
    """Read a snapshot; raises SnapshotError where the folder is none or its table was changed by hand."""
    try:
        header = json.loads((folder / "snapshot.json").read_text(encoding="utf-8"))
        with (folder / "images.csv").open(encoding="utf-8", newline="") as file:
            images = tuple(_image_of(row) for row in csv.DictReader(file))
    except FileNotFoundError as error:
        raise SnapshotError(f"{folder} is not a snapshot: {Path(error.filename).name} is missing") from error
    except (ValueError, KeyError) as error:
        raise SnapshotError(f"{folder} is not a readable snapshot: {error}") from error
    digest = header.pop("digest", None)
    snapshot = Snapshot(folder=folder, source=header.pop("source", ""), images=images, facts=header)
    if snapshot.digest != digest:
        raise SnapshotError(f"{folder}/images.csv does not match snapshot.json: write the snapshot anew")
    return snapshot


def read_class_folders(folder: Path) -> Snapshot:
    """A folder of folders as a snapshot without copying: each folder's name is the label of the pictures in it.

    Every picture is a group of its own, since nothing says which belong together. Folders whose names begin with a dot
    or two underscores do not count. Raises SnapshotError where a folder has no pictures or there are fewer than two.
    """
    if not folder.is_dir():
        raise SnapshotError(f"{folder} is not a folder")
    images: list[SnapshotImage] = []
    empty: list[str] = []
    for place in sorted(entry for entry in folder.iterdir() if entry.is_dir()):
        if place.name.startswith((".", "__")):
            continue
        files = sorted(file for file in place.iterdir() if _is_picture(file))
        paths = [file.relative_to(folder).as_posix() for file in files]
        images += [SnapshotImage(path=path, label=place.name, group=path) for path in paths]
        if not paths:
            empty.append(place.name)
    if len({image.label for image in images}) < 2:
        raise SnapshotError(f"{folder} holds fewer than two folders with pictures: one folder for each label is needed")
    if empty:
        raise SnapshotError(
            f"{folder} has {len(empty)} label folder(s) without a picture: {', '.join(empty[:5])}. "
            f"Put pictures ({', '.join(sorted(PICTURE_SUFFIXES))}) there, or remove the folder"
        )
    return Snapshot(folder=folder, source=f"class folders {folder.name}", images=tuple(images), facts={})


def _is_picture(file: Path) -> bool:
    # macOS leaves ._name.jpg files beside the pictures of an archive.
    return file.suffix.lower() in PICTURE_SUFFIXES and not file.name.startswith(".") and file.is_file()


def _image_of(row: dict[str, str]) -> SnapshotImage:
    if row["split"] not in SPLITS:
        raise ValueError(f"split is {row['split']!r}, expected one of train, validation, test or nothing")
    angle = row["angle_deg"]
    return SnapshotImage(
        path=row["path"],
        label=row["label"],
        group=row["group"],
        split=row["split"],
        angle_deg=int(angle) if angle else None,
    )
