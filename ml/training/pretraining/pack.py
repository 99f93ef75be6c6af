"""A pack: everything that a pretraining needs in one folder of at most 64 MiB, for a machine that has an accelerator.

    pack.json      names, labels, side, teachers, the digest of the pictures
    rows.npz       of each picture: its set, its label there, its split, where its JPEG ends; what teachers said of it
    pictures.bin   the pictures as JPEGs, one behind the other; scenes.bin the same for the scenes
    teachers/      the weight files of the teachers, where they are to look at the crops themselves

The folder appears in one rename. Held-out pictures are in it for the probes alone.
"""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.training.pretraining.material import SPLITS, Material
from ml.training.pretraining.teachers import KINDS
from ml.training.run_folder import RunError, write_json

LIMIT_BYTES = 64 * 2**20
QUALITIES = (92, 88, 84, 80, 75, 70, 60, 50)
"""JPEG qualities, best first: the best one that fits is taken."""

HEADER = "pack.json"
ROWS = "rows.npz"


@dataclass(frozen=True)
class Pack:
    """A read pack. `teachings` (N, 256) are there where the teachers spoke when it was packed."""

    material: Material
    scenes: NDArray[np.uint8] | None
    teachers: tuple[str, ...]
    teachings: NDArray[np.float32] | None
    weights: Path


def is_pack(place: Path) -> bool:
    """Whether a pack lies there."""
    return (place / HEADER).is_file()


def write_pack(
    folder: Path,
    material: Material,
    scenes: NDArray[np.uint8] | None,
    teachers: Sequence[str],
    teachings: NDArray[np.float32] | None,
    weights: Path,
    probed: Sequence[str],
) -> int:
    """Write the pack and return its size in bytes. Of sets that are not `probed` only the train pictures go along.

    Raises RunError where the folder is there already, or where the pack would be too large at any quality.
    """
    if folder.exists():
        raise RunError(f"{folder} is there already: remove it, or name another folder for --pack")
    rows = _rows_to_pack(material, probed)
    unfinished = folder.with_name(f".{os.getpid()}-{folder.name}")
    try:
        (unfinished / "teachers").mkdir(parents=True)
        for name in teachers if teachings is None else ():
            shutil.copy2(weights / KINDS[name].file, unfinished / "teachers")
        scene_ends = _write_jpegs(unfinished / "scenes.bin", scenes if scenes is not None else [], 80)
        _write_rows(unfinished, material, rows, scene_ends, teachings)
        room = LIMIT_BYTES - _size(unfinished) - _ROOM_FOR_HEADER
        _write_pictures(unfinished, material, rows, room)
        header = {"names": material.names, "labels": material.labels, "side": material.side, "digest": material.digest}
        write_json(unfinished / HEADER, {**header, "teachers": list(teachers), "pictures": len(rows)})
        size = _size(unfinished)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return size


def read_pack(folder: Path) -> Pack:
    """What a pack holds, pictures decoded. Raises RunError where it is damaged."""
    try:
        header = json.loads((folder / HEADER).read_text(encoding="utf-8"))
        with np.load(folder / ROWS, allow_pickle=False) as archive:
            columns = {name: archive[name] for name in archive.files}
        material = Material(
            pixels=_read_jpegs(folder / "pictures.bin", columns["ends"], header["side"]),
            owners=columns["owners"],
            targets=columns["targets"],
            splits=columns["splits"],
            names=tuple(header["names"]),
            labels=tuple(tuple(labels) for labels in header["labels"]),
            digest=header["digest"],
        )
        scenes = _read_jpegs(folder / "scenes.bin", columns["scene_ends"], header["side"])
    except (OSError, ValueError, KeyError) as error:
        raise RunError(f"{folder} is not a whole pack ({error}): pack it anew") from error
    teachings = columns["teachings"].astype(np.float32) if "teachings" in columns else None
    return Pack(material, scenes if len(scenes) else None, tuple(header["teachers"]), teachings, folder / "teachers")


def _rows_to_pack(material: Material, probed: Sequence[str]) -> NDArray[np.intp]:
    places = [material.names.index(name) for name in probed]
    return np.flatnonzero((material.splits == SPLITS.index("train")) | np.isin(material.owners, places))


def _write_rows(
    folder: Path,
    material: Material,
    rows: NDArray[np.intp],
    scene_ends: NDArray[np.int64],
    teachings: NDArray[np.float32] | None,
) -> None:
    columns = {"owners": material.owners, "targets": material.targets, "splits": material.splits}
    taken: dict[str, Any] = {name: column[rows] for name, column in columns.items()}
    if teachings is not None:
        taken["teachings"] = teachings[rows].astype(np.float16)
    # The ends of the pictures are known last, but take their room here.
    np.savez(folder / ROWS, scene_ends=scene_ends, ends=np.zeros(len(rows), np.int64), **taken)


def _write_pictures(folder: Path, material: Material, rows: NDArray[np.intp], room: int) -> None:
    """pictures.bin at the best quality that fits, and where each picture ends."""
    file = folder / "pictures.bin"
    for quality in QUALITIES:
        squares = (material.pixels[rows[start : start + 1]][0] for start in range(len(rows)))
        ends = _write_jpegs(file, squares, quality, room)
        if len(ends) == len(rows):
            break
    else:
        raise RunError(
            f"{len(rows)} pictures of {material.side} px do not fit into a pack of {LIMIT_BYTES // 2**20} MiB: "
            "leave out a set, or take a smaller --side"
        )
    with np.load(folder / ROWS, allow_pickle=False) as archive:
        columns = {name: archive[name] for name in archive.files}
    np.savez(folder / ROWS, **{**columns, "ends": ends})


def _write_jpegs(file: Path, squares: object, quality: int, room: int | None = None) -> NDArray[np.int64]:
    """Where each JPEG ends in the file; fewer than there are pictures where `room` bytes are not enough."""
    ends: list[int] = []
    with file.open("wb") as stream:
        for square in squares:  # type: ignore[attr-defined]
            jpeg = io.BytesIO()
            Image.fromarray(square).save(jpeg, "JPEG", quality=quality)
            stream.write(jpeg.getbuffer())
            if room is not None and stream.tell() > room:
                break
            ends.append(stream.tell())
    return np.array(ends, np.int64)


def _read_jpegs(file: Path, ends: NDArray[np.int64], side: int) -> NDArray[np.uint8]:
    content = file.read_bytes()
    if len(ends) and ends[-1] != len(content):
        raise ValueError(f"{file.name} has {len(content)} bytes instead of {ends[-1]}")
    squares = np.empty((len(ends), side, side, 3), np.uint8)
    start = 0
    for row, end in enumerate(ends):
        with Image.open(io.BytesIO(content[start:end]), formats=("JPEG",)) as picture:
            squares[row] = np.asarray(picture.convert("RGB"))
        start = int(end)
    return squares


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


_ROOM_FOR_HEADER = 64 * 1024
