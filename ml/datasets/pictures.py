"""The pictures of a snapshot as one array on disk: decoded and fitted once, read by every epoch.

    <cache>/<digest>-<size>/pixels.npy   (N, size, size, 3) uint8 RGB
                            rows.json    the path of each row, and the pictures that could not be read, with the reason

The folder appears in one rename, so that a killed run leaves none by half. Its digest covers the snapshot's table and
the length and time of every file: a changed picture is decoded anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.datasets.disk_array import new_disk_array
from ml.datasets.snapshot import Snapshot, SnapshotError, SnapshotImage
from ml.imaging.decode import DecodeError, Limits, decode
from ml.imaging.fit import fit_square

WORKERS = 2
IN_FLIGHT = 64
TRUSTED = Limits(max_bytes=64 * 2**20, min_side=8)
"""Training pictures are ours: thumbnails and large originals are welcome."""
Progress = Callable[[int, int], None]
"""Called with (pictures done, pictures in all)."""


@dataclass(frozen=True)
class UnreadablePicture:
    """A picture that is left out of training, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Pictures:
    """Pictures of one size. `pixels` is (N, size, size, 3) uint8 RGB; row i shows `images[i]`."""

    pixels: NDArray[np.uint8]
    images: tuple[SnapshotImage, ...]
    unreadable: tuple[UnreadablePicture, ...]
    digest: str

    @property
    def size(self) -> int:
        return int(self.pixels.shape[1])

    def rows(self, split: str, *, negatives: bool = False) -> NDArray[np.intp]:
        """Where the pictures of a split lie: those with a label, or the negatives."""
        chosen = [
            row for row, image in enumerate(self.images) if image.split == split and image.is_negative == negatives
        ]
        return np.array(chosen, np.intp)

    def targets(self, labels: tuple[str, ...]) -> NDArray[np.int64]:
        """The position of each row's label in `labels`; -1 for negatives."""
        position = {label: place for place, label in enumerate(labels)}
        return np.array([position[image.label] if image.label else -1 for image in self.images], np.int64)


def pictures_digest(snapshot: Snapshot) -> str:
    """SHA-256 over the snapshot's table and every picture's length and time of change."""
    digest = hashlib.sha256(snapshot.digest.encode())
    for image in sorted(snapshot.images, key=lambda image: image.path):
        try:
            facts = snapshot.file(image).stat()
            digest.update(f"{image.path}\t{facts.st_size}\t{facts.st_mtime_ns}\n".encode())
        except OSError:
            digest.update(f"{image.path}\tmissing\n".encode())
    return digest.hexdigest()


def load_pictures(snapshot: Snapshot, size: int, cache: Path, progress: Progress | None = None) -> Pictures:
    """All pictures of `snapshot` fitted into squares of `size` pixels, from the cache or decoded now.

    Pictures that cannot be read are left out and named in `unreadable`. Raises SnapshotError where none can be read,
    or none of some label.
    The splits come from `snapshot`, not from the cache: they may change without decoding anew.
    """
    digest = pictures_digest(replace(snapshot, images=tuple(replace(image, split="") for image in snapshot.images)))
    folder = cache / f"{digest[:16]}-{size}"
    if not folder.is_dir():
        _write_cache(snapshot, size, folder, progress)
    rows = json.loads((folder / "rows.json").read_text(encoding="utf-8"))
    image_at = {image.path: image for image in snapshot.images}
    _check_every_label(snapshot, {image_at[path].label for path in rows["paths"]}, rows["unreadable"])
    return Pictures(
        pixels=np.load(folder / "pixels.npy", mmap_mode="r"),
        images=tuple(image_at[path] for path in rows["paths"]),
        unreadable=tuple(UnreadablePicture(**entry) for entry in rows["unreadable"]),
        digest=digest,
    )


def read_picture(file: Path, size: int) -> NDArray[np.uint8]:
    """One picture, decoded and fitted. Raises DecodeError or OSError where it cannot be read."""
    return fit_square(decode(file.read_bytes(), TRUSTED), size)


def _write_cache(snapshot: Snapshot, size: int, folder: Path, progress: Progress | None) -> None:
    unfinished = folder.with_name(f".{os.getpid()}-{folder.name}")
    unfinished.mkdir(parents=True, exist_ok=True)
    try:
        pixels = new_disk_array(unfinished / "whole.npy", np.uint8, (len(snapshot.images), size, size, 3))
        paths: list[str] = []
        unreadable: list[dict[str, str]] = []
        for done, (image, square) in enumerate(_decoded(snapshot, size), 1):
            if isinstance(square, str):
                unreadable.append({"path": image.path, "reason": square})
            else:
                pixels[len(paths)] = square
                paths.append(image.path)
            if progress:
                progress(done, len(snapshot.images))
        if not paths:
            raise SnapshotError(f"{snapshot.folder} holds no picture that can be read: {unreadable[:1]}")
        _keep_first_rows(unfinished, pixels, len(paths))
        (unfinished / "rows.json").write_text(json.dumps({"paths": paths, "unreadable": unreadable}), encoding="utf-8")
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _check_every_label(snapshot: Snapshot, readable: set[str], unreadable: list[dict[str, str]]) -> None:
    if lost := sorted(set(snapshot.labels) - readable):
        of_label = {image.path for image in snapshot.images if image.label == lost[0]}
        first = next(entry for entry in unreadable if entry["path"] in of_label)
        raise SnapshotError(
            f"no picture of the label {lost[0]!r} can be read ({first['path']}: {first['reason']}): "
            f"mend or remove the pictures of {len(lost)} label(s)"
        )


def _decoded(snapshot: Snapshot, size: int) -> Iterator[tuple[SnapshotImage, NDArray[np.uint8] | str]]:
    """Every picture in order, or the reason why it cannot be read; a bounded number is in flight."""

    def attempt(image: SnapshotImage) -> NDArray[np.uint8] | str:
        try:
            return read_picture(snapshot.file(image), size)
        except (DecodeError, OSError, ValueError) as error:
            return str(error)

    with ThreadPoolExecutor(WORKERS) as pool:
        for start in range(0, len(snapshot.images), IN_FLIGHT):
            images = snapshot.images[start : start + IN_FLIGHT]
            yield from zip(images, pool.map(attempt, images), strict=True)


def _keep_first_rows(folder: Path, pixels: NDArray[np.uint8], count: int) -> None:
    """pixels.npy out of whole.npy: the same file where every picture could be read, else a copy without the tail."""
    if count == len(pixels):
        (folder / "whole.npy").rename(folder / "pixels.npy")
        return
    kept = new_disk_array(folder / "pixels.npy", np.uint8, (count, *pixels.shape[1:]))
    for start in range(0, count, 1024):
        kept[start : start + 1024] = pixels[start : min(count, start + 1024)]
    (folder / "whole.npy").unlink()
