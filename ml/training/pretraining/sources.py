"""Where a pretraining's pictures come from: sets read and divided here, or a pack that was made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from ml.datasets.division import SplitPlan
from ml.datasets.importers import ImportOptions
from ml.datasets.pictures import read_picture
from ml.datasets.snapshot import PICTURE_SUFFIXES, SnapshotError
from ml.imaging.decode import DecodeError
from ml.training.pretraining.material import Material, gather
from ml.training.pretraining.pack import is_pack, read_pack, write_pack
from ml.training.pretraining.picture_sets import open_sets, orders_of
from ml.training.pretraining.pretraining import open_faculty
from ml.training.pretraining.settings import PretrainSettings, Sources, check_settings
from ml.training.pretraining.teachers import POOLED, compiled
from ml.training.run_folder import RunError

BATCH = 64
MOST_SCENES = 400


def open_sources(
    places: Sequence[Path],
    options: ImportOptions,
    aside: Sequence[Path],
    scenes: Path | None,
    weights: Path | None,
    cache: Path,
    settings: PretrainSettings,
    console: Console,
) -> tuple[Sources, PretrainSettings]:
    """The pictures of a pack, or of all sets at once, and the settings with what they leave open filled in.

    Raises SnapshotError, RunError or WeightsError where they cannot be had.
    """
    if len(places) == 1 and is_pack(places[0]):
        return _from_pack(places[0], weights, settings)
    check_settings(settings, weights)
    sets = open_sets(orders_of(places, options, aside), SplitPlan(seed=settings.seed), cache, console)
    material = gather(sets, settings.picture_side, cache, console)
    settings = replace(settings, probes=settings.probes or material.names[:1])
    sources = Sources(material, _scenes(material, scenes), weights)
    if settings.teachers and settings.teaching == "cached":
        teachings = teach_once(sources, settings, cache, console)
        sources = replace(sources, teachings=teachings)
    return sources, settings


def pack(sources: Sources, settings: PretrainSettings, folder: Path, console: Console) -> None:
    """Write a pack of what was opened; says how large it is."""
    size = write_pack(
        folder,
        sources.material,
        sources.scenes,
        settings.teachers,
        sources.teachings,
        sources.weights or Path(),
        settings.probes,
    )
    console.print(f"{folder}: {size / 2**20:.1f} MiB, everything that a pretraining needs", highlight=False)


def teach_once(sources: Sources, settings: PretrainSettings, cache: Path, console: Console) -> NDArray[np.float32]:
    """(N, 256): what the teachers say about each clean picture, from the cache or asked now."""
    key = f"teachings-{sources.material.digest[:16]}-{sources.material.side}-{'-'.join(settings.teachers)}"
    file = cache / f"{key}.npy"
    if file.is_file():
        return np.asarray(np.load(file), np.float32)
    cache.mkdir(parents=True, exist_ok=True)
    faculty = open_faculty(cache / f"{key}.npz", sources, settings, console)
    if faculty is None:
        raise RunError("there are no teachers to ask: --teachers names them")
    rows, said = np.arange(len(sources.material.pixels)), []
    ask = compiled(lambda pictures: {POOLED: faculty.say(pictures, 1, 1)[POOLED]})
    for start in track(range(0, len(rows), BATCH), "asking the teachers", console=console, transient=True):
        said.append(ask(sources.material.pixels[rows[start : start + BATCH]])[POOLED])
    teachings = np.concatenate(said).astype(np.float16)
    unfinished = file.with_name(f".{file.name}")
    np.save(unfinished, teachings)
    unfinished.replace(file)
    return teachings.astype(np.float32)


def _from_pack(folder: Path, weights: Path | None, settings: PretrainSettings) -> tuple[Sources, PretrainSettings]:
    packed = read_pack(folder)
    weights = weights or packed.weights
    cached = packed.teachings is not None
    if settings.teachers and not set(settings.teachers) <= set(packed.teachers):
        raise RunError(f"{folder} was packed for the teachers {', '.join(packed.teachers) or 'none'}: pack it anew")
    if settings.teachers and cached != (settings.teaching == "cached"):
        raise RunError(f"{folder} was packed for --teaching {'cached' if cached else 'crop'}: pack it anew")
    if settings.side not in (0, packed.material.side):
        raise RunError(f"{folder} holds pictures of {packed.material.side} px: leave --side out")
    settings = replace(settings, side=packed.material.side, probes=settings.probes or packed.material.names[:1])
    teachings = packed.teachings if settings.teachers else None
    check_settings(settings, weights, have_spoken=teachings is not None)
    return Sources(packed.material, packed.scenes, weights, teachings), settings


def _scenes(material: Material, folder: Path | None) -> NDArray[np.uint8] | None:
    """The negatives to learn from, and the pictures of a folder of scenes."""
    negatives = np.array([row for row in material.rows("train") if material.targets[row] < 0], np.intp)
    found = [material.pixels[negatives[:MOST_SCENES]]] if len(negatives) else []
    if folder is not None:
        files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in PICTURE_SUFFIXES)
        squares = [square for file in files[:MOST_SCENES] if (square := _read(file, material.side)) is not None]
        if not squares:
            raise SnapshotError(f"{folder} holds no picture that can be read: --scenes names a folder of pictures")
        found.append(np.stack(squares))
    return np.concatenate(found) if found else None


def _read(file: Path, side: int) -> NDArray[np.uint8] | None:
    try:
        return read_picture(file, side)
    except (DecodeError, OSError, ValueError):
        return None
