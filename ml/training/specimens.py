"""Pictures in every augment that is told apart, as an e-mail delivers them: what the second head learns from.

<cache>/augments-<key>.npy            (pictures, augments, size, size, 3) uint8 RGB
<cache>/augments-<key>.json           how many rows are done, and those of pictures that cannot be read
<cache>/augments-<key>.unfinished.npy work under way: it goes on where it was killed

The key covers what the pictures' files hold, in their order: a changed picture is made anew, a copied one is not.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from ml.datasets.disk_array import flush, new_disk_array
from ml.datasets.pictures import TRUSTED
from ml.datasets.snapshot import Snapshot, SnapshotImage
from ml.imaging.augments.delivered import make_variants
from ml.imaging.augments.table import PUBLISHED
from ml.imaging.cutout import cut_out
from ml.imaging.decode import DecodeError, decode_with_alpha
from ml.imaging.fit import fit_square
from ml.training.run_folder import replace_text

WORKERS = 2
WORTH_PROCESSES = 200
AT_ONCE = 256
VERSION = 2
"""Of the augments: raise it where one of them changes, so that nothing learns from the old ones."""

Tell = Callable[[float, float], None]
"""Called after every AT_ONCE pictures with the share done, 0 to 1, and the seconds that so much takes."""

_START: dict[str, Any] = {"done": 0, "unreadable": []}


@dataclass(frozen=True)
class Specimens:
    """`pixels` (P, A, S, S, 3): picture p in augment a. A row is p * A + a, and a its target."""

    pixels: NDArray[np.uint8]
    images: tuple[SnapshotImage, ...]

    @property
    def targets(self) -> NDArray[np.int64]:
        """(P * A,): the place of each row's augment in PUBLISHED."""
        return np.tile(np.arange(len(PUBLISHED)), len(self.images))

    def rows_of(self, chosen: NDArray[np.bool_]) -> NDArray[np.intp]:
        """The rows of the chosen (P,) pictures, all augments of each."""
        places = np.flatnonzero(chosen)[:, None] * len(PUBLISHED) + np.arange(len(PUBLISHED))
        return places.ravel()

    def variants(self, rows: NDArray[np.intp], random: Generator) -> NDArray[np.uint8]:
        """The rows' squares, every second one mirrored."""
        squares = self.originals(rows)
        mirrored = random.random(len(rows)) < 0.5
        squares[mirrored] = squares[mirrored, :, ::-1]
        return squares

    def originals(self, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
        """The rows' squares as they are: (B, S, S, 3)."""
        return self.pixels[rows // len(PUBLISHED), rows % len(PUBLISHED)]


def make_specimens(
    snapshot: Snapshot,
    images: Sequence[SnapshotImage],
    size: int,
    cache: Path,
    console: Console,
    tell: Tell = lambda _share, _seconds: None,
) -> Specimens:
    """All six augments of these pictures in squares of `size` pixels, from the cache or made now.

    Pictures that cannot be read are left out and counted on `console`, which shows progress too; `tell` is told it.
    """
    file = cache / f"augments-{_key(snapshot, images, size)}.npy"
    if not file.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        _make(snapshot, images, size, file, console, tell)
    if unreadable := set(_place(file)["unreadable"]):
        console.print(f"left out: {len(unreadable)} of {len(images)} pictures that cannot be read", highlight=False)
    readable = [row for row in range(len(images)) if row not in unreadable]
    pixels = np.load(file, mmap_mode="r")
    return Specimens(pixels[readable] if unreadable else pixels, tuple(images[row] for row in readable))


def _key(snapshot: Snapshot, images: Sequence[SnapshotImage], size: int) -> str:
    """A name for just what the files of these pictures hold, in this order, wherever they lie."""
    digest = hashlib.sha256(f"{VERSION}\t{size}".encode())
    for image in images:
        try:
            digest.update(hashlib.sha256(snapshot.file(image).read_bytes()).digest())
        except OSError:
            digest.update(b"missing")
    return digest.hexdigest()[:24]


def _make(
    snapshot: Snapshot, images: Sequence[SnapshotImage], size: int, file: Path, console: Console, tell: Tell
) -> None:
    unfinished = file.with_suffix(".unfinished.npy")
    place = _place(file)
    if unfinished.is_file():
        squares = np.load(unfinished, mmap_mode="r+")
    else:
        squares, place = new_disk_array(unfinished, np.uint8, (len(images), len(PUBLISHED), size, size, 3)), _START
    found, began = place["done"], time.monotonic()
    with (
        Progress(console=console, transient=True, disable=not console.is_terminal) as bar,
        _mapping(len(images) - place["done"]) as mapped,
    ):
        task = bar.add_task("augments of pictures", total=len(images), completed=place["done"])
        for start in range(place["done"], len(images), AT_ONCE):
            some = images[start : start + AT_ONCE]
            for row, specimen in enumerate(mapped(partial(_specimen, snapshot, size), some), start):
                if specimen is None:
                    place = {**place, "unreadable": [*place["unreadable"], row]}
                else:
                    squares[row] = specimen
            flush(squares)
            place = {**place, "done": start + len(some)}
            replace_text(file.with_suffix(".json"), json.dumps(place))
            bar.advance(task, len(some))
            seconds = (time.monotonic() - began) * place["done"] / (place["done"] - found)
            tell(place["done"] / len(images), seconds)
    unfinished.replace(file)


@contextmanager
def _mapping(count: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """`map`, in processes of their own where there are so many that starting them is worth while."""
    if count < WORTH_PROCESSES:
        yield map
        return
    with ProcessPoolExecutor(WORKERS, get_context("spawn"), initializer=_one_thread) as pool:
        yield pool.map


def _one_thread() -> None:
    cv2.setNumThreads(1)


def _place(file: Path) -> dict[str, Any]:
    """How far the work on `file` is."""
    written = file.with_suffix(".json")
    return dict(json.loads(written.read_text("utf-8"))) if written.is_file() else _START


def _specimen(snapshot: Snapshot, size: int, image: SnapshotImage) -> NDArray[np.uint8] | None:
    """(A, size, size, 3); None where the picture cannot be read."""
    try:
        decoded = decode_with_alpha(snapshot.file(image).read_bytes(), TRUSTED)
    except (DecodeError, OSError):
        return None
    variants = make_variants(decoded.image, cut_out(decoded.image, decoded.alpha), PUBLISHED)
    return np.stack([fit_square(one.pixels, size) for one in variants.values()])
